package voice

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/console"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/schema"
)

// longestPlay is how long one answer may be spoken.
const longestPlay = 10 * time.Minute

// mouth is an output that speaks.
type mouth struct {
	name                 string
	model, voice, format string
	player               []string
	service              *service
	env                  component.Env
}

// NewOutput makes `output voice`.
func NewOutput(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	m := &mouth{name: spec.Name}
	var errs [5]error
	m.model, errs[0] = v.Text("model", schema.SpeechModel)
	m.voice, errs[1] = v.Text("voice", schema.SpeechVoice)
	m.format, errs[2] = v.Text("format", schema.SpeechFormat)
	m.player, errs[3] = v.Texts("player")
	m.service, errs[4] = serviceOf(spec.Name, v)
	if len(m.player) == 0 {
		m.player = schema.Player()
	}
	return m, errors.Join(errs[:]...)
}

// Start implements component.Kind. One answer is spoken at a time.
func (m *mouth) Start(_ context.Context, env component.Env) (component.Traits, error) {
	m.env = env
	if m.service.offline {
		env.Log.Info("offline: nothing is spoken")
	}
	return component.Traits{Capabilities: []string{"text", "voice"}, MaxConcurrent: 1}, nil
}

// Handle speaks an answer, and passes it on as text.
func (m *mouth) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	body := console.Trim(t.Body)
	res := component.Result{ContentType: t.ContentType, Body: body}
	if m.service.offline || strings.TrimSpace(string(body)) == "" {
		return res, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longestPlay, errLimit(m.name, longestPlay))
	defer cancel()
	sound, err := m.service.speech(ctx, m.model, m.voice, m.format, string(body))
	if err != nil {
		return component.Result{}, err
	}
	_, err = run(ctx, m.env, m.player, sound)
	return res, err
}

func (m *mouth) Close(context.Context) error {
	m.service.client.CloseIdleConnections()
	return nil
}

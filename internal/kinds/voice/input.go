// Package voice is what hears and speaks: `input push_to_talk`, `input keyword_voice`, `output voice`. Recording, noticing
// that somebody wants to speak, and playing are programs that the declaration names; words become sound and sound words
// by the audio API of OpenAI, or of a service that speaks as it does.
package voice

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/internal/turn"
)

const (
	// Talk is what is typed at a push_to_talk to be recorded.
	Talk         = "/talk"
	defaultLimit = time.Minute
	firstPause   = time.Second
	lastPause    = time.Minute
)

// ear is an input that hears.
type ear struct {
	name, keyword     string
	model             string
	recorder, trigger []string
	limit             time.Duration
	service           *service
	env               component.Env
	stop              context.CancelFunc
	over              sync.WaitGroup
}

// New makes `input push_to_talk` and `input keyword_voice`.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	e := &ear{name: spec.Name}
	var errs [6]error
	e.keyword, errs[0] = v.Text("keyword", "")
	e.model, errs[1] = v.Text("model", schema.VoiceModel)
	e.recorder, errs[2] = v.Texts("recorder")
	e.trigger, errs[3] = v.Texts("trigger")
	e.limit, errs[4] = v.Duration("timeout", defaultLimit)
	e.service, errs[5] = serviceOf(spec.Name, v)
	if len(e.recorder) == 0 {
		e.recorder = schema.Recorder()
	}
	return e, errors.Join(errs[:]...)
}

// Start begins to listen: for the keyword, or for what the trigger notices. Offline nobody listens.
func (e *ear) Start(_ context.Context, env component.Env) (component.Traits, error) {
	e.env = env
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	switch {
	case e.service.offline:
		env.Log.Info("offline: nothing is recorded; what is typed goes on as it is")
	case e.keyword != "" || len(e.trigger) > 0:
		e.over.Go(func() { e.listen(ctx) })
	}
	return component.Traits{Capabilities: []string{"text", "voice"}}, nil
}

// Handle passes on what is typed, or what is heard when that is Talk.
func (e *ear) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	if strings.TrimSpace(string(t.Body)) != Talk || e.service.offline {
		return component.Result{ContentType: t.ContentType, Body: t.Body}, nil
	}
	text, err := e.hear(ctx)
	if err == nil && text == "" {
		err = errSilence(e.name)
	}
	return component.Result{ContentType: tool.Text, Body: []byte(text)}, err
}

// hear records and returns what is said.
func (e *ear) hear(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, e.limit, errLimit(e.name, e.limit))
	defer cancel()
	wav, err := run(ctx, e.env, e.recorder, nil)
	if err != nil || len(wav) == 0 {
		return "", err
	}
	return e.service.heard(ctx, e.model, wav)
}

// listen asks the app what it hears, each time, until ctx ends.
func (e *ear) listen(ctx context.Context) {
	pause := firstPause
	session := turn.NewSession()
	for ctx.Err() == nil {
		began := time.Now()
		text, err := e.next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			e.env.Log.Error("nothing is heard", "error", err, "again_in", pause.String())
			wait(ctx, pause)
			pause = min(2*pause, lastPause)
			continue
		case text == "":
			if time.Since(began) < firstPause { // a recorder that ends at once must not keep a CPU busy
				wait(ctx, firstPause)
			}
			continue
		}
		pause = firstPause
		e.ask(ctx, session, text)
	}
}

// next is what is said to the app; empty: nothing is.
func (e *ear) next(ctx context.Context) (string, error) {
	if len(e.trigger) > 0 {
		if _, err := run(ctx, e.env, e.trigger, nil); err != nil {
			return "", err
		}
		return e.hear(ctx)
	}
	text, err := e.hear(ctx)
	if err != nil {
		return "", err
	}
	rest, _ := after(e.keyword, text)
	return rest, nil
}

func (e *ear) ask(ctx context.Context, session, text string) {
	end, err := e.env.Turns.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: e.name}, turn.Follow{})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		e.env.Log.Error("what was heard has no answer", "error", err)
	case end.Status != event.StatusOK:
		e.env.Log.Error("what was heard has no answer", "status", string(end.Status), "error", end.Error)
	}
}

// after is what follows a keyword with which a text begins, however it is written.
func after(keyword, text string) (rest string, found bool) {
	want := words(keyword)
	at := 0
	for _, w := range want {
		begin := strings.IndexFunc(text[at:], letter)
		if begin < 0 {
			return "", false
		}
		at += begin
		end := strings.IndexFunc(text[at:], func(r rune) bool { return !letter(r) })
		if end < 0 {
			end = len(text) - at
		}
		if !strings.EqualFold(text[at:at+end], w) {
			return "", false
		}
		at += end
	}
	return strings.TrimLeftFunc(text[at:], func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }), true
}

func words(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return !letter(r) }) }

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' }

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (e *ear) Close(context.Context) error {
	if e.stop != nil {
		e.stop()
	}
	e.over.Wait()
	e.service.client.CloseIdleConnections()
	return nil
}

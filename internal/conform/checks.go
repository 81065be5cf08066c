package conform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// starts begins a life of the component.
func (t *trial) starts(ctx context.Context) error {
	s, err := start(t.o.Command)
	if err != nil {
		t.hopeless = "it could not be started"
		return err
	}
	t.s = s
	_, greeted := s.request("initialize", map[string]any{
		"protocol":  1,
		"component": map[string]any{"name": "mine", "kind": "custom", "type": "process", "instance": "mine-test", "generation": 1, "restarts": 0},
		"app":       map[string]any{"name": "test", "dir": t.o.Command.Dir}, "config": orEmpty(t.o.Config), "unknown": true,
	})
	timer := time.NewTimer(t.o.Patience)
	defer timer.Stop()
	for {
		select {
		case said := <-s.ready:
			s.notify("lifecycle", map[string]string{"old": "initializing", "new": "ready"})
			t.note = introduction(said.Name, said.Version)
			return nil
		case m := <-greeted:
			greeted = nil
			if len(m.Error) > 0 {
				return t.lost(errRefused(reason(m.Error)))
			}
		case <-s.tree.Exited():
			<-s.tree.Done()
			return t.lost(&diedError{"before it was ready", s.tree.Exit()})
		case <-timer.C:
			return t.lost(errNoReady(t.o.Patience))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func orEmpty(config map[string]any) map[string]any {
	if config == nil {
		return map[string]any{}
	}
	return config
}

func introduction(name, version string) string { return strings.TrimSpace(name + " " + version) }

func reason(raw json.RawMessage) string {
	var object struct{ Message string }
	var text string
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &object) == nil && object.Message != "":
		return object.Message
	}
	return string(raw)
}

// lost is an error after which nothing can be asked.
func (t *trial) lost(err error) error {
	t.hopeless = "not tried: " + shortened(err)
	return err
}

func shortened(err error) string {
	text, _, _ := strings.Cut(err.Error(), ": ")
	return text
}

func (t *trial) introduces(context.Context) error {
	s := t.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.badReady != nil {
		return errReady(script.WrongType(s.badReady).Error())
	}
	seen := map[string]bool{}
	for _, tool := range s.said.Tools {
		var schema struct{ Type string }
		switch {
		case tool.Name == "":
			return errReady("a tool has no name")
		case seen[tool.Name]:
			return errReady(fmt.Sprintf("two tools are called %q", tool.Name))
		case len(tool.InputSchema) > 0 && (json.Unmarshal(tool.InputSchema, &schema) != nil || schema.Type != "object"):
			return errReady(fmt.Sprintf(`inputSchema of %q must be a JSON Schema with "type": "object"`, tool.Name))
		}
		seen[tool.Name] = true
	}
	t.note = fmt.Sprintf("%d tools, %d at once", len(s.said.Tools), s.said.MaxConcurrent)
	return nil
}

// hop is the parameters of a part of a turn.
func hop(contentType string, data any) map[string]any {
	return map[string]any{
		"role": "hop", "session": "test-session", "turn": "test-turn", "attempt": 1, "content_type": contentType, "data": data, "unknown": 1,
	}
}

// ask hands over one request and looks at its answer.
func (t *trial) ask(ctx context.Context, what string, p map[string]any) error {
	id, answer := t.s.request("process", p)
	what = fmt.Sprintf("%s (request %d)", what, id)
	m, err := t.s.await(ctx, answer, what, t.o.Patience)
	if err != nil {
		return t.lost(err)
	}
	return form(what, m)
}

// form says whether an answer can be read.
func form(what string, m message) error {
	switch {
	case len(m.Error) > 0 && len(m.Result) > 0 && string(m.Result) != "null":
		return errForm(what, string(m.Result), "a result and an error at once; an answer has one of them")
	case len(m.Error) > 0:
		return formOfError(what, m.Error)
	}
	var object struct {
		Data     json.RawMessage `json:"data"`
		Encoding string          `json:"encoding"`
	}
	var text string
	switch {
	case len(m.Result) == 0 || string(m.Result) == "null":
		return nil
	case json.Unmarshal(m.Result, &text) == nil:
		return nil
	case json.Unmarshal(m.Result, &object) != nil || object.Data == nil:
		return errForm(what, string(m.Result), `neither a text, nor an object with "data", nor null`)
	case object.Encoding != "" && object.Encoding != "base64":
		return errForm(what, string(m.Result), `the only encoding is "base64"`)
	}
	return nil
}

func formOfError(what string, raw json.RawMessage) error {
	var object struct{ Message *string }
	var text string
	if json.Unmarshal(raw, &text) == nil || json.Unmarshal(raw, &object) == nil && object.Message != nil {
		return nil
	}
	return errForm(what, string(raw), `an error has a "message" that says what is wrong`)
}

func (t *trial) answersTurn(ctx context.Context) error {
	id, answer := t.s.request("process", hop("text/plain", t.o.Text))
	what := fmt.Sprintf("a turn (request %d)", id)
	m, err := t.s.await(ctx, answer, what, t.o.Patience)
	if err != nil {
		return t.lost(err)
	}
	if len(m.Error) > 0 {
		t.note = "it fails: " + reason(m.Error)
	}
	return form(what, m)
}

func (t *trial) takesTexts(ctx context.Context) error {
	for _, each := range []struct{ what, text string }{
		{"an empty text", ""},
		{"a text of quotes, breaks and other scripts", "\"é\" \\ \n\t\u2028 日本 🙂 \x00"},
		{"a text of 200,000 characters", strings.Repeat("ä", 200_000)},
	} {
		if err := t.ask(ctx, each.what, hop("text/plain", each.text)); err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) takesData(ctx context.Context) error {
	for _, each := range []struct {
		what string
		p    map[string]any
	}{
		{"JSON", hop("application/json", map[string]any{"a": []any{1, nil, true}})},
		{"a number", hop("application/json", 42)},
		{"bytes in base64", func() map[string]any { p := hop("image/png", "iVBORw0KGgo="); p["encoding"] = "base64"; return p }()},
	} {
		if err := t.ask(ctx, each.what, each.p); err != nil {
			return err
		}
	}
	return nil
}

// ignores sends what no version so far has.
func (t *trial) ignores(ctx context.Context) error {
	t.s.notify("ww/unknown", map[string]any{"a": 1})
	t.s.request("ww/unknown", map[string]any{"a": 1}) // an error is welcome, silence will do
	return t.ask(ctx, "a turn behind messages that it does not know", hop("text/plain", t.o.Text))
}

func (t *trial) answersCalls(ctx context.Context) error {
	call := func(key string, data any, more map[string]any) map[string]any {
		p := hop("application/json", data)
		p["role"], p["from"], p["key"] = "call", "agent", key
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	for _, tool := range t.s.said.Tools {
		data := map[string]any{"action": tool.Name, "inputs": map[string]any{}}
		p := call("k-"+tool.Name, data, map[string]any{"tool": tool.Name, "inputs": map[string]any{}})
		if err := t.ask(ctx, fmt.Sprintf("a call of %s without inputs", tool.Name), p); err != nil {
			return err
		}
	}
	return t.ask(ctx, "a call", call("k", map[string]any{"action": t.o.Text, "inputs": map[string]any{}}, nil))
}

func (t *trial) answersCanceled(ctx context.Context) error {
	id, answer := t.s.request("process", hop("text/plain", t.o.Text))
	t.s.notify("cancel", map[string]any{"id": id, "reason": "canceled"})
	if _, err := t.s.await(ctx, answer, fmt.Sprintf("request %d, which was canceled (any answer will do: until then it counts as being worked on)", id), t.o.Patience); err != nil {
		return t.lost(err)
	}
	t.s.notify("cancel", map[string]any{"id": 999_999, "reason": "canceled"}) // it may have been answered already
	return t.ask(ctx, "a turn behind a canceled one", hop("text/plain", t.o.Text))
}

func (t *trial) worksAtOnce(ctx context.Context) error {
	const most = 8
	said := t.s.said.MaxConcurrent
	n := min(said, most)
	if n == 1 {
		n = 2 // a runner sends the next one behind the answer; some come earlier, such as calls
	}
	answers := make([]<-chan message, n)
	for i := range answers {
		p := hop("text/plain", t.o.Text)
		p["session"], p["turn"] = fmt.Sprintf("test-session-%d", i), fmt.Sprintf("test-turn-%d", i)
		_, answers[i] = t.s.request("process", p)
	}
	for i, answer := range answers {
		_, err := t.s.await(ctx, answer, "several turns at once", t.o.Patience)
		var silent *silentError
		if errors.As(err, &silent) {
			return t.lost(errAtOnce(said, n, i))
		}
		if err != nil {
			return t.lost(err)
		}
	}
	return nil
}

// pingLimit is what a runner allows a ping.
const pingLimit = 5 * time.Second

func (t *trial) answersPings(ctx context.Context) error {
	if !slices.Contains(t.s.said.Capabilities, "ping") {
		return errNoPing
	}
	_, working := t.s.request("process", hop("text/plain", t.o.Text))
	_, pong := t.s.request("ping", struct{}{})
	if _, err := t.s.await(ctx, pong, "a ping while it works", min(pingLimit, t.o.Patience)); err != nil {
		return t.lost(err)
	}
	if _, err := t.s.await(ctx, working, "a turn with a ping in between", t.o.Patience); err != nil {
		return t.lost(err)
	}
	return nil
}

// settle is how long a component may go on about what it has answered.
const settle = 300 * time.Millisecond

func (t *trial) answersOnce(context.Context) error {
	if t.s == nil {
		return errNotRunning
	}
	t.s.over(settle)
	return t.s.take(&t.s.sins)
}

func (t *trial) printsMessages(context.Context) error {
	if t.s == nil {
		return errNotRunning
	}
	return t.s.take(&t.s.junk)
}

const (
	afterShutdown = "shutdown and the end of its stdin"
	afterStdin    = "the end of its stdin"
)

// endsWhenAsked ends this life.
func (t *trial) endsWhenAsked(context.Context) error {
	if t.s == nil {
		return errNotRunning
	}
	s := t.s
	defer func() {
		s.kill()
		t.s = nil
	}()
	select {
	case <-s.tree.Exited():
		return errNotRunning
	default:
	}
	s.notify("lifecycle", map[string]string{"old": "ready", "new": "shutting_down"})
	s.notify("shutdown", map[string]int64{"grace_ms": t.o.Grace.Milliseconds()})
	s.finish()
	return t.ended(s, afterShutdown)
}

func (t *trial) ended(s *session, how string) error {
	if !s.over(t.o.Grace) {
		return errLingers(how, t.o.Grace)
	}
	if exit := s.tree.Exit(); exit.Status() != 0 {
		return errStatus(how, exit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(append(s.junk, s.sins...)...)
}

// endsWithStdin is a second life, which nobody says goodbye to: its runner was killed.
func (t *trial) endsWithStdin(ctx context.Context) error {
	if t.hopeless != "" {
		return &skipError{t.hopeless}
	}
	if err := t.starts(ctx); err != nil {
		return err
	}
	t.note = ""
	s := t.s
	defer func() {
		s.kill()
		t.s = nil
	}()
	s.finish()
	return t.ended(s, afterStdin)
}

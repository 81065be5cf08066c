package component_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// TestATypeThatAComponentDoesNotTakeIsRefused: of messages of the chain and of calls; what is refused is set aside and said.
func TestATypeThatAComponentDoesNotTakeIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		inputs []any
		want   string // of the answer, or of the error
	}{
		{"nothing said", nil, "hello"},
		{"by type", []any{"chain.text"}, "hello"},
		{"by who sends", []any{"agent.output", "input.output"}, "hello"},
		{"by pattern", []any{"*.output"}, "hello"},
		{"everything", []any{">"}, "hello"},
		{"something else", []any{"chain.image"}, "out does not take chain.text"},
		{"of somebody else", []any{"llm.output"}, "out does not take chain.text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			a.configs = map[string]map[string]any{"out": {"input_events": tt.inputs}}
			out := a.start("out", handler{handle: pass("")})
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "out")
			end := a.ask("t1", "s", "hello")
			if !strings.Contains(end.Answer+end.Error, tt.want) {
				t.Errorf("got %q, %q", end.Answer, end.Error)
			}
			if refused := strings.Contains(tt.want, "does not take"); refused != (end.Status == event.StatusDead) {
				t.Errorf("status %s", end.Status)
			}
			in.end(t)
			out.end(t)
		})
	}
}

func TestACallOfATypeThatAComponentDoesNotTakeIsRefused(t *testing.T) {
	a := newApp(t)
	a.configs = map[string]map[string]any{"tool": {"input_events": []any{"chain.text"}}}
	tl := a.start("tool", answering(func(context.Context, component.Question) (component.Result, error) { return text("no"), nil }))
	in, ag, turn := a.begin(asking())
	if end := parsed(t, <-turn.reply); !strings.Contains(end.Error, "tool does not take process_request") {
		t.Errorf("got %+v", end)
	}
	in.end(t)
	ag.end(t)
	tl.end(t)
}

// What a kind takes holds unless the file says something else; what ww's own parts say to each other always gets there.
func TestWhatAKindTakesIsWhatItIsAskedFor(t *testing.T) {
	a := newApp(t)
	a.takes, a.own = []string{"chain.text", "process_request"}, []string{"script.hook"}
	answers := answering(func(_ context.Context, q component.Question) (component.Result, error) { return text(q.Type), nil })
	ofKind := a.start("kind", answers)
	a.configs = map[string]map[string]any{"file": {"input_events": []any{"make.*"}}}
	byFile := a.start("file", answers)
	for _, tt := range []struct{ to, typ, refusal string }{
		{"kind", "process_request", ""},
		{"kind", "script.hook", ""},
		{"kind", "make.coffee", "kind does not take make.coffee; it takes chain.text, process_request"},
		{"file", "process_request", "file does not take process_request; it takes make.*"},
		{"file", "make.coffee", ""},
		{"file", "script.hook", ""},
	} {
		req := a.direct(tt.to, tt.typ, tt.to)
		select {
		case got := <-req.reply:
			if tt.refusal != "" || string(got.Body) != tt.typ {
				t.Errorf("%s answers %s with %q", tt.to, tt.typ, got.Body)
			}
		case err := <-req.fail:
			var refused *bus.Error
			if !errors.As(err, &refused) || refused.Code != bus.UnknownType || refused.Reason != tt.refusal {
				t.Errorf("%s refuses %s with %v, want %q", tt.to, tt.typ, err, tt.refusal)
			}
		}
	}
	ofKind.end(t)
	byFile.end(t)
}

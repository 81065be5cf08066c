package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

const conversing = `
you = input command_line { to: keeper }
keeper = agent scripted { script: "keeper.script", tools: [brain], to: screen }
brain = llm scripted { script: "brain.script" }
screen = output console {}
`

// What a stranger asks a component for, and it does not do, is refused with what it does; nothing is made up.
func TestAStrangersQuestionIsRefusedWithWhatIsTaken(t *testing.T) {
	t.Parallel()
	p := newProject(t, conversing)
	p.write("keeper.script", "otherwise\n    call brain \"{text}\"\n    say \"it said: {last}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	ask := func(to, typ string) (string, error) {
		got, err := c.Call(t.Context(), to, event.Message{Header: event.Header{ID: "q-" + to + typ, Type: typ, Subject: to, Session: "s"}, Body: []byte("hi")}, nil)
		return string(got.Body), err
	}
	for to, want := range map[string]string{
		"brain":  "brain does not take make.coffee; it takes chain.text, process_request, llm.chat",
		"keeper": "keeper does not take make.coffee; it takes chain.text, process_request",
		"screen": "screen (output console) does not answer make.coffee",
	} {
		var refused *bus.Error
		if got, err := ask(to, "make.coffee"); !errors.As(err, &refused) || refused.Code != bus.UnknownType || refused.Reason != want {
			t.Errorf("%s: %q, %v, want it refused with %q", to, got, err, want)
		}
	}
	if got, err := ask("keeper", event.TypeProcess); err != nil || got != "it said: you said hi" {
		t.Errorf("the agent answers a request with %q (%v)", got, err)
	}
	if got := p.must("components", "--json").out; !strings.Contains(got, `"llm.chat"`) {
		t.Errorf("the registry does not say what brain takes:\n%s", got)
	}
	p.must("down")
	p.nothing()
	p.verified()
}

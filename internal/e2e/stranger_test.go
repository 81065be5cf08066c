package e2e

import (
	"errors"
	"strings"
	"syscall"
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

// Who is told to shut down has not crashed: it comes back, because the app wants it, and its end counts nowhere as a death. So
// it is for those that an earlier ww dev has started. What is stopped by hand stays down, and is no death either.
func TestAShutdownByOrderIsNoCrash(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"started", "adopted"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, hello)
			p.must("dev", "-d")
			c := p.client("you")
			c.start("s", "hello").ended(t, event.StatusOK)
			if name == "adopted" {
				p.kill(p.supervisor(), syscall.SIGKILL)
				p.must("dev", "-d")
			}
			before := p.ps()["brain"]
			c.shutDown("brain")
			p.until("it is back", func() bool { r := p.ps()["brain"]; return r.State == "ready" && r.PIDs.Runner != before.PIDs.Runner })
			c.start("s", "hello").ended(t, event.StatusOK)
			if r := p.ps()["brain"]; r.Restarts != before.Restarts || r.Reason != "" || r.LastDeath != "" {
				t.Errorf("after a shutdown: %+v", r)
			}
			p.must("stop", "brain")
			if r := p.ps()["brain"]; r.Restarts != before.Restarts || r.State != "stopped" || r.Reason != "stopped by order" {
				t.Errorf("after ww stop: %+v", r)
			}
			p.must("start", "brain")
			if r := p.ps()["brain"]; r.Restarts != before.Restarts {
				t.Errorf("after ww start: %+v", r)
			}
			p.must("down")
			p.nothing()
			p.verified()
		})
	}
	t.Run("never started again", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, strings.Replace(hello, `"brain.script"`, `"brain.script", restart: never`, 1))
		p.must("dev", "-d")
		p.client("you").shutDown("brain")
		p.until("it is stopped", func() bool { return p.ps()["brain"].State == "stopped" })
		if r := p.ps()["brain"]; r.Restarts != 0 || r.Reason != "it was told to shut down" {
			t.Errorf("%+v", r)
		}
		if got := p.must("ps", "brain").out; strings.Contains(got, "crash") || !strings.Contains(got, "ww start brain") {
			t.Errorf("ww ps brain:\n%s", got)
		}
		p.must("start", "brain")
		p.must("down")
		p.nothing()
	})
}

func (c *client) shutDown(name string) {
	c.p.t.Helper()
	order := event.Message{Header: event.Header{Type: event.TypeShutdown, Subject: event.ShutdownStop}}
	if _, err := c.Call(c.p.t.Context(), name, order, nil); err != nil {
		c.p.t.Fatal(err)
	}
}

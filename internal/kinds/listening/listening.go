// Package listening makes a component of any kind run the Python files that it owns, and tell the app's hooks and pipes
// what goes in and out of it.
package listening

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/pyfile"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// Wrap returns a kind that does what k does and the above. It is k itself when there is nothing to do.
func Wrap(k component.Kind, spec component.Spec) component.Kind {
	w := &wrapped{Kind: k, in: told(spec, inEvent(spec)), out: told(spec, outEvent(spec))}
	if len(spec.Files) == 0 && w.in == "" && w.out == "" {
		return k
	}
	if _, ok := k.(component.Answerer); ok || len(spec.Files) > 0 {
		return &answering{w}
	}
	return w
}

// inEvent is what is told of a message that comes in.
func inEvent(spec component.Spec) string {
	if spec.Kind == "input" {
		return events.InputReceived
	}
	return ""
}

// outEvent is what is told of a result. An agent tells of its own, behind its other events.
func outEvent(spec component.Spec) string {
	switch {
	case spec.Kind == "input", spec.Kind == "output", spec.Kind == "agent" && spec.Type == "llm":
		return ""
	case spec.Kind == "agent", spec.Kind == "llm":
		return events.AgentResponse
	}
	return events.ComponentResponse
}

// told is the event when somebody listens to it.
func told(spec component.Spec, name string) string {
	for _, l := range spec.Listeners {
		if l.Event == name && name != "" {
			return name
		}
	}
	return ""
}

type wrapped struct {
	component.Kind
	in, out string // the events to tell; empty: none
	env     component.Env
	tell    *events.Teller
	host    *pyfile.Host
}

// user is a kind that needs what runs its Python file.
type user interface{ UseHost(*pyfile.Host) }

func (w *wrapped) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	w.env = env
	if len(env.Spec.Files) > 0 {
		h, err := pyfile.Open(env)
		if err != nil {
			return component.Traits{}, err
		}
		w.host = h
		if u, ok := w.Kind.(user); ok {
			u.UseHost(h)
		}
	}
	if w.in != "" || w.out != "" {
		w.tell = events.New(env)
	}
	traits, err := w.Kind.Start(ctx, env)
	if w.tell != nil {
		traits.Inline = false // pipes take time
	}
	return traits, err
}

func (w *wrapped) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	turn := events.Turn{ID: t.Turn, Session: t.Session, Acceptor: t.Acceptor, Ask: t.Ask}
	if w.in != "" {
		p, err := w.tell.Tell(ctx, turn, w.in, map[string]any{
			"input": string(t.Body), "inputs": map[string]any{}, "session_id": t.Session, "component_type": "inputs",
		})
		if err != nil {
			return component.Result{}, err
		}
		if text, ok := p["input"].(string); ok {
			t.Body = []byte(text)
		}
	}
	res, err := w.Kind.Handle(ctx, t)
	if err != nil || w.out == "" {
		return res, err
	}
	return events.Response(ctx, w.tell, turn, w.out, res)
}

func (w *wrapped) Close(ctx context.Context) error {
	err := w.Kind.Close(ctx)
	if w.tell != nil {
		w.tell.Close(ctx)
	}
	if w.host != nil {
		w.host.Close(ctx)
	}
	return err
}

// answering is wrapped for what others may ask.
type answering struct{ *wrapped }

// Answer implements component.Answerer.
func (a *answering) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	if a.host != nil && !a.forKind(q) {
		switch q.Type {
		case events.TypeHook, events.TypePipe:
			defer keepAlive(q, a.pulse())()
			return a.listen(ctx, q)
		case pyfile.TypeCall, pyfile.TypeDescribe:
			defer keepAlive(q, a.pulse())()
			return a.function(ctx, q)
		}
	}
	k, ok := a.Kind.(component.Answerer)
	if !ok {
		return component.Result{}, fmt.Errorf("%s (%s %s) does not answer %s", a.env.Spec.Name, a.env.Spec.Kind, a.env.Spec.Type, q.Type)
	}
	return k.Answer(ctx, q)
}

// How often one that waits for Python hears that nothing has died: a file may take long to load, and its functions have
// limits of their own. A person at a debugger is waited for by those who have little patience too.
const (
	stillThere = time.Second
	atDebugger = 300 * time.Millisecond
)

func (a *answering) pulse() time.Duration {
	if a.env.Spec.Debug != nil {
		return atDebugger
	}
	return stillThere
}

func keepAlive(q component.Question, every time.Duration) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				q.Chunk("")
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// forKind says whether an event is for the component itself: it names no file.
func (a *answering) forKind(q component.Question) bool {
	var d struct {
		File string `json:"file"`
	}
	return q.Type == events.TypeHook && json.Unmarshal(q.Body, &d) == nil && d.File == ""
}

func (a *answering) listen(ctx context.Context, q component.Question) (component.Result, error) {
	var d events.Delivery
	if err := json.Unmarshal(q.Body, &d); err != nil {
		return component.Result{}, err
	}
	if q.Type == events.TypeHook {
		return component.Result{ContentType: tool.Text}, a.host.Hook(d)
	}
	return a.host.Pipe(ctx, d)
}

func (a *answering) function(ctx context.Context, q component.Question) (component.Result, error) {
	var c pyfile.Call
	if err := json.Unmarshal(q.Body, &c); err != nil {
		return component.Result{}, err
	}
	if q.Type == pyfile.TypeDescribe {
		d, err := a.host.Describe(ctx, c)
		if err != nil {
			return component.Result{}, err
		}
		return d.Result()
	}
	return a.host.Call(ctx, c)
}

// Describe implements component.Describer, as far as the kind does.
func (a *answering) Describe(ctx context.Context) (component.Result, error) {
	k, ok := a.Kind.(component.Describer)
	if !ok {
		return component.Result{}, errors.New(event.TypeDescribe + ": it does not describe itself")
	}
	return k.Describe(ctx)
}

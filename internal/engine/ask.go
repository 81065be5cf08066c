package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
)

// asker counts the turns that the face of this run has submitted.
type asker struct {
	mu              sync.Mutex
	turns, answered int
}

func (a *asker) counts() (turns, answered int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.turns, a.answered
}

func (a *asker) begun() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turns++
}

func (a *asker) ended(s event.Status) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s == event.StatusOK {
		a.answered++
	}
}

// Ask submits a turn to the app's input and waits for its end. Every reader sees it. Say answers its questions.
func (e *Engine) Ask(ctx context.Context, session, text string, f turn.Follow) (event.End, error) {
	return e.askFor(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: text}, f)
}

// AskTurn is Ask for a turn with an id, and perhaps an input, of its own.
func (e *Engine) AskTurn(ctx context.Context, t turn.Turn, f turn.Follow) (event.End, error) {
	return e.askFor(ctx, t, f)
}

func (e *Engine) askFor(ctx context.Context, t turn.Turn, f turn.Follow) (event.End, error) {
	in, err := PickInput(e.wants.now(), t.To)
	if err != nil {
		return event.End{}, err
	}
	t.To = in
	e.ask.begun()
	e.stir()
	e.hub.emit(state.TurnStarted{Turn: state.Turn{ID: t.ID, Session: t.Session, Text: t.Text, StartedAt: time.Now()}})
	end, err := e.turns.Ask(ctx, t, e.shown(t.ID, f))
	if err != nil {
		end = event.End{Turn: t.ID, Session: t.Session, Status: event.StatusFailed, Error: err.Error()}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			end.Status, end.Error = event.StatusPending, "nobody waits for it any more; it goes on"
		}
	}
	e.ask.ended(end.Status)
	e.hub.emit(state.TurnEnded{End: end, At: time.Now()})
	return end, err
}

// shown is f, with every reader of the engine told, too.
func (e *Engine) shown(id string, f turn.Follow) turn.Follow {
	g := f
	g.Chunk = func(c event.Chunk) { e.hub.emit(state.TurnChunk{Turn: id, Chunk: c}) }
	if f.Question != nil { // else nobody is there to answer
		g.Question = func(q event.UserQuestion) {
			e.hub.emit(state.TurnAsked{Turn: id, Question: q})
			f.Question(q)
		}
	}
	g.Answered = func(a event.UserAnswer) {
		e.hub.emit(state.TurnTold{Turn: id, Answer: a})
		if f.Answered != nil {
			f.Answered(a)
		}
	}
	return g
}

// Send implements tui.Backend: it returns when the turn is accepted, or is known not to be.
func (e *Engine) Send(ctx context.Context, session, text string) (string, error) {
	t := turn.Turn{ID: turn.NewID(), Session: session, Text: text}
	accepted, failed := make(chan struct{}), make(chan error, 1)
	go func() { // ends with the run: its seat is then closed
		_, err := e.askFor(context.WithoutCancel(ctx), t, turn.Follow{
			Accepted: func() { close(accepted) },
			Question: func(event.UserQuestion) {}, // the readers show it
		})
		failed <- err
	}()
	select {
	case <-accepted:
		return t.ID, nil
	case err := <-failed:
		return t.ID, err
	case <-ctx.Done():
		return t.ID, ctx.Err()
	}
}

// Say implements tui.Backend: it answers a question of a turn. A nil error means that the answer is in a journal.
func (e *Engine) Say(ctx context.Context, session string, a event.UserAnswer) error {
	in, err := PickInput(e.wants.now(), "")
	if err != nil {
		return err
	}
	return e.turns.Say(ctx, turn.Turn{Session: session, To: in}, a)
}

// PickInput chooses the input that takes a turn: the named one, else the command line, else the first.
func PickInput(d app.Desired, name string) (string, error) {
	var inputs []string
	for _, c := range d.Components {
		if !c.Acceptor {
			continue
		}
		if c.Name == name || name == "" && c.Type == "command_line" {
			return c.Name, nil
		}
		inputs = append(inputs, c.Name)
	}
	if name != "" || len(inputs) == 0 {
		return "", noInput(name, inputs)
	}
	return inputs[0], nil
}

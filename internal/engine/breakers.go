package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
)

// holdFor is how long an order of the screen keeps a breaker closed.
const holdFor = 10 * time.Minute

// Breakers implements tui.Backend: every component that answers tells of its own.
func (e *Engine) Breakers(ctx context.Context) ([]state.Breaker, error) {
	replies, err := e.everybody(ctx, event.Message{Header: event.Header{Type: event.TypeBreakers}})
	var all []state.Breaker
	for _, r := range replies {
		rows, bad := breakersOf(r)
		all, err = append(all, rows...), errors.Join(err, bad)
	}
	if len(all) > 0 {
		return all, nil // who does not answer is shown as such in the fleet
	}
	return all, err
}

// answered is what one instance said.
type answered struct {
	name string
	body []byte
}

func breakersOf(r answered) ([]state.Breaker, error) {
	var rows []component.BreakerStatus
	if err := json.Unmarshal(r.body, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	out := make([]state.Breaker, 0, len(rows))
	for _, b := range rows {
		out = append(out, state.Breaker{
			Caller: r.name, Target: b.Target, Type: b.Type, State: b.State, Reason: b.Reason, By: b.By, Failures: b.Failures,
			Threshold: b.Threshold, Window: b.Window, ReopenAt: when(b.ReopenAt), Since: when(b.Since), Calls: b.Succeeded + b.Failed, Refused: b.Rejected,
		})
	}
	return out, nil
}

func when(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// OrderBreakers implements tui.Backend.
func (e *Engine) OrderBreakers(ctx context.Context, do, target, typ string) error {
	o := component.BreakerOrder{Target: target, Type: typ, Order: do, By: "the screen"}
	if do == "hold" {
		o.For = holdFor.Seconds()
	}
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	defer e.stir()
	_, err = e.everybody(ctx, event.Message{Header: event.Header{Type: event.TypeBreakerOrder, DataContentType: "application/json"}, Body: b})
	return err
}

// Cancel implements tui.Backend.
func (e *Engine) Cancel(ctx context.Context, session, id string) error {
	in, err := PickInput(e.wants.now(), "")
	if err != nil {
		return err
	}
	return e.turns.Cancel(ctx, turn.Turn{ID: id, Session: session, To: in})
}

// everybody makes the same call to every instance that runs, at once.
func (e *Engine) everybody(ctx context.Context, m event.Message) (all []answered, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, c := range e.Picture().Components {
		if c.Instance == "" || c.PIDs.Runner == 0 {
			continue
		}
		wg.Go(func() {
			reply, failed := e.seat.CallInstance(ctx, c.Instance, m, nil)
			mu.Lock()
			defer mu.Unlock()
			if failed != nil {
				err = errors.Join(err, failed)
				return
			}
			all = append(all, answered{c.Name, reply.Body})
		})
	}
	wg.Wait()
	return all, err
}

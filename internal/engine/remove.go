package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
)

// remove lets a component that is not declared any more finish what it has, and ends it.
func (e *Engine) remove(name string) {
	var units []unit
	e.fleet.do(func(f *fleet) {
		for _, m := range f.of(name, serving) {
			units = append(units, m.unit)
		}
	})
	for _, u := range units {
		e.fleet.wg.Go(func() {
			e.finish(u)
			e.leave(e.living, project.Component{Name: name}, []unit{u})
			e.retire(u)
		})
	}
}

// finish waits until nobody will need an instance any more: it has nothing to do and nothing on its way, nobody has
// anything on its way to its component, and no older generation that may still send there is left. Whatever runs has
// its own deadline, which bounds this, too.
func (e *Engine) finish(u unit) {
	ctx, cancel := context.WithTimeout(e.living, e.turnTimeout())
	defer cancel()
	for quiet := 0; quiet < 2; { // twice: a partition may be between two owners
		if !e.upNow(u) {
			return
		}
		if e.needed(ctx, u) {
			quiet = 0
		} else {
			quiet++
		}
		select {
		case <-time.After(finishPause):
		case <-ctx.Done():
			return
		}
	}
}

// finishPause is between two looks at who still needs an instance.
const finishPause = 100 * time.Millisecond

// turnTimeout is how long a turn may take.
func (e *Engine) turnTimeout() time.Duration {
	return cmp.Or(e.o.Timing.TurnTimeout, component.DefaultTiming().TurnTimeout)
}

// upNow says whether an instance runs.
func (e *Engine) upNow(u unit) (up bool) {
	e.fleet.do(func(f *fleet) {
		m := f.find(u.String())
		up = m != nil && m.life.To.Alive()
	})
	return up
}

// needed says whether somebody still needs an instance of a component that goes.
func (e *Engine) needed(ctx context.Context, u unit) bool {
	older, instance := false, ""
	e.fleet.do(func(f *fleet) {
		for _, m := range f.members {
			older = older || m.duty == leaving && m.name != u.name && m.life.To.Alive()
		}
		if m := f.find(u.String()); m != nil {
			instance = m.instance
		}
	})
	if older {
		return true
	}
	h, err := e.seat.Ping(ctx, instance)
	if err != nil || h.InFlight > 0 || h.Queued > 0 {
		return true
	}
	replies, err := e.everybody(ctx, event.Message{Header: event.Header{Type: event.TypeOwes}})
	if err != nil {
		return true // who does not answer may have something for it
	}
	for _, r := range replies {
		var to []string
		if json.Unmarshal(r.body, &to) != nil || slices.Contains(to, u.name) || r.name == u.name && len(to) > 0 {
			return true
		}
	}
	return false
}

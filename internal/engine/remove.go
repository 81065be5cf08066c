package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
)

// remove lets a component that is not declared any more finish what it has, and ends it, when nothing of the reload that
// leaves it out can be taken back any more. If something was, what serves again may need it: then it stays.
func (e *Engine) remove(name string, was app.Wanted, rolls []*rollout) {
	var units []unit
	e.fleet.do(func(f *fleet) {
		for _, m := range f.of(name, serving) {
			units = append(units, m.unit)
		}
	})
	e.fleet.wg.Go(func() {
		back := false
		for _, r := range rolls {
			<-r.settled
			back = back || r.err != nil
		}
		if back && e.stays(was) {
			return
		}
		for _, u := range units {
			e.fleet.wg.Go(func() {
				e.finish(u)
				e.leave(e.living, project.Component{Name: name}, []unit{u})
				e.retire(u)
			})
		}
	})
}

// stays has a component wanted again that was to go, as it was. False: it is wanted already, or nobody could note it.
func (e *Engine) stays(was app.Wanted) (stays bool) {
	err := e.wants.change(func(d *app.Desired) {
		if _, again := d.Wanted(was.Name); !again {
			d.Components, stays = append(d.Components, was), true
		}
	})
	if err != nil {
		e.o.Log.Error("keeping a component that was to go", "component", was.Name, "error", err)
	}
	if stays = stays && err == nil; stays {
		e.rolls.cameBack(was.Name)
	}
	return stays
}

// succeeded says whether a newer generation of a unit is wanted.
func (e *Engine) succeeded(u unit) bool {
	w, ok := e.wants.component(u.name)
	return ok && w.Generation > u.generation
}

// finish waits until nobody will need an instance any more: it has nothing to do and nothing on its way, nobody has
// anything on its way to its component, and no older generation that may still send there is left. Whatever runs has
// its own deadline, which bounds this, too. One that is wanted again hands over what it has.
func (e *Engine) finish(u unit) {
	ctx, cancel := context.WithTimeout(e.living, e.turnTimeout())
	defer cancel()
	for quiet := 0; quiet < 2; { // twice: a partition may be between two owners
		if !e.upNow(u) || e.succeeded(u) {
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

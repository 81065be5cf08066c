package engine

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/project"
)

// removePause is how long to wait between two looks at a component that finishes its last turns.
const removePause = 20 * time.Millisecond

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

// finish waits until an instance has nothing to do, but no longer than turns may take at a stop.
func (e *Engine) finish(u unit) {
	ctx, cancel := context.WithTimeout(e.living, e.o.Timing.Drain)
	defer cancel()
	for {
		instance := ""
		e.fleet.do(func(f *fleet) {
			if m := f.find(u.String()); m != nil && m.life.To.Alive() {
				instance = m.instance
			}
		})
		if instance == "" {
			return
		}
		if h, err := e.seat.Ping(ctx, instance); err == nil && h.InFlight == 0 && h.Queued == 0 {
			return
		}
		select {
		case <-time.After(removePause):
		case <-ctx.Done():
			return
		}
	}
}

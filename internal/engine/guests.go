package engine

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

// guestLook is the least time between two looks at who has joined by itself.
const guestLook = time.Second

// watchGuests shows who joined the bus as a component without being started here, under a name that the app does not
// declare: what is shown is who is there, not whom the supervisor knows. Guests are asked for a sign of life as others are.
func (e *Engine) watchGuests(ctx context.Context) {
	hints := localbus.Watch(ctx, e.dir)
	asked := time.NewTicker(e.o.Timing.Heartbeat)
	defer asked.Stop()
	here := map[string]localbus.Record{} // by instance
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
			e.greet(here)
			select { // what changes meanwhile is a hint that waits
			case <-ctx.Done():
				return
			case <-time.After(guestLook):
			}
		case <-asked.C:
			if len(here) > 0 {
				e.greet(here)
			}
		}
		e.askGuests(ctx, here)
	}
}

// greet brings the picture of the guests up to date.
func (e *Engine) greet(here map[string]localbus.Record) {
	all, err := localbus.Records(e.dir)
	if err != nil {
		return // the next hint finds out whether that goes on
	}
	d, started := e.wants.now(), map[string]bool{}
	e.fleet.do(func(f *fleet) {
		for _, m := range f.members {
			started[m.instance] = true
		}
	})
	now := map[string]bool{}
	var news []state.Event
	for _, r := range all {
		if _, ours := d.Wanted(r.Component); ours || started[r.Instance] {
			delete(here, r.Instance)
			continue
		}
		if !r.Alive || r.Role != localbus.RoleComponent {
			continue
		}
		now[r.Instance] = true
		if was, known := here[r.Instance]; !known || was.State != r.State {
			news = append(news, state.ComponentChanged{Component: guest(r)})
		}
		here[r.Instance] = r
	}
	for id, r := range here {
		if !now[id] {
			delete(here, id)
			news = append(news, state.ComponentRemoved{Name: r.Component, Instance: id})
		}
	}
	e.hub.emit(news...)
}

// guest is one as it is shown.
func guest(r localbus.Record) state.Component {
	c := fromRecord(r)
	if c.Kind == "" {
		c.Kind = "guest"
	}
	c.HeartbeatAt = time.Now() // it has just told of itself
	return c
}

func (e *Engine) askGuests(ctx context.Context, here map[string]localbus.Record) {
	if len(here) == 0 {
		return
	}
	asking, done := context.WithTimeout(ctx, e.o.Timing.Heartbeat)
	defer done()
	recs := make([]localbus.Record, 0, len(here))
	for _, r := range here {
		recs = append(recs, r)
	}
	e.hub.emit(pingAll(asking, e.seat, recs)...)
}

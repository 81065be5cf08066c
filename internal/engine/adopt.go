package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/localbus"
)

// holdAgain is how long to wait before a runner is told again that it is supervised.
const holdAgain = 50 * time.Millisecond

// adoptAll takes over the runners of an earlier supervisor and returns the places that are taken. No process is touched.
func (e *Engine) adoptAll(ctx context.Context, p *project.Project) map[unit]bool {
	taken := map[unit]bool{}
	for _, h := range e.heirs {
		c, ok := p.Component(h.unit.name)
		if !ok { // it is not declared any more, and ends when its turns have
			c = project.Component{Name: h.unit.name, Kind: h.rec.Kind, Type: h.rec.Type}
		}
		taken[h.unit] = true
		e.adopt(ctx, p, c, h)
	}
	return taken
}

func (e *Engine) adopt(ctx context.Context, p *project.Project, c project.Component, h heir) {
	w, _ := e.wants.component(c.Name)
	spec := e.spec(p, c, h.unit, w.Ordinals())
	spec.Instance, spec.Restarts, spec.Standby = h.rec.Instance, h.rec.Restarts, h.rec.Standby
	e.starts.inherit(h.unit.String(), spec)
	m := &member{unit: h.unit, kind: c.Kind, typ: c.Type, duty: h.duty, instance: h.rec.Instance, before: h.rec.Restarts, record: h.rec}
	m.adopted = true
	e.fleet.do(func(f *fleet) {
		f.add(m)
		f.wg.Go(func() { e.hold(h.unit.String(), h.rec.Instance) })
	})
	if err := e.sup.Adopt(ctx, e.process(c, h.unit, h.duty), h.rec.PID, h.rec.PIDStart); err != nil {
		e.o.Log.Error("adopting", "instance", h.rec.Instance, "error", err)
	}
	if h.duty == leaving {
		e.fleet.wg.Go(func() { e.retire(h.unit) })
	}
}

// hold tells a runner that it has a supervisor, for as long as both live: its lifeline ended with the earlier one.
// One that answers has been told to shut down.
func (e *Engine) hold(name, instance string) {
	body, err := json.Marshal(event.Adopt{Detached: e.o.Detached})
	if err != nil {
		return
	}
	m := event.Message{Header: event.Header{Type: event.TypeAdopt, DataContentType: "application/json"}, Body: body}
	for wait := holdAgain; ; wait = min(2*wait, time.Second) {
		_, err := e.seat.CallInstance(e.living, instance, m, nil)
		if err == nil {
			e.sup.Ending(name)
			return
		}
		if e.living.Err() != nil || !localbus.Alive(e.dir, instance) {
			return
		}
		e.o.Log.Debug("holding a runner", "instance", instance, "error", err)
		select {
		case <-time.After(wait):
		case <-e.living.Done():
			return
		}
	}
}

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/supervisor"
)

// tellAgain is how long to wait before an instance is told again what it did not answer to.
const tellAgain = 100 * time.Millisecond

// up: an instance is READY, and can be told how the partitions are divided. What kept its ordinal out is over.
func (f *fleet) up(m *member) {
	if m.duty != serving {
		f.reshare(m.name)
		return
	}
	w, ok := f.e.wants.component(m.name)
	if o, was := w.OutOf(m.ordinal); ok && was && !o.Stopped {
		f.decide(m.name, func(c *app.Wanted) { back(c, m.ordinal) })
	}
	f.reshare(m.name)
}

// down: an instance will not be started again.
func (f *fleet) down(m *member) {
	if m.duty != serving || f.e.spared(m.unit) {
		return
	}
	f.decide(m.name, func(c *app.Wanted) {
		if o, ok := c.OutOf(m.ordinal); !ok || !o.Stopped {
			out(c, app.Out{Ordinal: m.ordinal, Reason: m.reason(), Crashes: m.life.Crashes})
		}
	})
	f.reshare(m.name)
}

// toldToShutDown is why an instance does not run that had a shutdown over the bus.
const toldToShutDown = "it was told to shut down"

// again: an instance was told over the bus to shut down, and has. It is wanted all the same, so it is started again, which is
// neither a crash nor a restart after one; unless the file says never.
func (f *fleet) again(m *member) {
	if m.duty != serving {
		return
	}
	spec := f.e.process(f.e.component(m.unit), m.unit, serving)
	if spec.Policy.Never {
		f.decide(m.name, func(c *app.Wanted) {
			out(c, app.Out{Ordinal: m.ordinal, Stopped: true, Reason: toldToShutDown})
		})
		f.reshare(m.name)
		return
	}
	f.wg.Go(func() {
		err := f.e.sup.Start(f.e.living, spec)
		if err != nil && !errors.Is(err, supervisor.ErrRunning) && !errors.Is(err, supervisor.ErrEnded) {
			f.e.o.Log.Warn("starting again what was told to shut down", "instance", spec.Name, "error", err)
		}
	})
}

func (f *fleet) decide(name string, change func(*app.Wanted)) {
	if err := f.e.wants.of(name, change); err != nil {
		f.e.o.Log.Error("writing down what is wanted", "error", err)
	}
}

// reshare tells the instances of a component how its partitions are divided now, if they do not know.
func (f *fleet) reshare(component string) {
	w, wanted := f.e.wants.component(component)
	ordinals := w.Ordinals()
	for _, m := range f.members {
		if m.name != component || m.duty == standby || !wanted && m.duty == serving {
			continue
		}
		want := portion{ordinals: ordinals, serve: m.duty == serving}
		f.remember(m, want)
		if m.life.To == supervisor.Ready && !m.telling && !m.told.equal(want) {
			f.tellShare(m, want)
		}
	}
}

// remember: the next start of the unit begins with what its running instance is told.
func (f *fleet) remember(m *member, want portion) {
	if want.serve {
		f.e.starts.amend(m.String(), func(s *component.Spec) { s.Share, s.Standby = want.ordinals, false })
	}
}

// tellShare calls an instance. Its answer comes back as a note, and with it the question whether that is still what is
// wanted.
func (f *fleet) tellShare(m *member, s portion) {
	m.telling = true
	n := shared{unit: m.unit, pid: m.life.PID, share: s}
	instance := m.instance
	f.wg.Go(func() {
		ctx, cancel := context.WithTimeout(f.e.living, f.e.o.Timing.Heartbeat)
		defer cancel()
		n.err = f.e.callShare(ctx, instance, s)
		if n.err != nil {
			select {
			case <-time.After(tellAgain):
			case <-f.e.living.Done():
			}
		}
		f.tell(n)
	})
}

func (e *Engine) callShare(ctx context.Context, instance string, s portion) error {
	body, err := json.Marshal(event.Share{Ordinals: s.ordinals, Serve: s.serve})
	if err != nil {
		return err
	}
	m := event.Message{Header: event.Header{Type: event.TypeShare, DataContentType: "application/json"}, Body: body}
	_, err = e.seat.CallInstance(ctx, instance, m, nil)
	return err
}

// shared is how an instance answered.
type shared struct {
	unit  unit
	pid   int
	share portion
	err   error
}

func (n shared) take(f *fleet) {
	m := f.find(n.unit.String())
	if m == nil || m.life.PID != n.pid {
		return
	}
	m.telling = false
	var refused *bus.Error
	if n.err == nil || errors.As(n.err, &refused) && refused.Code == bus.UnknownType {
		m.told = n.share
		f.read(m)
	} else {
		f.e.o.Log.Debug("sharing partitions", "instance", m.instance, "error", n.err)
	}
	f.reshare(m.name)
}

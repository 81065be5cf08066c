package cli

import (
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/rounds"
	"github.com/woodwork-lang/ww/internal/secret"
	"github.com/woodwork-lang/ww/localbus"
)

// seat is a runner's place on the local bus: what the runner says of itself becomes the record of its instance.
type seat struct {
	*localbus.Peer
	spec  component.Spec
	mask  *secret.Masker
	since time.Time
}

func seatMaker(ctx context.Context, spec component.Spec, log *runnerLog, faults *fault.Set, rests *rounds.Rounds) func(bus.Receiver, func() event.Health) (component.Seat, error) {
	return func(r bus.Receiver, health func() event.Health) (component.Seat, error) {
		asked := func() event.Health {
			rests.Awake()
			return health()
		}
		p, err := localbus.Join(ctx, localbus.Options{
			Dir: spec.App.RunDir, App: spec.App.ID, Component: spec.Name, Instance: spec.Instance,
			Role: localbus.RoleComponent, Generation: spec.Generation, Receiver: r, Health: asked, Log: log.log, Searched: searched(r), Faults: faults,
			Unwanted: unwanted(spec),
		})
		if err != nil {
			return nil, err
		}
		return &seat{Peer: p, spec: spec, mask: log.mask, since: time.Now()}, nil
	}
}

// unwanted says why a component does not come back by itself, so that nobody waits for it: all of it was stopped by hand,
// or has crashed too often. What is not written down may come.
func unwanted(spec component.Spec) func(string) string {
	a := app.App{State: spec.App.StateDir}
	return func(name string) string {
		d, err := a.Desired()
		if err != nil {
			return ""
		}
		w, ok := d.Wanted(name)
		if !ok || len(w.Out) == 0 || len(w.Ordinals()) > 0 {
			return ""
		}
		if w.Out[0].Stopped {
			return "it was stopped by hand; to start it: ww start " + name
		}
		return "it has failed: " + w.Out[0].Reason + "; to try again: ww start " + name
	}
}

// searched is how a runner hears of the bus's searches for other components, to count them.
func searched(r bus.Receiver) func(string, time.Duration, bool) {
	if c, ok := r.(interface {
		Searched(to string, took time.Duration, found bool)
	}); ok {
		return c.Searched
	}
	return nil
}

// Siblings implements component.Seat.
func (s *seat) Siblings() []component.Sibling {
	recs, err := localbus.RecordsOf(s.spec.App.RunDir, s.spec.Name)
	if err != nil {
		return nil // the directory is gone: who cannot be seen does not serve
	}
	var all []component.Sibling
	for _, r := range recs {
		if r.Instance != s.spec.Instance && r.Alive && r.Role == localbus.RoleComponent {
			all = append(all, component.Sibling{
				Ordinal: r.Ordinal, Generation: r.Generation, Ready: r.State == localbus.StateReady && !r.Standby,
			})
		}
	}
	return all
}

// Publish implements component.Seat. Who subscribes later still hears that the component is ready.
func (s *seat) Publish(m event.Message) {
	if m.Type == event.EventReady {
		s.Retain(m)
		return
	}
	s.Peer.Publish(m)
}

// Announce implements component.Seat.
func (s *seat) Announce(a component.Announcement) error {
	return s.Peer.Announce(localbus.Record{
		Kind: s.spec.Kind, Type: s.spec.Type, Ordinal: s.spec.Ordinal, State: a.State, Reason: s.mask.Text(a.Reason),
		Standby: a.Standby, Partitions: a.Partitions, Restarts: s.spec.Restarts, Version: thisVersion().Version, RegisteredAt: s.since,
		Processes: localbus.Processes{GuardPID: a.Guard, ChildPID: a.Child, PGIDs: a.Groups},
		Traits: localbus.Traits{
			Capabilities: a.Traits.Capabilities, InputEvents: a.Traits.InputEvents,
			OutputEvents: a.Traits.OutputEvents, MaxConcurrent: a.Traits.MaxConcurrent, Receipts: a.Traits.SideEffects,
			Resources: s.resources(),
		},
	})
}

// resources are what the component's declaration says that it needs of a machine.
func (s *seat) resources() map[string]any {
	r, _ := s.spec.Config["resources"].(map[string]any)
	return r
}

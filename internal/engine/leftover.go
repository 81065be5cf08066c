package engine

import (
	"context"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// leftover is what a killed supervisor left running in a run directory.
type leftover struct {
	app    app.App
	dir    string
	timing Timing
	say    func(string)
}

// alive is the components that still hold their lease.
func (l leftover) alive() ([]localbus.Record, error) {
	recs, err := localbus.Records(l.dir)
	if err != nil {
		return nil, err
	}
	var up []localbus.Record
	for _, r := range recs {
		if r.Alive && r.Role == localbus.RoleComponent {
			up = append(up, r)
		}
	}
	return up, nil
}

// end asks what is left to finish its turns and to end, and returns when it has. What does not end in time is found
// by its mark and killed by whoever called.
func (l leftover) end(ctx context.Context) error {
	up, err := l.alive()
	if err != nil {
		return err
	}
	if len(up) == 0 {
		return localbus.Sweep(l.dir, nil)
	}
	if l.say != nil {
		l.say("an earlier ww dev was killed and its components still run: they end first")
	}
	ctx, cancel := context.WithTimeout(ctx, l.timing.Drain+l.timing.Grace)
	defer cancel()
	if err := l.ask(ctx, up); err != nil {
		return err
	}
	if _, err = l.await(ctx); err != nil {
		return err
	}
	last, _, err := l.app.Owner()
	if err != nil {
		return err
	}
	if err := sweep(context.WithoutCancel(ctx), last.Nonce); err != nil {
		return err
	}
	if up, err = l.alive(); err != nil {
		return err
	}
	if len(up) > 0 {
		var names []string
		for _, r := range up {
			names = append(names, r.Component)
		}
		return stillAlive(names)
	}
	return localbus.Sweep(l.dir, nil)
}

// ask drains the inputs first, so that their turns can still pass through the others, and then ends all.
func (l leftover) ask(ctx context.Context, up []localbus.Record) error {
	seat, err := localbus.Join(ctx, localbus.Options{Dir: l.dir, App: l.app.ID, Component: controlName, Role: localbus.RoleClient})
	if err != nil {
		return err
	}
	defer seat.Close() //nolint:errcheck // a client has nothing to lose
	l.shutdown(ctx, seat, up, event.ShutdownDrain, func(r localbus.Record) bool { return r.Kind == "input" })
	l.shutdown(ctx, seat, up, event.ShutdownStop, func(localbus.Record) bool { return true })
	return nil
}

func (l leftover) shutdown(ctx context.Context, seat *localbus.Peer, up []localbus.Record, how string, which func(localbus.Record) bool) {
	ctx, cancel := context.WithTimeout(ctx, l.timing.Drain)
	defer cancel()
	var wg sync.WaitGroup
	for _, r := range up {
		if !which(r) {
			continue
		}
		wg.Go(func() {
			m := event.Message{Header: event.Header{Type: event.TypeShutdown, Subject: how}}
			_, _ = seat.CallInstance(ctx, r.Instance, m, nil) // who does not answer is killed in the end
		})
	}
	wg.Wait()
}

// await waits until nothing holds a lease any more, and returns who still does at the end of ctx.
func (l leftover) await(ctx context.Context) ([]localbus.Record, error) {
	hints := localbus.Watch(ctx, l.dir)
	for {
		up, err := l.alive()
		if err != nil || len(up) == 0 {
			return nil, err
		}
		select {
		case <-hints:
		case <-time.After(100 * time.Millisecond): // the hint of a death comes before its lock is free
		case <-ctx.Done():
			return up, nil
		}
	}
}

// End ends an app that has no supervisor: what `ww down` does after a kill -9. It returns how many components it found.
func End(ctx context.Context, a app.App, t Timing) (int, error) {
	dir, err := a.RunDir()
	if err != nil {
		return 0, err
	}
	if missing(dir) {
		return 0, nil
	}
	l := leftover{app: a, dir: dir, timing: t.withDefaults()}
	up, err := l.alive()
	if err != nil {
		return 0, err
	}
	return len(up), l.end(ctx)
}

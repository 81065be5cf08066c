package engine

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// fleet owns what is known of the instances. Only the goroutine of run touches it; everything else sends notes.
type fleet struct {
	e        *Engine
	members  []*member
	notes    chan note
	done     chan struct{} // closed when run has ended
	wg       sync.WaitGroup
	watchers []*watcher
	ready    bool
	whole    bool      // every instance of the start is known: only then can all be ready
	tick     time.Time // of the last ping round
	asked    time.Time // when instances were asked last
	tidied   time.Time // when the run directory was swept last, by the clock
	worked   time.Time // when any of them was at work, as far as we know
}

// note is something that the fleet should know.
type note interface{ take(f *fleet) }

func newFleet(e *Engine) *fleet {
	return &fleet{e: e, notes: make(chan note), done: make(chan struct{})}
}

// run ends when the supervisor has ended.
func (f *fleet) run() {
	defer f.wg.Wait()
	defer close(f.done)
	for {
		select {
		case ev, ok := <-f.e.sup.Events():
			if !ok {
				return
			}
			f.lived(ev)
		case n := <-f.notes:
			n.take(f)
		}
		f.wake()
	}
}

// tell sends a note, unless the fleet has ended.
func (f *fleet) tell(n note) {
	select {
	case f.notes <- n:
	case <-f.done:
	}
}

// watch tells the fleet that records may have changed.
func (f *fleet) watch(ctx context.Context) {
	for range localbus.Watch(ctx, f.e.dir) {
		f.tell(hinted{})
	}
}

// find knows a member by the supervisor's name for it.
func (f *fleet) find(name string) *member {
	for _, m := range f.members {
		if m.String() == name {
			return m
		}
	}
	return nil
}

// of are the members of a component that have a duty.
func (f *fleet) of(component string, d duty) []*member {
	var found []*member
	for _, m := range f.members {
		if m.name == component && m.duty == d {
			found = append(found, m)
		}
	}
	return found
}

// add makes a unit known before it is started.
func (f *fleet) add(m *member) {
	if i := slices.IndexFunc(f.members, func(o *member) bool { return o.unit == m.unit }); i >= 0 {
		m.shown = f.members[i].shown // whose row goes when this one is shown
		f.members[i] = m
	} else {
		f.members = append(f.members, m)
	}
	f.show(m)
}

// forget takes a unit away that has no process any more.
func (f *fleet) forget(u unit) {
	i := slices.IndexFunc(f.members, func(m *member) bool { return m.unit == u })
	if i < 0 {
		return
	}
	m := f.members[i]
	f.members = slices.Delete(f.members, i, i+1)
	f.e.hub.emit(state.ComponentRemoved{Name: m.shown.Name, Instance: m.shown.Instance})
}

// lived takes a step in the life of a process.
func (f *fleet) lived(ev supervisor.Event) {
	m := f.find(ev.Name)
	if m == nil {
		return
	}
	m.life = ev
	switch ev.To {
	case supervisor.Starting:
		m.health.InFlight, m.health.Queued, m.health.Breakers = 0, 0, nil
		m.silent = silence{}
		f.begun(m)
	case supervisor.Ready:
		m.wasReady = true
		m.lastDeath, m.death = orElse(m.death.reason, m.death.how), postmortem{}
		f.ask(m) // so that its load is known at once
		f.up(m)
	case supervisor.Backoff, supervisor.Failed:
		f.e.lost(m.name, ev)
		f.bury(m)
		return // shown when it is known why
	case supervisor.Exited:
		f.bury(m)
		if ev.Reason == supervisor.EndedAsAnnounced {
			f.again(m)
		}
	}
	f.show(m)
	f.allReady()
}

// begun: a process of the member exists.
func (f *fleet) begun(m *member) {
	name := m.String()
	m.instance = f.e.starts.instance(name)
	switch spec, ok := f.e.starts.spec(name); {
	case m.adopted: // what it was told last nobody knows: it is told again
		m.adopted, m.told = false, portion{serve: m.duty == leaving}
	case ok:
		m.told = portion{ordinals: spec.Share, serve: !spec.Standby}
	}
	m.telling = false
	f.read(m)
}

// hinted: look at the records. While some are awaited only those are read.
type hinted struct{}

func (hinted) take(f *fleet) {
	awaited := func(m *member) bool {
		return m.life.To == supervisor.Starting || m.duty == leaving && m.life.To == supervisor.Ready
	}
	waiting := slices.ContainsFunc(f.members, awaited)
	for _, m := range f.members {
		if waiting && !awaited(m) || !waiting && m.life.To != supervisor.Ready {
			continue
		}
		f.read(m)
		f.show(m)
	}
}

// read takes what the member's instance says of itself, and passes on that it is READY.
func (f *fleet) read(m *member) {
	rec, err := localbus.ReadRecord(f.e.dir, m.instance)
	if errors.Is(err, fs.ErrNotExist) && m.life.To == supervisor.Ready {
		f.home(m.instance)
	}
	if err != nil || rec.PID != m.life.PID {
		return // not written yet
	}
	m.record = rec
	if m.life.To == supervisor.Starting && m.current() && rec.State == localbus.StateReady {
		m.beat = time.Now()
		f.e.sup.ReadyPID(m.String(), rec.PID)
	}
}

// home makes an instance look at its files, and us at ours: its record is gone. Whoever gets a PING looks.
func (f *fleet) home(instance string) {
	f.e.seat.Look()
	f.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), f.e.o.Timing.Heartbeat)
		defer cancel()
		_, _ = f.e.seat.Ping(ctx, instance) // it may have left just now
	})
}

// bury finds out what a dead instance left to say, and removes its files.
func (f *fleet) bury(m *member) {
	b := buried{unit: m.unit, pid: m.life.PID, name: m.name}
	instance := m.instance
	m.death.known = false
	if m.life.To == supervisor.Backoff || m.life.To == supervisor.Failed {
		b.left.how, b.left.exit = m.life.Reason, exitOf(m.life.Exit)
		m.death.how, m.death.exit = b.left.how, b.left.exit // the next one may be READY before more is known
	}
	f.wg.Go(func() {
		b.left.known = true
		if rec, err := localbus.ReadRecord(f.e.dir, instance); err == nil && rec.State == localbus.StateFailed {
			b.left.reason = rec.Reason
		}
		b.left.lines = lastLines(context.Background(), f.e.o.App.Logs(), b.name)
		f.sweep()
		f.e.retireCounts()
		f.tell(b)
	})
}

// sweep removes the files of the dead.
func (f *fleet) sweep() {
	if err := localbus.Sweep(f.e.dir, nil); err != nil {
		f.e.o.Log.Warn("sweeping the run directory", "error", err)
	}
}

// buried is what bury found.
type buried struct {
	unit unit
	name string
	pid  int
	left postmortem
}

func (b buried) take(f *fleet) {
	m := f.find(b.unit.String())
	if m == nil || m.life.PID != b.pid {
		return
	}
	m.death = b.left
	if m.life.To == supervisor.Failed {
		f.down(m)
	}
	f.show(m)
}

// show tells the faces what changed about a member.
func (f *fleet) show(m *member) {
	row := m.row()
	old := m.shown
	row.HeartbeatAt, old.HeartbeatAt = m.beat, m.beat // travels by itself
	if reflect.DeepEqual(row, old) {
		return
	}
	m.shown = row
	if old.Name != "" && old.Instance != row.Instance {
		f.e.hub.emit(state.ComponentRemoved{Name: old.Name, Instance: old.Instance}, state.ComponentChanged{Component: row})
		return
	}
	f.e.hub.emit(state.ComponentChanged{Component: row})
}

// allReady tells once that every instance was READY.
func (f *fleet) allReady() {
	if f.ready || !f.whole {
		return
	}
	for _, m := range f.members {
		if m.duty == serving && !m.wasReady && m.life.To != supervisor.Exited {
			return
		}
	}
	f.ready = true
	f.e.hub.emit(state.AppReady{At: time.Now()})
	if played := f.e.o.Project.Played; f.e.o.Watched && len(played) > 0 { // what was said before the screen is behind it
		f.e.hub.emit(state.Notice{Text: "offline: no model is asked, " + strings.Join(played, ", ") + " played"})
	}
}

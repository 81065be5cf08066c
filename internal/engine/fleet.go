package engine

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// fleet owns what is known of the components. Only the goroutine of run touches it; everything else sends notes.
type fleet struct {
	e       *Engine
	members []*member
	notes   chan note
	done    chan struct{} // closed when run has ended
	wg      sync.WaitGroup
	ready   bool
	tick    time.Time // of the last ping round
}

// note is something that the fleet should know.
type note interface{ take(f *fleet) }

func newFleet(e *Engine) *fleet {
	f := &fleet{e: e, notes: make(chan note), done: make(chan struct{})}
	for _, c := range e.o.Project.Components {
		f.members = append(f.members, &member{name: c.Name, kind: c.Kind, typ: c.Type})
	}
	return f
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

func (f *fleet) find(name string) *member {
	for _, m := range f.members {
		if m.name == name {
			return m
		}
	}
	return nil
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
		m.health.InFlight, m.health.Queued = 0, 0
		m.silent = silence{}
		f.read(m)
	case supervisor.Ready:
		m.wasReady = true
		m.death = postmortem{}
		f.ask(m) // so that its load is known at once
	case supervisor.Backoff, supervisor.Failed:
		f.bury(m)
		return // shown when it is known why
	case supervisor.Exited:
		f.bury(m)
	}
	f.show(m)
	f.allReady()
}

// hinted: look at the records. While some are awaited only those are read.
type hinted struct{}

func (hinted) take(f *fleet) {
	waiting := false
	for _, m := range f.members {
		if m.life.To == supervisor.Starting {
			waiting = true
			f.read(m)
			f.show(m)
		}
	}
	if waiting {
		return
	}
	for _, m := range f.members {
		if m.life.To == supervisor.Ready {
			f.read(m)
			f.show(m)
		}
	}
}

// read takes what the member's instance says of itself, and passes on that it is READY.
func (f *fleet) read(m *member) {
	rec, err := localbus.ReadRecord(f.e.dir, f.e.starts.instance(m.name))
	if err != nil || rec.PID != m.life.PID {
		return // not written yet
	}
	m.record = rec
	if m.life.To == supervisor.Starting && m.current() && rec.State == localbus.StateReady {
		m.beat = time.Now()
		f.e.sup.ReadyPID(m.name, rec.PID)
	}
}

// bury finds out what a dead instance left to say, and removes its files.
func (f *fleet) bury(m *member) {
	name, instance := m.name, f.e.starts.instance(m.name)
	pid := m.life.PID
	f.wg.Go(func() {
		var left postmortem
		if rec, err := localbus.ReadRecord(f.e.dir, instance); err == nil && rec.State == localbus.StateFailed {
			left.reason = rec.Reason
		}
		left.lines = lastLines(context.Background(), f.e.o.App.Logs(), name)
		if err := localbus.Sweep(f.e.dir, nil); err != nil {
			f.e.o.Log.Warn("sweeping the run directory", "error", err)
		}
		f.tell(buried{name: name, pid: pid, left: left})
	})
}

// buried is what bury found.
type buried struct {
	name string
	pid  int
	left postmortem
}

func (b buried) take(f *fleet) {
	if m := f.find(b.name); m != nil && m.life.PID == b.pid {
		m.death = b.left
		f.show(m)
	}
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

// allReady tells once that every component was READY.
func (f *fleet) allReady() {
	if f.ready {
		return
	}
	for _, m := range f.members {
		if !m.wasReady {
			return
		}
	}
	f.ready = true
	f.e.hub.emit(state.AppReady{At: time.Now()})
}

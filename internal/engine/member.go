package engine

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// member is all that is known of one component.
type member struct {
	name, kind, typ string
	life            supervisor.Event // the last step the supervisor told of
	record          localbus.Record  // what the running instance says of itself; zero before it does
	health          event.Health
	beat            time.Time // last sign of life
	death           postmortem
	wasReady        bool
	pinging         bool
	silent          silence
	shown           state.Component
}

// postmortem is what the last instance left.
type postmortem struct {
	reason string
	lines  []string
}

// silence is how long an instance has not answered, and what it did meanwhile.
type silence struct {
	since time.Time
	ticks uint64 // processor time of its processes when the silence began
}

// row is the member as people see it.
func (m *member) row() state.Component {
	c := state.Component{
		Name: m.name, Kind: m.kind, Type: m.typ, Generation: firstGeneration, Restarts: m.life.Restarts,
		Instance: m.record.Instance, State: m.word(), HeartbeatAt: m.beat,
		InFlight: m.health.InFlight, Max: m.max(), Queued: m.health.Queued, SuccessRate: 1,
	}
	if !m.beat.IsZero() && m.health.Max > 0 {
		c.SuccessRate = m.health.SuccessRate
	}
	if m.life.To.Alive() || m.life.To == supervisor.Stopping {
		c.PIDs.Runner = m.life.PID
		if m.record.PID == m.life.PID {
			c.PIDs.Guard, c.PIDs.Child = m.record.GuardPID, m.record.ChildPID
		}
	}
	switch m.life.To {
	case supervisor.Backoff, supervisor.Failed:
		c.Reason, c.LastLines, c.NextStart = m.reason(), m.death.lines, m.life.NextStart
	case supervisor.Pending, supervisor.Starting:
		c.Reason = m.reason()
	case supervisor.Stopping, supervisor.Exited:
		c.Reason = m.life.Reason
	}
	return c
}

func (m *member) max() int {
	if m.health.Max > 0 {
		return m.health.Max
	}
	return m.record.MaxConcurrent
}

// reason prefers what the component said itself to how the kernel saw it end, but keeps the supervisor's decision.
func (m *member) reason() string {
	switch {
	case m.death.reason == "":
		return m.life.Reason
	case m.life.To == supervisor.Failed:
		return m.death.reason + " (" + m.life.Reason + ")"
	}
	return m.death.reason
}

func (m *member) word() state.Word {
	switch m.life.To {
	case supervisor.Ready:
		switch {
		case m.record.State == localbus.StateShuttingDown:
			return state.Draining
		case m.health.InFlight > 0:
			return state.Active
		}
		return state.Ready
	case supervisor.Stopping:
		return state.Draining
	case supervisor.Exited:
		return state.Stopped
	case supervisor.Failed:
		return state.Failed
	}
	return state.Starting
}

// current reports whether the record is that of the process which runs now.
func (m *member) current() bool {
	return m.record.Alive && m.record.PID == m.life.PID && m.life.PID != 0
}

package engine

import (
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// duty is what an instance is there for.
type duty uint8

const (
	serving duty = iota // it has the partitions of its ordinal
	standby             // of a newer generation, it owns nothing yet
	leaving             // it gives its partitions back and is not started again
)

// portion is what an instance was told about partitions.
type portion struct {
	ordinals []int
	serve    bool
}

func (s portion) equal(o portion) bool {
	return s.serve == o.serve && (!s.serve || slices.Equal(s.ordinals, o.ordinals))
}

// member is all that is known of one instance.
type member struct {
	unit
	kind, typ string
	duty      duty
	instance  string           // the name of its last start
	before    int              // restarts under earlier supervisors
	adopted   bool             // until its first step under this one
	life      supervisor.Event // the last step the supervisor told of
	record    localbus.Record  // what the running instance says of itself; zero before it does
	vitals
	told  portion // its answer to the last component.share, else what it was started with
	shown state.Component
}

// vitals are the signs of life of a member, and what it left behind when it died.
type vitals struct {
	health    event.Health
	beat      time.Time // last sign of life
	death     postmortem
	lastDeath string // of the process before the one that is ready
	wasReady  bool
	pinging   bool
	asked     time.Time // in a round, for a sign of life
	telling   bool      // a component.share is under way
	silent    silence
}

// postmortem is what the last instance left.
type postmortem struct {
	known  bool // it was looked for
	reason string
	how    string // as the supervisor saw it; empty when it was asked to end
	exit   state.Exit
	lines  []string
}

// silence is how long an instance has not answered, and what it did meanwhile.
type silence struct {
	since time.Time
	ticks uint64 // processor time of its processes when the silence began

	forgiven time.Time // what was before does not count
}

// row is the member as people see it.
func (m *member) row() state.Component {
	c := state.Component{
		Name: m.name, Ordinal: m.ordinal, Kind: m.kind, Type: m.typ, Generation: m.generation, Restarts: m.before + m.life.Restarts,
		Instance: m.instance, State: m.word(), HeartbeatAt: m.beat,
		InFlight: m.health.InFlight, Max: m.max(), Queued: m.health.Queued, SuccessRate: 1,
		Breakers: m.health.Breakers, LastDeath: m.lastDeath,
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
		c.Exit = exitOf(m.life.Exit)
	case supervisor.Pending, supervisor.Starting: // until it is READY, why it died is why it is not
		c.Reason, c.LastLines, c.Exit = orElse(m.reason(), m.death.how), m.death.lines, m.death.exit
	case supervisor.Stopping, supervisor.Exited:
		if c.Reason = m.life.Reason; c.Reason == supervisor.EndedAsAnnounced {
			c.Reason = toldToShutDown
		}
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
		case m.duty == leaving || m.record.State == localbus.StateShuttingDown:
			return state.Draining
		case m.duty == standby:
			return state.Starting
		case m.health.InFlight > 0:
			return state.Active
		}
		return state.Ready
	case supervisor.Stopping:
		return state.Draining
	case supervisor.Exited:
		return state.Stopped
	case supervisor.Failed:
		if m.duty != standby { // that one is only an attempt: the reload says what became of it
			return state.Failed
		}
	}
	return state.Starting
}

// current reports whether the record is that of the process which runs now.
func (m *member) current() bool {
	return m.record.Alive && m.record.PID == m.life.PID && m.life.PID != 0
}

// empty reports whether a member that is leaving has nothing left: it stands by without a partition, or is dead.
func (m *member) empty() bool {
	return !m.life.To.Alive() || m.current() && m.record.Standby && len(m.record.Partitions) == 0 && !m.told.serve
}

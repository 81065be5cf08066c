package supervisor

import (
	"context"
	"time"
)

// Spec says how to start one process and what to do when it ends.
type Spec struct {
	Name    string   // unique in the supervisor
	Path    string   // the executable; on Linux usually /proc/self/exe, which outlives a deleted binary
	Argv    []string // argv[0] is what ps shows
	Dir     string
	Env     []string
	Config  []byte // handed over on descriptor 3 (a memory file, never argv or environment); nil: an empty file
	LogPath string // where the process's own stdout and stderr are appended: a file, so that it outlives us
	Policy  Policy

	// KillWithUs asks the kernel (Linux) to kill the process with the thread that started it. It is an accelerator for
	// what must not outlive us; a runner must, so it does not set it.
	KillWithUs bool
}

// Policy is how often and how fast a process is started again, and how it is stopped. Zero fields take the defaults
// of DefaultPolicy.
type Policy struct {
	Delays       []time.Duration // before restart 1, 2, …; the last one repeats when Always
	Healthy      time.Duration   // READY for this long forgets earlier crashes
	Always       bool            // never quarantine
	Never        bool            // no restart at all: any death is the end
	ReadyTimeout time.Duration   // not READY by then counts as a crash
	Grace        time.Duration   // between TERM and KILL
	KilledDelay  time.Duration   // before the restart after a SIGKILL or SIGTERM from outside
	DumpTime     time.Duration   // between SIGQUIT (the stack dump of a process declared broken) and KILL
}

// DefaultPolicy is what zero fields of a [Policy] become.
func DefaultPolicy() Policy {
	return Policy{
		Delays:       []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second},
		Healthy:      30 * time.Second,
		ReadyTimeout: 30 * time.Second,
		Grace:        10 * time.Second,
		KilledDelay:  100 * time.Millisecond,
		DumpTime:     500 * time.Millisecond,
	}
}

func (p Policy) filled() Policy {
	d := DefaultPolicy()
	if len(p.Delays) == 0 {
		p.Delays = d.Delays
		if p.Always {
			p.Delays = append(p.Delays, 4*time.Second, 8*time.Second, 15*time.Second, 30*time.Second, time.Minute)
		}
	}
	fill(&p.Healthy, d.Healthy)
	fill(&p.ReadyTimeout, d.ReadyTimeout)
	fill(&p.Grace, d.Grace)
	fill(&p.KilledDelay, d.KilledDelay)
	fill(&p.DumpTime, d.DumpTime)
	return p
}

func fill(d *time.Duration, to time.Duration) {
	if *d == 0 {
		*d = to
	}
}

// Starter turns a Spec into a running process, and finds one that is already running.
type Starter interface {
	// Start runs spec. An error that wraps fs.ErrNotExist, fs.ErrPermission or ENOEXEC means that trying again is
	// useless.
	Start(spec Spec) (Process, error)
	// Adopt takes over a process that somebody else started from an equal spec. start is its [PidStart].
	Adopt(spec Spec, pid int, start uint64) (Process, error)
}

// Process is one process group. The supervisor calls Wait once, then Drain once, and Signal at any time.
type Process interface {
	PID() int
	// Signal goes to the whole group; [SIGQUIT] only to its leader.
	Signal(sig Signal) error
	// Wait returns when the leader has ended, whoever still holds its pipes; it fails only when ctx ends.
	Wait(ctx context.Context) (Exit, error)
	// Drain returns when nothing that the leader left behind is alive. From the end of kill on it kills.
	Drain(kill context.Context)
}

// Exit is how a leader ended. The zero value is exit status 0.
type Exit struct {
	Code    int
	Signal  Signal // 0 when it exited by itself
	OOM     bool   // the kernel says that memory ran out
	Unknown bool   // it was not our child: nobody told us
}

// Event is one step in the life of a process.
type Event struct {
	Name      string
	From, To  Phase // From is 0 for a new name
	PID       int   // of the process that the step is about; 0 when there is none
	Exit      Exit  // the last one
	Restarts  int   // how often it was started again, since the name is known
	Crashes   int   // counted ones since the last healthy period or order
	NextStart time.Time
	Reason    string // why, in words: "killed by SIGSEGV", "exit status 3", "not ready after 30 s"
	At        time.Time
}

// Status is what is known of a process now: its last event.
type Status = Event

// Options configure a supervisor. Only Starter is required.
type Options struct {
	Starter Starter
	// Patience limits how long Run waits, after its context ended and everything was killed, for the kernel to let go
	// of it. Default 10 s.
	Patience time.Duration
	// Wave spreads restarts: when as many names as this crash within two seconds, the later ones wait in a row, each a
	// random 100 to 300 ms behind the last. Default 3.
	Wave int
	// Linger is how long Run waits at its end for somebody to read the last events. Default 1 s.
	Linger time.Duration
}

// Supervisor looks after processes. Make one with New; nothing happens before Run.
type Supervisor struct {
	options Options
	inbox   chan message
	events  chan Event
	done    chan struct{} // closed when Run has ended
}

// New returns a supervisor that has nothing to do yet.
func New(o Options) *Supervisor {
	fill(&o.Patience, 10*time.Second)
	fill(&o.Linger, time.Second)
	if o.Wave == 0 {
		o.Wave = 3
	}
	return &Supervisor{
		options: o,
		inbox:   make(chan message),
		events:  make(chan Event),
		done:    make(chan struct{}),
	}
}

// Events reports every change of phase, in order. A slow reader delays nobody: what it has not read yet waits. The
// channel is closed when Run ends.
func (s *Supervisor) Events() <-chan Event { return s.events }

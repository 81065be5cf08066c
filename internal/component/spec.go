// Package component is the life of one component: register, heartbeat, take a message, run the handler, route the
// result, drain.
package component

import (
	"cmp"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/fault"
)

// SpecVersion is written into every Spec; a runner refuses one it does not know.
const SpecVersion = 1

// Spec is all that a runner needs to be one instance of a component. It is handed over as JSON on descriptor 3, so that
// no property, and no secret in one, is ever in argv or in the environment.
type Spec struct {
	V          int            `json:"v"`
	App        App            `json:"app"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Type       string         `json:"type"`
	Instance   string         `json:"instance"` // <up to 8 letters of the name>-<4 random>: names the lease, the record and the socket
	Ordinal    int            `json:"ordinal"`
	Generation int            `json:"generation"`
	Restarts   int            `json:"restarts"`
	Innocent   bool           `json:"innocent,omitempty"` // the last instance died by a signal from outside: no message is blamed
	Config     map[string]any `json:"config"`
	// Calls is how other components are called, by name, as far as they say so; what this one's own properties say is in
	// Config.
	Calls map[string]CallPolicy `json:"calls,omitempty"`
	// Kinds are those of all components, by name; only a component that says which types it takes has them.
	Kinds    map[string]string `json:"kinds,omitempty"`
	To       []Target          `json:"to"`                // next hops; empty: this hop is a leaf
	Reach    []string          `json:"reach,omitempty"`   // of an acceptor: every component that its turns may pass, nearest first
	Master   string            `json:"master,omitempty"`  // the task master, when some hops go by way of it
	Central  []string          `json:"central,omitempty"` // the components that are reached by way of the master; "*": all
	Acceptor bool              `json:"acceptor"`          // takes turns from faces and owns their END
	// Share is the ordinals that share this component's partitions (R2), in any order; empty: this one has them all.
	Share    []int  `json:"share,omitempty"`
	Standby  bool   `json:"standby,omitempty"` // load and announce READY, but own nothing until a component.share says serve
	Detached bool   `json:"detached"`          // keeps serving when the supervisor is gone
	Timing   Timing `json:"timing"`
	// Durability is DurabilityDisk when what was accepted must survive a power cut; empty: the death of processes.
	Durability string `json:"durability,omitempty"`
	MaxHops    int    `json:"max_hops,omitempty"` // longest way of a turn; 0: the default
	// Faults are what is to go wrong in this start.
	Faults []fault.Order `json:"faults,omitempty"`
	// Secrets are what the log must not show, of the whole app.
	Secrets []string `json:"secrets,omitempty"`
	// Listeners are the hooks and pipes of the whole app, in the order of construction.
	Listeners []Listener `json:"listeners,omitempty"`
	// Files are the Python files that this component runs for the whole app, relative to the project.
	Files []string `json:"files,omitempty"`
	// Owners are the components that run the Python files of the app, by file.
	Owners map[string]string `json:"owners,omitempty"`
	// Debug is the Python file that a person debugs; only the component that runs it has it.
	Debug *Debug `json:"debug,omitempty"`
	// Variables are those of the project's .env file, for user code; only a component that runs some has them.
	Variables map[string]string `json:"variables,omitempty"`
}

// Debug is a Python file whose functions stop in a debugger, and the terminal at which somebody sits before it.
type Debug struct {
	File     string `json:"file"`
	Terminal string `json:"terminal"`
}

// App is what every component of an app shares.
type App struct {
	ID       string `json:"id"` // 8 hex digits
	Name     string `json:"name"`
	File     string `json:"file"`
	Dir      string `json:"dir"`       // project directory
	StateDir string `json:"state_dir"` // .ww/<id>
	RunDir   string `json:"run_dir"`
	Tag      string `json:"tag"` // nonce of this start, for the sweep

	// StaleBefore: what is left over from before is set aside instead of gone on with; zero: nothing is. It is ten minutes
	// before the start of the app.
	StaleBefore time.Time `json:"stale_before,omitzero"`
	Resume      bool      `json:"resume,omitempty"` // everything that is left over goes on, with the time of a new turn

	Recording  string        `json:"recording,omitempty"`   // "off": turns are not kept in sessions
	Replay     *Replay       `json:"replay,omitempty"`      // turns are answered from a recording
	Seed       *uint32       `json:"seed,omitempty"`        // what chance begins with, where it can be told; nil: it is chance
	SessionTTL time.Duration `json:"session_ttl,omitempty"` // lifetime of an unused session; 0: the default
}

// SeedVariable names the variable in which programs of the user's find the seed.
const SeedVariable = "WW_RANDOM_SEED"

// Seeded are the variables in which programs are told the seed: their own, and that of Python for the order of its sets.
func (a App) Seeded() map[string]string {
	if a.Seed == nil {
		return map[string]string{}
	}
	seed := strconv.FormatUint(uint64(*a.Seed), 10)
	return map[string]string{SeedVariable: seed, "PYTHONHASHSEED": seed}
}

// Replay says what of which recording is played.
type Replay struct {
	File   string `json:"file"`
	How    string `json:"how"`
	Turn   int    `json:"turn,omitempty"`
	Hop    int    `json:"hop,omitempty"`
	Report string `json:"report"` // the file that mismatches are added to
}

// DurabilityDisk is the word for a component whose journal is on the disk before anything follows from it.
const DurabilityDisk = "disk"

// RecordingOff is the word for an app that keeps no sessions.
const RecordingOff = "off"

// Listener is a function of a Python file that hears of an event, or changes it.
type Listener struct {
	Event    string `json:"event"`
	Pipe     bool   `json:"pipe,omitempty"`
	File     string `json:"file"`
	Function string `json:"function"`
	Owner    string `json:"owner"` // the component that runs the file
}

// Target is a next hop.
type Target struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Timing holds every duration of a runner's life, so that tests run in milliseconds. Zero fields take the defaults
// of DefaultTiming.
type Timing struct {
	Heartbeat   time.Duration `json:"heartbeat,omitempty"`    // between two signs of life
	RefuseAfter time.Duration `json:"refuse_after,omitempty"` // supervisor gone: inputs refuse
	KillAfter   time.Duration `json:"kill_after,omitempty"`   // supervisor gone: the runner ends
	Drain       time.Duration `json:"drain,omitempty"`        // running turns may finish
	TurnTimeout time.Duration `json:"turn_timeout,omitempty"` // deadline of a turn
	Delivery    time.Duration `json:"delivery,omitempty"`     // a message that nobody took by then is set aside
	Asking      time.Duration `json:"asking,omitempty"`       // a question of a hop waits for a user to be there
	Takeover    time.Duration `json:"takeover,omitempty"`     // an instance that is gone for this long loses its partitions to its siblings
}

// DefaultTiming is what docs/protocol.md promises.
func DefaultTiming() Timing {
	return Timing{
		Heartbeat:   5 * time.Second,
		RefuseAfter: 10 * time.Second,
		KillAfter:   15 * time.Second,
		Drain:       10 * time.Second,
		TurnTimeout: 10 * time.Minute,
		Delivery:    10 * time.Minute,
		Asking:      time.Minute,
		Takeover:    2 * time.Second,
	}
}

func (t Timing) withDefaults() Timing {
	d := DefaultTiming()
	return Timing{
		Heartbeat:   cmp.Or(t.Heartbeat, d.Heartbeat),
		RefuseAfter: cmp.Or(t.RefuseAfter, d.RefuseAfter),
		KillAfter:   cmp.Or(t.KillAfter, d.KillAfter),
		Drain:       cmp.Or(t.Drain, d.Drain),
		TurnTimeout: cmp.Or(t.TurnTimeout, d.TurnTimeout),
		Delivery:    cmp.Or(t.Delivery, d.Delivery),
		Asking:      cmp.Or(t.Asking, d.Asking),
		Takeover:    cmp.Or(t.Takeover, d.Takeover),
	}
}

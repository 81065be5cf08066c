package bus

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ErrUnknown is returned by Get for an instance that is not registered, or dead.
var ErrUnknown = errors.New("no such instance is registered")

// ComponentInfo is what a registry knows of one instance of a component.
type ComponentInfo struct {
	Identity
	State  State  `json:"state"`
	Reason string `json:"reason"` // why it failed
	Skills
	SessionAffinity []int     `json:"session_affinity"` // the partitions of the inbox that it holds
	RegisteredAt    time.Time `json:"registered_at"`
	LastHeartbeat   time.Time `json:"last_heartbeat"` // zero: none was heard
	Standby         bool      `json:"standby"`        // ready, but nothing is to be sent to it: another generation serves
	Place
	Vitals
}

// Identity says who an instance is. It never changes.
type Identity struct {
	ID         string `json:"component_id"` // of the instance: <up to 8 letters of the name>-<4 random>
	Ordinal    int    `json:"ordinal"`      // among the instances of the component
	Name       string `json:"name"`         // of the component in the .ww file
	Kind       string `json:"component_type"`
	Type       string `json:"type"`
	Generation int    `json:"generation"`
}

// Skills are what an instance can do and what it needs for that.
type Skills struct {
	Capabilities []string       `json:"capabilities"`
	InputEvents  []string       `json:"input_events"` // empty: it takes what its kind takes
	OutputEvents []string       `json:"output_events"`
	Resources    map[string]any `json:"resource_requirements"`
}

// Place says where an instance is.
type Place struct {
	ProcessID   int    `json:"process_id"`
	ContainerID string `json:"container_id"` // empty outside of containers
	Endpoint    string `json:"endpoint"`     // a URL, as in unix:///run/…
	Version     string `json:"version"`      // of ww
	Node        string `json:"node"`         // name of the machine
}

// Vitals are how an instance is, as its last heartbeat said. The averages are exponential, the newest turn counts a tenth.
type Vitals struct {
	AvgProcessingTime float64 `json:"avg_processing_time"` // seconds
	SuccessRate       float64 `json:"success_rate"`        // 0 to 1
	CurrentLoad       int     `json:"current_load"`        // turns in work
	MaxConcurrent     int     `json:"max_concurrent"`
}

// emaAlpha is the weight of the newest turn in the averages of Vitals.
const emaAlpha = 0.1

// Observe counts a turn. first: there is nothing to average with yet.
func (v *Vitals) Observe(took time.Duration, ok, first bool) {
	success := 0.0
	if ok {
		success = 1
	}
	if first {
		v.AvgProcessingTime = took.Seconds()
	}
	v.AvgProcessingTime += emaAlpha * (took.Seconds() - v.AvgProcessingTime)
	v.SuccessRate += emaAlpha * (success - v.SuccessRate)
}

// Registrar is what an instance tells a registry of its own life.
type Registrar interface {
	// Register makes the instance known, or replaces what was known. Where it is and who it is, the registry fills in
	// itself as far as it knows better. A state that may not follow the last one is a *TransitionError.
	Register(info ComponentInfo) error
	// Heartbeat says that the instance lives, and how it is. It puts back a registration that was lost, and never one
	// that was taken back.
	Heartbeat(v Vitals) error
	// Deregister takes the registration back: from then on nobody finds the instance.
	Deregister() error
}

// Directory is what anybody may ask a registry. Only the living are in it: an instance leaves with its lease.
type Directory interface {
	// Get returns one instance, in whatever state it is, or ErrUnknown.
	Get(ctx context.Context, id string) (ComponentInfo, error)
	// Discover returns the instances that a query asks for, by name, ordinal and id.
	Discover(ctx context.Context, q Query) ([]ComponentInfo, error)
	// Watch tells of every instance that the query asks for as it is at the beginning, and then of every change until
	// ctx ends; the channel is closed then. Changes that follow each other quickly may be told as one: what was told
	// last is what is. Vitals are not watched.
	Watch(ctx context.Context, q Query) (<-chan Change, error)
}

// Registry is both.
type Registry interface {
	Registrar
	Directory
}

// Change is what a watcher hears.
type Change struct {
	Gone bool          // it was deregistered, died, or is not what the query asks for any more
	Info ComponentInfo // as it is now, or was last
}

// Query says which instances are meant. Empty fields do not ask; the others must all fit.
type Query struct {
	Name       string // of the component
	Kind       string // component_type, as in llm
	Type       string // as in openai
	Capability string
	// Session: of each component only the instance that the session's messages go to.
	Session string
	// All: also those that take no messages: that start, end, have failed, stand by, or belong to an older generation.
	All bool
}

// Select returns the instances of list that the query asks for, in the order that Discover promises. Backends use it on
// what they know to be alive.
func (q Query) Select(list []ComponentInfo) []ComponentInfo {
	out := slices.DeleteFunc(slices.Clone(list), func(c ComponentInfo) bool { return !q.fits(&c) })
	if !q.All {
		out = serving(out)
	}
	if q.Session != "" {
		out = owners(out, PartitionOf(q.Session))
	}
	slices.SortFunc(out, before)
	return out
}

func (q Query) fits(c *ComponentInfo) bool {
	return (q.Name == "" || q.Name == c.Name) && (q.Kind == "" || q.Kind == c.Kind) && (q.Type == "" || q.Type == c.Type) &&
		(q.Capability == "" || slices.Contains(c.Capabilities, q.Capability))
}

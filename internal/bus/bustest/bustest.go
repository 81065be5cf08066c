// Package bustest says, as tests, what every bus promises to components, whatever carries the messages.
//
// A backend calls [Run] with a way to open empty nets. Each promise is a subtest that joins components under names,
// sends, and breaks things: it kills and pauses components and cuts connections. The promises are those of package bus
// and nothing more: what is sent may arrive again when a connection was lost, a cast may be lost, and no order holds
// between calls, chain messages and casts.
//
// The suite is itself tested: [Memory] is a bus that keeps every promise, and for every promise there is a bus beside
// it that breaks it and must fail.
package bustest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

// T is what a promise needs of a test. *testing.T is one.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
	Context() context.Context
}

// Net is one bus with nobody on it.
type Net interface {
	// Join takes a seat for a component, which others can find at once. Without a receiver it only sends.
	Join(component string, r bus.Receiver) bus.Bus
	// Kill ends a component as SIGKILL does: without a word, and the others see its connections end. It waits for
	// nothing that the component may be in the middle of.
	Kill(component string)
	// Pause stops a component as SIGSTOP does: its connections stay, and it takes nothing from them until resume.
	Pause(component string) (resume func())
	// Cut breaks the connection that one component has made to another. Both live on.
	Cut(from, to string)
	// Registry is the registry as a component that has joined sees it. Whoever has joined with a receiver is registered
	// under its name as ready.
	Registry(component string) bus.Registry
	// Forget loses the registration of a component, as a flushed store or a cleaner of old files does. It lives on.
	Forget(component string)
}

// Backend is a kind of bus.
type Backend struct {
	// Open makes a net and takes it down, with everybody on it, when the test is over.
	Open func(t T) Net
	// Large is the size of a body that this bus takes, and TooLarge of one that it refuses.
	Large, TooLarge int
	// Lease is how long a registration stays without heartbeats; 0: for as long as its component lives.
	Lease time.Duration
	// Patience is how long something may take that should happen at once: 10 s when 0. A bus that keeps its promises
	// never makes a test wait for it.
	Patience time.Duration
}

// Check is one promise.
type Check struct {
	Name string
	run  func(w *world)
}

// Checks lists every promise.
func Checks() []Check {
	return slices.Concat(callChecks(), callFaultChecks(), pushChecks(), chainChecks(), verdictChecks(), chainFaultChecks(),
		castChecks(), isolationChecks(), registryChecks(), watchChecks())
}

// Run checks every promise of a backend, each on a net of its own.
func Run(t *testing.T, b Backend) {
	t.Helper()
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, b) })
	}
}

// Run checks this promise.
func (c Check) Run(t T, b Backend) {
	t.Helper()
	if b.Patience <= 0 {
		b.Patience = 10 * time.Second
	}
	c.run(&world{T: t, Backend: b, net: b.Open(t)})
}

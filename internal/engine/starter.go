package engine

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// ExitTerminated is the exit status of a runner that ended because of SIGTERM, as a shell would report it.
const ExitTerminated = 128 + int(supervisor.SIGTERM)

// starter gives every start of an instance a name of its own, and tells the new one what became of the last. It knows
// them by the names that the supervisor uses.
type starter struct {
	next   supervisor.Starter
	ending func(name string) // tells the supervisor that an end was ordered
	mu     sync.Mutex
	// guarded by mu
	specs  map[string]component.Spec
	starts map[string]int
	blamed map[string]bool // killed by us because it hung
}

func newStarter(next supervisor.Starter) *starter {
	return &starter{next: next, specs: map[string]component.Spec{}, starts: map[string]int{}, blamed: map[string]bool{}}
}

// put says what the next start of a name is made from.
func (s *starter) put(name string, spec component.Spec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.specs[name], s.starts[name] = spec, 0
}

// inherit says what the next start of a name is made from when an instance of it runs already.
func (s *starter) inherit(name string, spec component.Spec) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spec.Restarts++
	s.specs[name], s.starts[name] = spec, spec.Restarts
}

// amend changes what the next start of a name is made from.
func (s *starter) amend(name string, f func(*component.Spec)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if spec, ok := s.specs[name]; ok {
		f(&spec)
		s.specs[name] = spec
	}
}

// amendAll is amend of every name.
func (s *starter) amendAll(f func(*component.Spec)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, spec := range s.specs {
		f(&spec)
		s.specs[name] = spec
	}
}

// spec is what the last start of a name was made from.
func (s *starter) spec(name string) (component.Spec, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spec, ok := s.specs[name]
	return spec, ok
}

// drop forgets a name.
func (s *starter) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.specs, name)
	delete(s.starts, name)
	delete(s.blamed, name)
}

// Start implements supervisor.Starter.
func (s *starter) Start(spec supervisor.Spec) (supervisor.Process, error) {
	config, err := encode(s.prepare(spec.Name))
	if err != nil {
		return nil, err
	}
	spec.Config = config
	p, err := s.next.Start(spec)
	if err != nil {
		return nil, err
	}
	return &watched{Process: p, s: s, name: spec.Name}, nil
}

// Adopt implements supervisor.Starter.
func (s *starter) Adopt(spec supervisor.Spec, pid int, start uint64) (supervisor.Process, error) {
	p, err := s.next.Adopt(spec, pid, start)
	if err != nil {
		return nil, err
	}
	return &watched{Process: p, s: s, name: spec.Name}, nil
}

func (s *starter) prepare(name string) component.Spec {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.specs[name]
	c.Restarts = s.starts[name]
	s.starts[name]++
	if c.Restarts > 0 {
		c.Instance = localbus.NewInstance(c.Name)
	}
	kept := c
	kept.Faults = nil // they were for this start
	s.specs[name] = kept
	return c
}

// instance is the name of the last start.
func (s *starter) instance(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.specs[name].Instance
}

// blame says that the running instance is about to be killed because it hangs, and that this is its own fault.
func (s *starter) blame(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blamed[name] = true
}

// ended keeps for the next start whether the death says anything about the message that was being worked on: a signal
// from outside says nothing, a crash does. How an adopted process ended nobody knows, and only what is proven is blamed.
func (s *starter) ended(name string, exit supervisor.Exit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.specs[name]
	if !ok {
		return
	}
	asked := exit.Code == ExitTerminated || exit == supervisor.Exit{}
	byHand := exit.Signal == supervisor.SIGKILL || exit.Signal == supervisor.SIGTERM
	c.Innocent = !s.blamed[name] && !exit.OOM && (byHand || asked || exit.Unknown)
	s.specs[name] = c
	delete(s.blamed, name)
}

// watched is a process whose end the starter wants to know.
type watched struct {
	supervisor.Process
	s    *starter
	name string
}

// Wait implements supervisor.Process.
func (w *watched) Wait(ctx context.Context) (supervisor.Exit, error) {
	exit, err := w.Process.Wait(ctx)
	if exit.Code == component.ExitOrdered && err == nil {
		exit = supervisor.Exit{}
		w.s.ending(w.name)
	}
	if err == nil {
		w.s.ended(w.name, exit)
	}
	return exit, err
}

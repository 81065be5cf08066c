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

// starter gives every start of a component a name of its own, and tells the new instance what became of the last one.
type starter struct {
	next supervisor.Starter
	mu   sync.Mutex
	// guarded by mu
	specs  map[string]component.Spec
	starts map[string]int
	blamed map[string]bool // killed by us because it hung
}

func newStarter(next supervisor.Starter, specs map[string]component.Spec) *starter {
	return &starter{next: next, specs: specs, starts: map[string]int{}, blamed: map[string]bool{}}
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
	return s.next.Adopt(spec, pid, start)
}

func (s *starter) prepare(name string) component.Spec {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.specs[name]
	c.Restarts = s.starts[name]
	s.starts[name]++
	if c.Restarts > 0 {
		c.Instance = localbus.NewInstance(name)
	}
	s.specs[name] = c
	return c
}

// instance is the name of the component's last start.
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
// from outside says nothing, a crash does.
func (s *starter) ended(name string, exit supervisor.Exit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.specs[name]
	asked := exit.Code == ExitTerminated || exit == supervisor.Exit{}
	byHand := exit.Signal == supervisor.SIGKILL || exit.Signal == supervisor.SIGTERM
	c.Innocent = !s.blamed[name] && !exit.OOM && (byHand || asked)
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
	if err == nil {
		w.s.ended(w.name, exit)
	}
	return exit, err
}

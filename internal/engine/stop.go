package engine

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
)

// stop ends the app in order: inputs stop accepting, what was accepted drains, then upstream to downstream.
func (e *Engine) stop(ctx context.Context) error {
	e.stopping()
	e.drain(ctx)
	return e.sup.StopAll(ctx, waves(e.o.Project)...)
}

// drain asks the inputs to refuse new turns and waits until the accepted ones have ended, but not for ever: what is
// left stays in the journals.
func (e *Engine) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timing.Drain)
	defer cancel()
	go func() {
		select {
		case <-e.hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	up := map[string]bool{}
	for _, c := range e.hub.picture().Components {
		up[c.Name] = c.State == state.Ready || c.State == state.Active
	}
	var wg sync.WaitGroup
	for _, c := range e.o.Project.Components {
		if !accepts(c) || !up[c.Name] {
			continue
		}
		wg.Go(func() {
			m := event.Message{Header: event.Header{Type: event.TypeShutdown, DataContentType: "application/json"}}
			if _, err := e.seat.Call(ctx, c.Name, m, nil); err != nil {
				e.o.Log.Info("draining", "component", c.Name, "error", err)
			}
		})
	}
	wg.Wait()
}

// waves orders the components from upstream to downstream: those who are as many hops from an input end together.
// What no turn reaches comes last.
func waves(p *project.Project) [][]string {
	seen := map[string]bool{}
	var next []string
	for _, c := range p.Components {
		if accepts(c) {
			next = append(next, c.Name)
		}
	}
	var all [][]string
	for len(next) > 0 {
		var wave, after []string
		for _, name := range next {
			c, ok := p.Component(name)
			if !ok || seen[name] {
				continue
			}
			seen[name] = true
			wave = append(wave, name)
			after = append(after, c.To...)
		}
		if len(wave) > 0 {
			all = append(all, wave)
		}
		next = after
	}
	return all
}

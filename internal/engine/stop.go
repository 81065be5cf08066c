package engine

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/supervisor"
)

// stop ends the app in order: inputs stop accepting, what was accepted drains, then upstream to downstream.
func (e *Engine) stop(ctx context.Context) error {
	e.fleet.do(func(f *fleet) { f.whole = false }) // from here on nothing gets ready: what never was is stopped, and that is all
	e.stopping()
	e.undrained = !e.drain(ctx)
	waves := e.waves()
	if !e.undrained && len(waves) > 1 { // nobody sends anything to anybody any more
		waves = [][]string{waves[0], slices.Concat(waves[1:]...)}
	}
	return e.sup.StopAll(ctx, waves...)
}

// drain asks the inputs to refuse new turns and waits until the accepted ones have ended, but not for ever: what is
// left stays in the journals. It reports whether nothing is.
func (e *Engine) drain(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timing.Drain)
	defer cancel()
	go func() {
		select {
		case <-e.hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	var wg sync.WaitGroup
	var open atomic.Int32
	for _, p := range e.asked() {
		w, ok := e.wants.component(p.unit.name)
		if !ok || !w.Acceptor {
			continue
		}
		wg.Go(func() {
			m := event.Message{Header: event.Header{Type: event.TypeShutdown, Subject: event.ShutdownDrain, DataContentType: "application/json"}}
			var answer struct{ Open int }
			got, err := e.seat.CallInstance(ctx, p.instance, m, nil)
			if err == nil {
				err = json.Unmarshal(got.Body, &answer)
			}
			if err != nil || answer.Open > 0 {
				open.Add(1)
				e.o.Log.Info("draining", "component", p.unit.shown(), "open", answer.Open, "error", err)
			}
		})
	}
	wg.Wait()
	return open.Load() == 0 && e.inputsUp()
}

// inputsUp reports whether every input could be asked.
func (e *Engine) inputsUp() bool {
	up := map[string]int{}
	for _, p := range e.asked() {
		up[p.unit.name]++
	}
	for _, w := range e.wants.now().Components {
		if w.Acceptor && up[w.Name] < len(w.Ordinals()) {
			return false
		}
	}
	return true
}

// waves is the order in which the supervisor stops the units.
func (e *Engine) waves() [][]string {
	units := map[string][]string{}
	e.fleet.do(func(f *fleet) {
		for _, m := range f.members {
			if m.life.To != supervisor.Phase(0) {
				units[m.name] = append(units[m.name], m.String())
			}
		}
	})
	var all [][]string
	for _, wave := range waves(e.project()) {
		var names []string
		for _, name := range wave {
			names = append(names, units[name]...)
		}
		all = append(all, names)
	}
	return all
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

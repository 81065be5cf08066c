package engine

import (
	"strconv"
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
)

// rolls are the rollouts whose old generation is still there to take everything back, by component.
type rolls struct {
	mu sync.Mutex
	by map[string]*rollout
}

func (e *Engine) rolling(name string) *rollout {
	e.rolls.mu.Lock()
	defer e.rolls.mu.Unlock()
	return e.rolls.by[name]
}

func (e *Engine) roll(r *rollout) {
	e.rolls.mu.Lock()
	defer e.rolls.mu.Unlock()
	if e.rolls.by == nil {
		e.rolls.by = map[string]*rollout{}
	}
	e.rolls.by[r.c.Name] = r
}

func (e *Engine) unroll(r *rollout) {
	e.rolls.mu.Lock()
	defer e.rolls.mu.Unlock()
	if e.rolls.by[r.c.Name] == r {
		delete(e.rolls.by, r.c.Name)
	}
}

// notice is one line for the person.
func (e *Engine) notice(text string) { e.hub.emit(state.Notice{Text: text}) }

func generation(n int) string { return strconv.Itoa(n) }

package engine

import (
	"slices"
	"strconv"
	"sync"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
)

// rolls are the rollouts whose old generation is still there to take everything back, by component.
type rolls struct {
	mu sync.Mutex
	by map[string]*rollout
	// back are the components that serve again as they were before the last reload, or stay because of those.
	back []string
}

// cameBack notes that a component is not as the file says.
func (r *rolls) cameBack(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.back = append(r.back, name)
}

// wentBack are the components that are not as the file says.
func (r *rolls) wentBack() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.back)
}

// went notes that a plan makes components as the file says.
func (r *rolls) went(plan project.Plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.back = slices.DeleteFunc(r.back, func(name string) bool {
		return slices.ContainsFunc(plan.Steps, func(s project.Step) bool { return s.Component == name && s.Op != project.OpSame })
	})
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

package engine

import (
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/usage"
)

// limit is what a component and everything below it may use.
type limit struct{ memory int64 }

// limitsOf is the limits of the components that have some.
func limitsOf(p *project.Project) map[string]limit {
	limits := map[string]limit{}
	for _, c := range p.Components {
		r, _ := c.Config["resources"].(map[string]any)
		if bytes, ok := project.Bytes(r["memory"]); ok {
			limits[c.Name] = limit{memory: bytes}
		}
	}
	return limits
}

// enforce ends what uses more than it may.
func (e *Engine) enforce(limits map[string]limit, up []state.Component) {
	var pids []int
	for _, c := range up {
		if _, ok := limits[c.Name]; ok && c.PIDs.Runner > 1 {
			pids = append(pids, c.PIDs.Runner)
		}
	}
	if len(pids) == 0 {
		return
	}
	used := usage.Memory(pids)
	for _, c := range up {
		most := limits[c.Name].memory
		if now := used[c.PIDs.Runner]; most > 0 && now > most {
			e.fleet.tell(exceeded{pid: c.PIDs.Runner, reason: tooLarge(now, most)})
		}
	}
}

// exceeded says that a process uses more than it may. Its death counts as a crash with this reason, and as one that the
// message it was working on may be blamed for.
type exceeded struct {
	pid    int
	reason string
}

func (x exceeded) take(f *fleet) {
	for _, m := range f.members {
		if m.life.PID == x.pid && m.life.To.Alive() {
			f.e.starts.blame(m.String())
			f.e.sup.Fail(m.String(), x.reason)
		}
	}
}

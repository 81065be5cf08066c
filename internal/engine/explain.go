package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/port"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

// Cause is one reason why a component is not ready, or will not do what is expected of it.
type Cause struct {
	Kind string `json:"kind"` // starting, restarting, failed, stopped, draining, dependency, variable, port, supervisor
	Text string `json:"text"`
	Fix  string `json:"fix"` // what to do; empty: wait
}

// Facts is what is known about an instance when somebody asks why it is not ready. Only Row must be there.
type Facts struct {
	Row        Row
	Rows       []Row // all of the app
	Wanted     app.Wanted
	Component  project.Component // as the file has it now; zero when it has no such component
	Problems   diag.List         // of the file
	Record     localbus.Record   // what the instance says of itself
	LastLines  []string
	Supervised bool
	Holder     func(port int) (port.Holder, bool)
	Now        time.Time
}

// Causes are all reasons that can be found, the nearest first.
func (f Facts) Causes() []Cause {
	causes := []Cause{}
	causes = append(causes, f.itself()...)
	causes = append(causes, f.ports()...)
	causes = append(causes, f.variables()...)
	causes = append(causes, f.dependencies()...)
	if !f.Supervised && !f.up() {
		causes = append(causes, Cause{"supervisor", "no ww dev looks after this app, so nothing is started again", "ww dev takes it over"})
	}
	return causes
}

func (f Facts) up() bool { return f.Row.State == state.Ready || f.Row.State == state.Active }

// itself is what its own state says.
func (f Facts) itself() []Cause {
	r := f.Row
	why := r.Reason
	if why == "" {
		why = "nobody knows why"
	}
	switch {
	case f.up():
		return nil
	case r.State == state.Failed:
		return []Cause{{"failed", why, "save a file that it needs, or: ww restart " + r.Name}}
	case r.State == state.Stopped:
		return []Cause{{"stopped", orElse(r.Reason, "it does not run"), "ww start " + r.Name}}
	case r.State == state.Draining:
		return []Cause{{"draining", fmt.Sprintf("it was asked to end and finishes %d turns", r.Load.InFlight), ""}}
	case r.NextStartMS > 0:
		return []Cause{{"restarting", fmt.Sprintf("it died (%s) and is started again in %.1f s", why, float64(r.NextStartMS)/1000), ""}}
	}
	return []Cause{f.starting()}
}

// starting says what a component that is being started has got to.
func (f Facts) starting() Cause {
	since := ""
	if !f.Record.RegisteredAt.IsZero() {
		since = " since " + span(f.Now.Sub(f.Record.RegisteredAt))
	}
	limit := readyTimeout(f.Component)
	before := ""
	if f.Row.Reason != "" {
		before = "; the one before it died: " + f.Row.Reason
	}
	switch {
	case f.Row.PIDs.Child > 0:
		return Cause{
			"starting", fmt.Sprintf("its program (pid %d: %s) runs%s and has not said that it is ready; at most %s are waited for",
				f.Row.PIDs.Child, port.Command(f.Row.PIDs.Child), since, span(limit)) + before, "ww logs -f " + f.Row.Name + " shows what it does",
		}
	case f.Row.PIDs.Runner > 0:
		return Cause{"starting", fmt.Sprintf("ww loads it%s; at most %s are waited for", since, span(limit)) + before, ""}
	}
	return Cause{"starting", "its process is about to be started" + before, ""}
}

func readyTimeout(c project.Component) time.Duration {
	if d, ok := c.Duration("ready_timeout"); ok && d > 0 {
		return d
	}
	return Timing{}.withDefaults().Ready
}

// ports are those that it could not have, with who has them.
func (f Facts) ports() []Cause {
	if f.up() || f.Holder == nil {
		return nil
	}
	complaints := port.Complaints(append(slices.Clone(f.LastLines), f.Row.Reason))
	if n, ok := f.Component.Int("port"); ok && !slices.Contains(complaints, n) {
		complaints = append(complaints, n)
	}
	var causes []Cause
	for _, n := range complaints {
		h, held := f.Holder(n)
		switch {
		case !held:
		case h.PID == 0:
			causes = append(causes, Cause{"port", fmt.Sprintf("port %d is held by a process of user %d", n, h.UID), "end that one, or take another port"})
		case !f.ours(h.PID):
			causes = append(causes, Cause{"port", fmt.Sprintf("port %d is held by pid %d: %s", n, h.PID, h.Command), fmt.Sprintf("kill %d, or take another port", h.PID)})
		}
	}
	return causes
}

func (f Facts) ours(pid int) bool {
	p := f.Row.PIDs
	return pid == p.Runner || pid == p.Guard || pid == p.Child
}

// variables are those of the environment that its declaration names and that are not set.
func (f Facts) variables() []Cause {
	if f.up() || f.Component.Name == "" {
		return nil
	}
	var causes []Cause
	for _, d := range f.Problems {
		at := d.Span.Start.Offset
		if d.Code == "W_ENV_UNSET" && at >= f.Component.Span.Start.Offset && at <= f.Component.Span.End.Offset {
			causes = append(causes, Cause{"variable", fmt.Sprintf("%s (%s:%d)", d.Summary, d.Span.File, d.Span.Start.Line), orElse(d.Detail, d.Label)})
		}
	}
	return causes
}

// dependencies are the components that it sends to or calls and that cannot take anything.
func (f Facts) dependencies() []Cause {
	var causes []Cause
	for _, name := range needs(f.Wanted, f.Component) {
		best := Row{}
		for _, r := range f.Rows {
			if r.Name == name && (best.Name == "" || r.State == state.Ready || r.State == state.Active) {
				best = r
			}
		}
		if best.Name == "" || best.State == state.Ready || best.State == state.Active {
			continue
		}
		text := fmt.Sprintf("%s, which it needs, is %s", name, best.State)
		if best.Reason != "" {
			text += ": " + best.Reason
		}
		causes = append(causes, Cause{"dependency", text, "ww ps " + name})
	}
	return causes
}

// needs are the names of the components without which one cannot do its work.
func needs(w app.Wanted, c project.Component) []string {
	names := slices.Clone(w.To)
	for _, n := range append(slices.Clone(c.To), c.DependsOn...) {
		if !slices.Contains(names, n) && n != c.Name {
			names = append(names, n)
		}
	}
	return names
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

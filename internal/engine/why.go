package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/port"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/secret"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

// Why is the answer to "why is it not ready?" about one instance, and how the one before it died: the JSON of ww ps NAME.
type Why struct {
	Component Row        `json:"component"`
	Causes    []Cause    `json:"causes"`
	Card      state.Card `json:"card"`
}

// Why implements tui.Backend: what ww ps NAME says about an instance, as lines with a label.
func (e *Engine) Why(ctx context.Context, name, instance string) ([]state.Entry, error) {
	s, now := e.Picture(), time.Now()
	rows := Rows(s, now)
	for _, r := range rows {
		if r.Name != name || r.Instance != instance {
			continue
		}
		p, problems := project.Load(e.o.App.File, e.o.Env) // as it is now; a file that cannot be read explains less
		card := CardOf(ctx, e.o.App, r, secret.New(p.Secrets(e.o.Environ)))
		rec, _ := localbus.ReadRecord(e.dir, r.Instance) // it has none yet, or none any more
		wanted, _ := e.wants.component(name)
		component, _ := p.Component(name)
		facts := Facts{
			Row: r, Rows: rows, Wanted: wanted, Component: component, Problems: problems, Record: rec,
			LastLines: card.LastLines, Supervised: s.Supervisor, Holder: port.HolderOf, Now: now,
		}
		return Why{Component: r, Causes: facts.Causes(), Card: card}.Entries(now), nil
	}
	return nil, noComponent(name, e.wants.now())
}

// Entries are the causes with what to do, the card of a component that died, and what one that lives uses.
func (w Why) Entries(now time.Time) []state.Entry {
	r := w.Component
	var all []state.Entry
	var fixes []string
	for _, c := range w.Causes {
		label := c.Kind
		if c.Kind == string(r.State) || c.Kind == "restarting" {
			label = "why"
		}
		all = append(all, state.Entry{Label: label, Text: c.Text})
		if c.Fix != "" {
			fixes = append(fixes, c.Fix)
		}
	}
	up := r.State == state.Ready || r.State == state.Active
	for _, entry := range w.Card.Entries(now) {
		if entry.Label == "why" || up && (entry.Label == "last lines" || entry.Label == "") {
			continue // it was said, or there is nothing to explain
		}
		all = append(all, entry)
	}
	if r.PIDs.Runner > 0 {
		all = append(all, state.Entry{Label: "uses", Text: r.uses()}, state.Entry{Label: "processes", Text: r.processes()})
	}
	for i, fix := range fixes {
		label := ""
		if i == 0 {
			label = "what to do"
		}
		all = append(all, state.Entry{Label: label, Text: fix})
	}
	return all
}

func (r Row) uses() string {
	cpu, memory := "-", "-"
	if r.PSS > 0 {
		cpu, memory = fmt.Sprintf("%.0f %%", 100*r.CPU), fmt.Sprintf("%.1f MB", float64(r.PSS)/(1<<20))
	}
	return fmt.Sprintf("%s of a core, %s, %s, %s", cpu, memory, counted(r.Threads, "thread"), counted(r.Files, "open file"))
}

func (r Row) processes() string {
	text := fmt.Sprintf("runner %d", r.PIDs.Runner)
	if r.PIDs.Guard > 0 {
		text += fmt.Sprintf(", guard %d", r.PIDs.Guard)
	}
	if r.PIDs.Child > 0 {
		text += fmt.Sprintf(", program %d: %s", r.PIDs.Child, port.Command(r.PIDs.Child))
	}
	return text
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/port"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/secret"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

// whyNot is the JSON of ww ps NAME: one instance, why it is not ready, and how it died.
type whyNot struct {
	Component engine.Row     `json:"component"`
	Causes    []engine.Cause `json:"causes"`
	Card      state.Card     `json:"card"`
}

// explain answers "why is it not ready?" about every instance of that name.
func (o psOptions) explain(ctx context.Context, r *running, rows []engine.Row, supervised bool, out io.Writer) error {
	var all []whyNot
	var names []string
	p, problems := project.Load(o.File, o.Env) // as it is now; a file that cannot be read explains less
	mask := secret.New(p.Secrets(o.Environ))
	d, _ := r.app.Desired() // without it nothing is known of what it sends to
	for _, row := range rows {
		names = append(names, row.Name)
		if o.Name != row.Name && o.Name != row.Instance && o.Name != shownName(row) {
			continue
		}
		card := engine.CardOf(ctx, r.app, row, mask)
		rec, _ := localbus.ReadRecord(r.dir, row.Instance) // it has none yet, or none any more
		wanted, _ := d.Wanted(row.Name)
		component, _ := p.Component(row.Name)
		facts := engine.Facts{
			Row: row, Rows: rows, Wanted: wanted, Component: component, Problems: problems, Record: rec,
			LastLines: card.LastLines, Supervised: supervised, Holder: port.HolderOf, Now: time.Now(),
		}
		all = append(all, whyNot{Component: row, Causes: facts.Causes(), Card: card})
	}
	if len(all) == 0 {
		return usage("there is no component %q%s", o.Name, meant(o.Name, names, ""))
	}
	if o.JSON {
		return failedIf(writeJSON(out, all))
	}
	var b strings.Builder
	for i, e := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		e.write(&b, time.Now(), width(o.Out))
	}
	_, err := io.WriteString(out, b.String())
	return failedIf(err)
}

// write is the answer for people.
func (e whyNot) write(b *strings.Builder, now time.Time, wide int) {
	r := e.Component
	entries := e.entries(now)
	fmt.Fprintf(b, "%s (%s) is %s\n", shownName(r), strings.TrimSpace(r.Kind+" "+r.Type), r.State)
	for _, entry := range entries {
		line := fmt.Sprintf("  %-10s  %s", entry.Label, logbuf.Sanitize(entry.Text))
		if runes := []rune(line); wide > 0 && strings.HasPrefix(entry.Text, "│") && len(runes) > wide {
			line = string(runes[:wide-1]) + "…"
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// entries are the causes with what to do, the card of a component that died, and what one that lives uses.
func (e whyNot) entries(now time.Time) []state.Entry {
	r := e.Component
	var all []state.Entry
	var fixes []string
	for _, c := range e.Causes {
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
	for _, entry := range e.Card.Entries(now) {
		if entry.Label == "why" || up && (entry.Label == "last lines" || entry.Label == "") {
			continue // it was said, or there is nothing to explain
		}
		all = append(all, entry)
	}
	if r.PIDs.Runner > 0 {
		all = append(all, state.Entry{Label: "uses", Text: uses(r)}, state.Entry{Label: "processes", Text: pids(r)})
	}
	for i, fix := range fixes {
		label := ""
		if i == 0 {
			label = "what to do"
		}
		all = append(all, state.Entry{Label: label, Text: fix})
	}
	if !up {
		all = append(all, state.Entry{Label: "more", Text: "ww logs " + r.Name})
	}
	return all
}

func uses(r engine.Row) string {
	return fmt.Sprintf("%s of a core, %s, %s, %s", percent(r), megabytes(r.PSS), counted(r.Threads, "thread"), counted(r.Files, "open file"))
}

func pids(r engine.Row) string {
	text := fmt.Sprintf("runner %d", r.PIDs.Runner)
	if r.PIDs.Guard > 0 {
		text += fmt.Sprintf(", guard %d", r.PIDs.Guard)
	}
	if r.PIDs.Child > 0 {
		text += fmt.Sprintf(", program %d: %s", r.PIDs.Child, port.Command(r.PIDs.Child))
	}
	return text
}

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

// explain answers "why is it not ready?" about every instance of that name.
func (o psOptions) explain(ctx context.Context, r *running, rows []engine.Row, supervised bool, out io.Writer) error {
	var all []engine.Why
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
		all = append(all, engine.Why{Component: row, Causes: facts.Causes(), Card: card})
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
		writeWhy(&b, e, time.Now(), width(o.Out))
	}
	_, err := io.WriteString(out, b.String())
	return failedIf(err)
}

// writeWhy is the answer for people.
func writeWhy(b *strings.Builder, e engine.Why, now time.Time, wide int) {
	r := e.Component
	entries := e.Entries(now)
	if r.State != state.Ready && r.State != state.Active {
		entries = append(entries, state.Entry{Label: "more", Text: "ww logs " + r.Name})
	}
	fmt.Fprintf(b, "%s (%s) is %s\n", shownName(r), strings.TrimSpace(r.Kind+" "+r.Type), r.State)
	for _, entry := range entries {
		line := fmt.Sprintf("  %-10s  %s", entry.Label, logbuf.Sanitize(entry.Text))
		if runes := []rune(line); wide > 0 && strings.HasPrefix(entry.Text, "│") && len(runes) > wide {
			line = string(runes[:wide-1]) + "…"
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/project"
)

// report says what moves, what does not and why, and what a hop costs.
func (o migrateOptions) report(p *project.Project, out migration) {
	w := tabwriter.NewWriter(o.Err, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMPONENT\tKIND\tNOW\tTHEN\t")
	for _, mv := range out.Moves {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", mv.Component, mv.Kind, mv.From, mv.To, mv.Why)
	}
	_ = w.Flush() // a report that cannot be read hurts nobody
	tellWays(o.Err, out.Ways)
	for _, h := range out.Hints {
		fmt.Fprintf(o.Err, "line %d: %s → %s: %s\n", h.Line, h.Was, orNone(h.Now), h.Why)
	}
	if len(out.Hints) > 0 && !o.Fix {
		fmt.Fprintf(o.Err, "%s left as it is; --fix brings that up to date in the same diff\n", counted(len(out.Hints), "old spelling"))
	}
	if out.HopUS != nil {
		fmt.Fprintf(o.Err, "a hop costs %.0f µs distributed and %.0f µs centralized on this machine\n", out.HopUS.Distributed, out.HopUS.Centralized)
	}
	if p.Master() != "" && o.Mode == project.Distributed && o.Component == "" {
		fmt.Fprintf(o.Err, "%s goes; nothing waits for it any more\n", p.Master())
	}
	fmt.Fprint(o.Out, out.Diff)
}

// conclude says what was done and what comes next.
func (o migrateOptions) conclude(m *deploy.Migration, out migration) {
	switch {
	case !m.Changes():
		fmt.Fprintf(o.Err, "%s needs no change\n", o.File)
	case out.Written:
		fmt.Fprintf(o.Err, "written; what it was: %s; the way back: ww migrate --rollback %s\n", near(out.Backup), o.File)
		o.tell(out.Running)
	case out.Verified != nil && !out.Verified.Same:
	default:
		fmt.Fprintf(o.Err, "nothing was written; to do it: ww migrate --mode %s%s --write %s\n", o.Mode, flagIf(" --component ", o.Component), o.File)
	}
}

func flagIf(flag, value string) string {
	if value == "" {
		return ""
	}
	return flag + value
}

// tellWays says which hops go by way of the task master now, and which then.
func tellWays(out io.Writer, ways []wayBetween) {
	var now, then []string
	master := ""
	for _, w := range ways {
		if w.Now != "" {
			now, master = append(now, w.From+" → "+w.To), w.Now
		}
		if w.Then != "" {
			then, master = append(then, w.From+" → "+w.To), w.Then
		}
	}
	if master != "" {
		fmt.Fprintf(out, "by way of %s now: %s; then: %s\n", master, orNone(strings.Join(now, ", ")), orNone(strings.Join(then, ", ")))
	}
}

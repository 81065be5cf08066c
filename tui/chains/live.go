package chains

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// fallbacks counts the calls of a turn that a fallback answered.
func fallbacks(t state.Turn) int {
	n := 0
	if t.End == nil {
		return 0
	}
	for _, h := range t.End.Hops {
		n += len(strings.Fields(h.Fallbacks))
	}
	return n
}

// live is the calls of a turn that is on its way, as a tree below who makes them, as they come.
func (m Model) live(t state.Turn, now time.Time, w int) []string {
	under, roots := map[string][]state.Call{}, []string{}
	called := map[string]bool{}
	for _, c := range t.Calls {
		called[c.To] = true
	}
	for _, c := range t.Calls {
		if len(under[c.From]) == 0 && !called[c.From] {
			roots = append(roots, c.From)
		}
		under[c.From] = append(under[c.From], c)
	}
	var lines []string
	for _, name := range roots {
		lines = append(lines, m.theme.Strong.Paint(kit.FitName(" "+kit.CleanLine(name), w, m.theme.Marks.Ellipsis)))
		lines = append(lines, m.branch(under, name, 1, now, w)...)
	}
	return lines
}

// deepest bounds how far a tree goes to the right: components may call each other in circles.
const deepest = 6

func (m Model) branch(under map[string][]state.Call, name string, depth int, now time.Time, w int) []string {
	var lines []string
	calls := under[name]
	shown := map[string]bool{}
	for i, c := range calls {
		sign := m.theme.Marks.Branch
		if i == len(calls)-1 {
			sign = m.theme.Marks.Last
		}
		end, ink := m.outcome(c, now)
		head := " " + strings.Repeat("  ", depth-1) + sign + " "
		room := max(1, w-kit.Width(head)-kit.Width(end)-1)
		what := kit.CleanLine(c.To)
		if c.Data != "" {
			what += "  " + kit.CleanLine(c.Data)
		}
		lines = append(lines, m.theme.Dim.Paint(head)+kit.FitTail(what, room, m.theme.Marks.Ellipsis)+" "+ink.Paint(end))
		if depth < deepest && !shown[c.To] {
			shown[c.To] = true // which of its calls belong to which of ours nobody says
			lines = append(lines, m.branch(under, c.To, depth+1, now, w)...)
		}
	}
	return lines
}

func (m Model) outcome(c state.Call, now time.Time) (string, theme.Ink) {
	switch {
	case !c.Done && c.StartedAt.IsZero():
		return "running", m.theme.Accent
	case !c.Done:
		return "running " + kit.Took(now.Sub(c.StartedAt).Truncate(time.Second)), m.theme.Accent
	case c.Error != "":
		return m.theme.Marks.No + " " + kit.CleanLine(c.Error), m.theme.Bad
	case c.Fallback != "":
		return m.theme.Marks.Open + " " + kit.Took(c.Took) + ", by fallback " + kit.CleanLine(c.Fallback), m.theme.Warn
	}
	return m.theme.Marks.Yes + " " + kit.Took(c.Took), m.theme.Dim
}

// callFacts is everything known of the selected call.
func (m Model) callFacts(b bar, w int) []string {
	text := fmt.Sprintf("%s asked %s: %s after %s; %d bytes asked, %d answered", kit.CleanLine(b.hop.Parent), kit.CleanLine(b.hop.Component),
		exact(b.end-b.start), exact(b.start), b.hop.BytesIn, b.hop.BytesOut)
	if b.hop.Fallbacks != "" {
		text += "; answered by fallback: " + kit.CleanLine(b.hop.Fallbacks)
	}
	var lines []string
	for _, l := range kit.Wrap(text, w) {
		lines = append(lines, m.theme.Dim.Paint(l))
	}
	return lines
}

package fleet

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// split shows a sentence whose end is the more important part: "reason · next 4s".
func (m Model) split(t string, w int) string {
	reason, when, found := strings.Cut(t, "\x00")
	if !found {
		return kit.FitTail(reason, w, m.theme.Marks.Ellipsis)
	}
	if reason == "" {
		return kit.FitTail(when, w, m.theme.Marks.Ellipsis)
	}
	when = " " + m.theme.Marks.Dot + " " + when
	room := max(0, min(kit.Width(reason), w-kit.Width(when)))
	return kit.Fit(kit.FitTail(reason, room, m.theme.Marks.Ellipsis)+when, w)
}

// trouble is why a component that has no process is not running, in few words, and when it will be tried again.
func trouble(c state.Component, now time.Time) string {
	if c.State != state.Failed && (c.PIDs.Runner != 0 || c.NextStart.IsZero() && c.Reason == "") {
		return ""
	}
	reason := brief(c)
	if n := next(c, now); n != "" {
		return reason + "\x00" + n
	}
	return reason
}

// next is when a component is started again.
func next(c state.Component, now time.Time) string {
	if c.NextStart.IsZero() || c.PIDs.Runner != 0 {
		return ""
	}
	if d := c.NextStart.Sub(now); d > 0 {
		return "next " + kit.Age(d+time.Second-1)
	}
	return "next now"
}

// reason is why a component does not run, whole.
func reason(c state.Component) string {
	if c.Reason == "" && c.State == state.Failed {
		return "no reason was given"
	}
	return c.Reason
}

// brief is the reason as far as a row has room for it: what happened, and what it said of it itself. What follows from it
// stands below the list and on the card.
func brief(c state.Component) string {
	what, _, _ := strings.Cut(reason(c), "; ")
	if last := lastWords(c); last != "" && terse(what) {
		what += ": " + last
	}
	return what
}

// terse says that a reason is only how the process ended, which needs its own words beside it.
func terse(what string) bool {
	return strings.HasPrefix(what, "exit status ") && !strings.Contains(what, ":")
}

// lastWords is the last line that a component wrote before it ended by itself: what is not ready in time is made to say what its
// threads do.
func lastWords(c state.Component) string {
	if strings.HasPrefix(c.Reason, "not ready ") {
		return ""
	}
	for _, l := range slices.Backward(c.LastLines) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "level=") {
			return l
		}
	}
	return ""
}

// needy says that a component does not run though it should.
func (r row) needy() bool {
	return r.State == state.Failed || r.PIDs.Runner == 0 && r.Reason != "" && r.State == state.Starting
}

// noteRows is how many rows a note needs at least: the line above it, what failed, and the key.
const noteRows = 4

// note is, below the list, why the chosen component does not run, or the first that does not, and the key for more.
func (m Model) note(now time.Time, w, h int) []string {
	i := m.noted()
	if i < 0 {
		return m.modeNote(w, h)
	}
	if h < noteRows || w < tallFrom || m.open && m.focused { // the card says it
		return nil
	}
	r, t := m.rows[i], m.theme
	glyph, ink := t.Glyph(r.State)
	head := glyph + " " + r.Name + ": "
	text := kit.Wrap(head+reason(r.Component)+later(r.Component, now), w)
	if room := (h - 1) / 2; len(text) > room { // what follows from it stands on the card
		what, _, _ := strings.Cut(reason(r.Component), "; ")
		text = kit.Wrap(head+what+later(r.Component, now), w)
	}
	lines := m.cut(text, (h-1)/2, w, ink)
	if last := lastWords(r.Component); last != "" {
		lines = append(lines, m.cut(kit.Wrap(last, w-2), min(3, h-2-len(lines)), w, theme.Ink{})...)
	}
	keys := []key.Binding{m.keys.open, m.keys.restart, m.keys.lines}
	keys[0].SetEnabled(true)
	keys[0].SetHelp(keys[0].Help().Key, "why")
	if !m.focused && m.there != "" {
		keys = keys[:1]
		keys[0].SetHelp(m.there+", "+keys[0].Help().Key, "why")
	}
	if m.focused && i != m.selected { // they are for the chosen one
		keys = keys[:1]
		keys[0].SetHelp("select it, "+keys[0].Help().Key, "why")
	}
	return append(append([]string{t.Dim.Paint(strings.Repeat(t.Box.Across, w))}, lines...), kit.Hints(t, keys, w))
}

// modeNote is, below the list, what is not promised in the mode of the app.
func (m Model) modeNote(w, h int) []string {
	if m.mode == "" || w < tallFrom || m.open && m.focused {
		return nil
	}
	lines := kit.Wrap(m.mode, w)
	if len(lines) >= h { // half of a promise is none
		return nil
	}
	return append([]string{m.theme.Dim.Paint(strings.Repeat(m.theme.Box.Across, w))}, m.cut(lines, len(lines), w, m.theme.Warn)...)
}

// later is when it is tried again, behind a reason.
func later(c state.Component, now time.Time) string {
	if n := next(c, now); n != "" {
		return "; " + n
	}
	return ""
}

// cut is at most n of the lines of w columns, in an ink, with a sign for those that are left out.
func (m Model) cut(lines []string, n, w int, ink theme.Ink) []string {
	out := make([]string, 0, n)
	for i, l := range lines[:max(0, min(n, len(lines)))] {
		if i == n-1 && len(lines) > n {
			sign := " " + m.theme.Marks.Ellipsis
			l = strings.TrimRight(kit.Fit(l, min(kit.Width(l), w-kit.Width(sign))), " ") + sign
		}
		out = append(out, ink.Paint(l))
	}
	return out
}

// noted is the row that the note is about; none is below zero.
func (m Model) noted() int {
	if r, ok := m.current(); ok && m.focused && r.needy() {
		return m.selected
	}
	return slices.IndexFunc(m.rows, row.needy)
}

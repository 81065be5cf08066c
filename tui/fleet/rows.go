package fleet

import (
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
)

func (m Model) tallRow(r row, selected bool, now time.Time, w int) []string {
	first := m.head(r, selected, w-2-1-wordWidth) + " " + m.word(r, now, wordWidth)
	if t := trouble(r.Component, now); t != "" {
		_, ink := m.theme.Glyph(r.State)
		return []string{first, "  " + ink.Paint(m.split(t, w-2))}
	}
	room := w - 2 - 1 - beatWidth - 1 - loadWidth
	what := "pid " + pid(r.PIDs.Runner)
	if r.PIDs.Runner == 0 {
		what = "no process"
	}
	if kind := " " + m.theme.Marks.Dot + " " + r.Kind; kit.Width(what+kind) <= room {
		what += kind
	}
	return []string{first, "  " + m.theme.Dim.Paint(kit.Fit(what, room)) + " " + m.beat(r, now) + " " +
		kit.FitRight(load(r.Component), loadWidth)}
}

func (m Model) shortRow(r row, selected bool, now time.Time, w int) []string {
	if w < shortFrom {
		name := max(0, w-2-wordWidth-1)
		return []string{m.head(r, selected, name) + " " + m.word(r, now, wordWidth)}
	}
	name := w - 2 - 1 - wordWidth - 1 - beatWidth - 1 - loadWidth
	line := m.head(r, selected, name) + " " + m.word(r, now, wordWidth) + " "
	if t := next(r.Component, now); t != "" {
		return []string{line + m.theme.Dim.Paint(kit.FitRight(t, beatWidth+1+loadWidth))}
	}
	return []string{line + m.beat(r, now) + " " + kit.FitRight(load(r.Component), loadWidth)}
}

// head is the glyph and the name. The selected name is marked by a sign as well as by weight.
func (m Model) head(r row, selected bool, w int) string {
	glyph, ink := m.theme.Glyph(r.State)
	name := kit.FitName(r.Name, w, m.theme.Marks.Ellipsis)
	if selected {
		return ink.Paint(glyph) + m.theme.Accent.Paint(m.theme.Marks.Select) + m.theme.Strong.Paint(name)
	}
	return ink.Paint(glyph) + " " + name
}

// word is the state; it stands out for two seconds after it changed.
func (m Model) word(r row, now time.Time, w int) string {
	_, ink := m.theme.Glyph(r.State)
	s := kit.Fit(string(r.State), w)
	if !m.theme.Still() && !r.changed.IsZero() && now.Sub(r.changed) < markChange {
		return m.theme.Strong.Paint(ink.Paint(s))
	}
	return ink.Paint(s)
}

// beat is the age of the last sign of life. A mark takes the place of the heart when it is too long ago.
func (m Model) beat(r row, now time.Time) string {
	if r.HeartbeatAt.IsZero() || r.PIDs.Runner == 0 {
		return m.theme.Dim.Paint(kit.FitRight("-", beatWidth))
	}
	mark, ink, age := m.theme.Marks.Heart, m.theme.Dim, now.Sub(r.HeartbeatAt)
	text := " " + kit.FitRight(kit.Age(age), beatWidth-2)
	switch {
	case age > suspectAfter:
		return m.theme.Warn.Paint(m.theme.Marks.Suspect + text)
	case age < pulse: // it beats
		return m.theme.Accent.Paint(mark) + ink.Paint(text)
	}
	return ink.Paint(mark + text)
}

func pid(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func load(c state.Component) string {
	switch {
	case c.Max <= 0 && c.PIDs.Runner == 0:
		return "-"
	case c.Max <= 0:
		return fmt.Sprint(c.InFlight)
	}
	return fmt.Sprintf("%d/%d", c.InFlight, c.Max)
}

package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// maxName is the width of the column of names at most.
const maxName = 14

// clock is how exact times are in a pane of w columns: where there is little room, the text needs it.
func clock(w int) string {
	if w < roomy {
		return "15:04:05"
	}
	return "15:04:05.000"
}

// roomy is from how many columns on.
const roomy = 60

// View draws the pane.
func (m Model) View(time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	if w <= 0 || h <= 0 {
		return kit.Frame{}.Render(m.theme, nil, m.at.W, m.at.H)
	}
	body := kit.Block(m.window(w, m.height()), w, m.height())
	if m.typing || m.grep != nil || m.problem != "" {
		body = append(body, m.search(w))
	}
	frame := kit.Frame{Title: m.at.Title, Right: m.what(), Foot: m.foot(), Focused: m.at.Focused}
	if what := m.what(); what != everything && !frame.HasRight(m.theme, m.at.W) {
		frame.Foot += " " + m.theme.Marks.Dot + " " + what // or nobody would know that lines are missing
	}
	return frame.Render(m.theme, body, m.at.W, m.at.H)
}

// window is the last lines that fit, drawn from the bottom upwards: a long log costs no more than a short one.
func (m Model) window(w, h int) []string {
	if m.lines.Len() == 0 {
		return []string{m.theme.Dim.Paint(kit.Fit(m.nothing(), w))}
	}
	var drawn []string
	name := m.nameWidth()
	for i := m.lines.Len() - 1 - m.hold; i >= 0 && len(drawn) < h; i-- {
		l := m.lines.At(i)
		if len(m.marks) > 0 && m.marks[markOf(l)] {
			drawn = append([]string{m.theme.Accent.Paint(strings.Repeat(m.theme.Box.Across, w))}, drawn...)
		}
		drawn = append(m.line(*l, name, w), drawn...)
	}
	if len(drawn) > h {
		drawn = drawn[len(drawn)-h:]
	}
	return drawn
}

func (m Model) nothing() string {
	switch {
	case m.grep != nil:
		return "nothing matches " + m.field.Value()
	case len(m.only) > 0:
		return kit.CleanLine(strings.Join(m.only, " and ")) + " wrote nothing yet"
	}
	return "nothing was written yet"
}

func (m Model) nameWidth() int {
	if len(m.only) == 1 {
		return 0
	}
	n := 0
	for l := range m.lines.All {
		n = max(n, len(l.Component))
	}
	return min(n, maxName)
}

// line draws one line of a log, over several rows when it is wrapped or pretty.
func (m Model) line(l logbuf.Line, name, w int) []string {
	head := ""
	if m.times {
		head += m.theme.Dim.Paint(l.Time.Local().Format(clock(w))) + " "
	}
	if name > 0 {
		head += m.theme.Accent.Paint(kit.FitName(kit.CleanLine(l.Component), name, m.theme.Marks.Ellipsis)) + " "
	}
	room := max(1, w-kit.Width(head))
	rows := m.text(said(l), room)
	ink := m.ink(l)
	for i := range rows {
		rows[i] = head + m.hit(ink, kit.FitTail(rows[i], room, m.theme.Marks.Ellipsis))
		if i == 0 {
			head = strings.Repeat(" ", w-room)
		}
	}
	return rows
}

// said is the text of a line; what ww says of itself begins with its name, which stands beside it already.
func said(l logbuf.Line) string {
	if rest, found := strings.CutPrefix(l.Text, l.Component+" "); found && l.Stream == logbuf.StreamWW {
		return strings.TrimLeft(rest, " ")
	}
	return l.Text
}

func (m Model) text(s string, room int) []string {
	if m.pretty {
		if p, ok := pretty(s); ok {
			return strings.Split(p, "\n")
		}
	}
	s = kit.CleanLine(s)
	if m.wrap {
		return kit.Wrap(s, room)
	}
	return []string{s}
}

// pretty breaks a line that is a JSON object or list over several rows.
func pretty(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return "", false
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(s), "", "  ") != nil {
		return "", false
	}
	return kit.Clean(b.String()), true
}

// ink is loud for what needs a person only.
func (m Model) ink(l logbuf.Line) theme.Ink {
	switch logbuf.LevelOf([]byte(l.Text)) {
	case logbuf.Error:
		return m.theme.Bad
	case logbuf.Warn:
		return m.theme.Warn
	case logbuf.Debug:
		return m.theme.Dim
	case logbuf.Unknown, logbuf.Info:
	}
	if l.Stream == logbuf.StreamWW {
		return m.theme.Dim
	}
	return theme.Ink{}
}

// hit paints what the search found.
func (m Model) hit(ink theme.Ink, s string) string {
	if m.grep == nil {
		return ink.Paint(s)
	}
	var b strings.Builder
	at := 0
	for _, span := range m.grep.FindAllStringIndex(s, 20) {
		if span[0] == span[1] {
			continue
		}
		b.WriteString(ink.Paint(s[at:span[0]]) + m.theme.Reverse(s[span[0]:span[1]]))
		at = span[1]
	}
	return b.String() + ink.Paint(s[at:])
}

// search is the last row: the pattern, and how much it found.
func (m Model) search(w int) string {
	if m.problem != "" {
		return m.theme.Warn.Paint(kit.FitTail(m.problem, w, m.theme.Marks.Ellipsis))
	}
	cursor := ""
	if m.typing {
		cursor = m.theme.Accent.Paint(m.theme.Marks.Cursor)
	}
	found := counted(m.lines.Len()+m.lines.Skipped(), "match")
	left := "/" + kit.CleanLine(m.field.Value()) + cursor
	return kit.Fit(left, max(0, w-kit.Width(found))) + m.theme.Dim.Paint(kit.FitRight(found, min(w, kit.Width(found))))
}

// everything is what is shown when nothing is chosen.
const everything = "all components"

// what says whose lines these are, and which.
func (m Model) what() string {
	s := everything
	if len(m.only) > 0 {
		s = kit.CleanLine(strings.Join(m.only, ", "))
	}
	switch m.level {
	case logbuf.Warn:
		s += ", warnings and errors"
	case logbuf.Error:
		s += ", errors"
	case logbuf.Unknown, logbuf.Debug, logbuf.Info:
	}
	if m.turn != "" {
		return s + ", turn " + kit.CleanLine(m.turn)
	}
	if m.session {
		s += ", " + kit.CleanLine(m.talk)
	}
	return s
}

// foot says whether new lines are shown as they come.
func (m Model) foot() string {
	switch {
	case m.unseen > 0:
		return fmt.Sprintf("paused %s %s %s %s: f", m.theme.Marks.Dot, m.theme.Marks.Down, counted(m.unseen, "new line"), "follow")
	case m.hold > 0:
		return "paused " + m.theme.Marks.Dot + " follow: f"
	}
	return "following"
}

func counted(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "ch"):
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

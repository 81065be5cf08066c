package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// height is how many events are listed above the payload.
func (m Model) height() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(1, h*3/5)
}

// View draws the pane.
func (m Model) View(time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	if w <= 0 || h <= 0 {
		return kit.Frame{}.Render(m.theme, nil, m.at.W, m.at.H)
	}
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	if len(m.kept) > 0 { // nobody listens before somebody looks, and a turn before that is missed here
		frame.Right = "since " + m.kept[0].At.Format(time.TimeOnly)
	}
	if m.lost > 0 {
		frame.Foot = fmt.Sprintf("%d lost on the way", m.lost)
	}
	shown := m.shown()
	if len(shown) == 0 {
		lines := kit.WrapAll(m.nothing(), w)
		if m.typing || m.filter != "" {
			lines = append(kit.Block(lines, w, h-1), m.search(w))
		}
		return frame.Render(m.theme, lines, m.at.W, m.at.H)
	}
	from, to := m.list.Range(len(shown), m.height())
	var lines []string
	source := 0
	for i := from; i < to; i++ {
		source = max(source, min(maxSource, kit.Width(kit.CleanLine(shown[i].Source))))
	}
	for i := from; i < to; i++ {
		lines = append(lines, m.line(shown[i], i == m.list.Selected, source, w))
	}
	lines = kit.Block(lines, w, m.height())
	frame.Split = len(lines)
	lines = append(append(lines, ""), m.payload(shown[m.list.Selected], w)...)
	if m.typing || m.filter != "" {
		lines = append(kit.Block(lines, w, h-1), m.search(w))
	}
	return frame.Render(m.theme, lines, m.at.W, m.at.H)
}

func (m Model) nothing() string {
	if m.filter != "" {
		return "no event fits " + m.filter
	}
	return "Nothing has happened since this tab was first opened. Events are told as they happen and kept nowhere; what a turn did is in chains."
}

func (m Model) search(w int) string {
	cursor := ""
	if m.typing {
		cursor = m.theme.Accent.Paint(m.theme.Marks.Cursor)
	}
	return kit.Fit("/"+kit.CleanLine(m.field.Value())+cursor, w)
}

// maxSource is the width of the column of components at most; below roomy columns times are in whole seconds.
const (
	maxSource = 12
	roomy     = 60
)

func (m Model) line(e Event, selected bool, source, w int) string {
	clock := "15:04:05.000"
	if w < roomy {
		clock = "15:04:05"
	}
	mark := " "
	name := kit.CleanLine(e.Type)
	if selected && m.at.Focused {
		mark = m.theme.Accent.Paint(m.theme.Marks.Select)
	}
	ink := theme.Ink{}
	switch e.Type {
	case event.EventError:
		ink = m.theme.Bad
	case event.EventBreakerChanged, event.EventStateChanged:
		ink = m.theme.Warn
	}
	head := m.theme.Dim.Paint(e.At.Local().Format(clock)) + mark + m.theme.Accent.Paint(kit.FitName(kit.CleanLine(e.Source), source, m.theme.Marks.Ellipsis)) + " "
	room := max(1, w-kit.Width(head))
	text := name
	if brief := kit.CleanLine(summary(e)); brief != "" {
		text += "  " + brief
	}
	return head + ink.Paint(kit.FitTail(text, room, m.theme.Marks.Ellipsis))
}

// summary is what an event says in a few words: the first of these fields that it has.
func summary(e Event) string {
	var p map[string]any
	if json.Unmarshal(e.Body, &p) != nil {
		return ""
	}
	if from, ok := p["old_state"]; ok {
		return fmt.Sprintf("%v to %v", from, p["new_state"])
	}
	for _, k := range []string{"error", "reason", "data", "result", "session_id"} {
		if s, ok := p[k].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// indented is a body with a field a line, or as it is when it is no JSON.
func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// payload is the body of an event, one field a line.
func (m Model) payload(e Event, w int) []string {
	lines := []string{m.theme.Strong.Paint(kit.FitTail(kit.CleanLine(e.Source+" "+e.Type), w, m.theme.Marks.Ellipsis))}
	if e.Turn != "" {
		lines = append(lines, m.theme.Dim.Paint(kit.FitTail(kit.CleanLine("turn "+e.Turn+"  session "+e.Session), w, m.theme.Marks.Ellipsis)))
	}
	for l := range strings.SplitSeq(kit.Clean(indented(e.Body)), "\n") {
		lines = append(lines, kit.Wrap(l, w)...)
	}
	return lines
}

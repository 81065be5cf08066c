package chains

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Widths of the columns.
const (
	tookWidth  = 8
	factsWidth = 33
	minBars    = 14

	sessionWidth = 10
	sessionFrom  = 50 // columns: the list names sessions
)

// View draws the pane as it is at now.
func (m Model) View(now time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	if w <= 0 || h <= 0 {
		return kit.Frame{}.Render(m.theme, nil, m.at.W, m.at.H)
	}
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	t, ok := m.current()
	if !ok {
		return frame.Render(m.theme, kit.WrapAll("No turn yet. What goes through the app is shown here, hop by hop.", w), m.at.W, m.at.H)
	}
	from, to := m.list.Range(len(m.turns), m.listHeight())
	var lines []string
	for i := from; i < to; i++ {
		lines = append(lines, m.turn(m.turns[i], i == m.list.Selected, now, w))
	}
	if to-from < len(m.turns) {
		frame.Foot = fmt.Sprintf("%d to %d of %d turns", from+1, to, len(m.turns))
	}
	frame.Split = len(lines)
	lines = append(append(lines, ""), m.detail(t, now, w)...)
	return frame.Render(m.theme, lines, m.at.W, m.at.H)
}

// turn is one row of the list: how it stands, what was asked, how long it took.
func (m Model) turn(t state.Turn, selected bool, now time.Time, w int) string {
	sign, ink := m.sign(t)
	mark, session := " ", ""
	if m.many && w >= sessionFrom {
		session = " " + kit.FitTail(kit.CleanLine(t.Session), sessionWidth, m.theme.Marks.Ellipsis)
	}
	text := kit.FitTail(firstLine(t.Text), max(1, w-2-tookWidth-kit.Width(session)), m.theme.Marks.Ellipsis)
	if selected && m.at.Focused && !m.inside {
		mark = m.theme.Accent.Paint(m.theme.Marks.Select)
	}
	if selected {
		text = m.theme.Strong.Paint(text)
	}
	return ink.Paint(sign) + mark + text + m.theme.Dim.Paint(session+kit.FitRight(took(t, now), tookWidth))
}

func (m Model) sign(t state.Turn) (string, theme.Ink) {
	switch {
	case t.End == nil:
		return m.theme.Glyph(state.Active)
	case t.End.Status == event.StatusOK:
		return m.theme.Glyph(state.Ready)
	}
	return m.theme.Glyph(state.Failed)
}

func took(t state.Turn, now time.Time) string {
	switch {
	case t.End != nil && t.End.TookMS > 0:
		return kit.Took(ms(t.End.TookMS))
	case t.StartedAt.IsZero():
		return ""
	case t.End != nil:
		return kit.Took(t.EndedAt.Sub(t.StartedAt))
	}
	return kit.Took(now.Sub(t.StartedAt).Truncate(time.Second))
}

// detail is the selected turn: a line about it, then its hops on a time line.
func (m Model) detail(t state.Turn, now time.Time, w int) []string {
	status := "running"
	if t.End != nil {
		status = string(t.End.Status)
	}
	dot := " " + m.theme.Marks.Dot + " "
	if n := fallbacks(t); n > 0 {
		status += fmt.Sprintf(" (%d by fallback)", n)
	}
	head := kit.CleanLine(status + dot + took(t, now) + dot + "turn " + t.ID + dot + t.Session)
	lines := []string{m.theme.Strong.Paint(kit.FitTail(head, w, m.theme.Marks.Ellipsis))}
	if t.End == nil {
		return append(append(lines, m.theme.Dim.Paint(kit.Fit(m.running(t), w))), m.live(t, now, w)...)
	}
	bars := barsOf(t)
	total := length(bars, ms(t.End.TookMS))
	lines = append(lines, m.scale(total, w))
	for i, b := range bars {
		lines = append(lines, m.hopLine(b, total, i == m.hop && m.inside, w))
	}
	if m.inside {
		lines = append(append(lines, ""), m.hopFacts(bars[m.hop], w)...)
	}
	if t.End.Error != "" {
		for _, l := range kit.Wrap(kit.CleanLine(t.End.Error), w) {
			lines = append(lines, m.theme.Bad.Paint(l))
		}
	}
	return lines
}

// running says what is known of a turn on its way: who speaks.
func (m Model) running(t state.Turn) string {
	_, hop, _ := strings.Cut(t.Stream, "/")
	hop, _, _ = strings.Cut(hop, "/")
	if hop == "" {
		return "on its way; its hops are shown when it has ended"
	}
	return kit.CleanLine(hop) + " is answering; its hops are shown when it has ended"
}

// sides divides a width into what says who, what says how, and the bars.
func (m Model) sides(w int) (name, facts, bars int) {
	name = max(12, min(24, w/4))
	facts = factsWidth
	if w-name-facts-2 < minBars {
		facts = 0
	}
	return name, facts, max(0, w-name-facts-2)
}

// scale is the time line above the bars.
func (m Model) scale(total time.Duration, w int) string {
	name, facts, room := m.sides(w)
	end := kit.Took(total)
	line := strings.Repeat(" ", max(0, w-room)) + "0" + strings.Repeat(" ", max(0, room-1-kit.Width(end))) + end
	_, _ = name, facts
	return m.theme.Dim.Paint(kit.Fit(line, w))
}

func (m Model) hopLine(b bar, total time.Duration, selected bool, w int) string {
	name, facts, room := m.sides(w)
	t := m.theme
	tree := ""
	if b.depth > 0 {
		tree = strings.Repeat(" ", min(b.depth-1, 6)) + t.Marks.Last + " "
		if !b.last {
			tree = strings.Repeat(" ", min(b.depth-1, 6)) + t.Marks.Branch + " "
		}
	}
	mark := " "
	label := kit.FitName(kit.CleanLine(b.hop.Component), max(1, name-1-kit.Width(tree)), t.Marks.Ellipsis)
	if selected {
		mark, label = t.Accent.Paint(t.Marks.Select), t.Strong.Paint(label)
	}
	ink := theme.Ink{}
	if b.hop.Error != "" {
		ink = t.Bad
	}
	s := mark + t.Dim.Paint(tree) + ink.Paint(label) + " "
	if facts > 0 {
		s += t.Dim.Paint(kit.FitTail(m.facts(b), facts, t.Marks.Ellipsis)) + " "
	}
	return kit.Fit(s+m.bars(b, total, room), w)
}

// facts are how long a hop took, what is unusual about it, and how long it waited.
func (m Model) facts(b bar) string {
	parts := []string{kit.Took(b.end - b.start)}
	if b.hop.Error != "" {
		parts = append(parts, m.theme.Marks.No+" "+kit.CleanLine(b.hop.Error))
	}
	if b.hop.Fallbacks != "" {
		parts = append(parts, m.theme.Marks.Open+" fallback "+kit.CleanLine(b.hop.Fallbacks))
	}
	if b.hop.Attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", b.hop.Attempt))
	}
	if b.start-b.queued >= time.Millisecond {
		parts = append(parts, "waited "+kit.Took(b.start-b.queued))
	}
	if b.hop.Tokens > 0 {
		parts = append(parts, fmt.Sprintf("%d tokens", b.hop.Tokens))
	}
	if b.hop.Generation > 1 {
		parts = append(parts, fmt.Sprintf("gen %d", b.hop.Generation))
	}
	return strings.Join(parts, " "+m.theme.Marks.Dot+" ")
}

// bars draws when a hop waited (dots) and worked (a bar). Whatever is short is at least one sign.
func (m Model) bars(b bar, total time.Duration, w int) string {
	if w <= 0 {
		return ""
	}
	at := func(d time.Duration) int { return min(w-1, int(int64(w)*int64(d)/int64(total))) }
	queued, start, end := at(b.queued), at(b.start), max(at(b.start)+1, min(w, int(int64(w)*int64(b.end)/int64(total))))
	ink := m.theme.Accent
	if b.hop.Error != "" {
		ink = m.theme.Bad
	}
	return strings.Repeat(" ", queued) + m.theme.Dim.Paint(strings.Repeat(m.theme.Marks.Dot, start-queued)) +
		ink.Paint(strings.Repeat(m.theme.Marks.Bar, end-start))
}

// hopFacts is everything known of the selected hop.
func (m Model) hopFacts(b bar, w int) []string {
	if b.call {
		return m.callFacts(b, w)
	}
	text := fmt.Sprintf("%s %s generation %d, attempt %d; waited %s, worked %s; %d bytes in, %d out",
		kit.CleanLine(b.hop.Instance), m.theme.Marks.Dot, b.hop.Generation, b.hop.Attempt, exact(b.start-b.queued), exact(b.end-b.start), b.hop.BytesIn, b.hop.BytesOut)
	if b.hop.Fallbacks != "" {
		text += "; answered by fallback: " + kit.CleanLine(b.hop.Fallbacks)
	}
	if b.hop.Cost > 0 {
		text += fmt.Sprintf("; %.4f $", b.hop.Cost)
	}
	var lines []string
	for _, l := range kit.Wrap(text, w) {
		lines = append(lines, m.theme.Dim.Paint(l))
	}
	return lines
}

// exact is a short duration with its tenths of a millisecond.
func exact(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return kit.Took(d)
}

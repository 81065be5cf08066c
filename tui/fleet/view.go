package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

const (
	suspectAfter = 15 * time.Second // without a sign of life: then a hang is to be told
	markChange   = 2 * time.Second  // how long a new state stands out
	pulse        = time.Second      // how long a heart stands out after its beat
)

// Widths of the columns.
const (
	wordWidth = 8
	kindWidth = 7
	pidWidth  = 7
	beatWidth = 5
	loadWidth = 5
	minName   = 6
)

// From which width of the pane on each kind of row fits.
const (
	tableFrom = 46
	shortFrom = 2 + minName + 1 + wordWidth + 1 + beatWidth + 1 + loadWidth
	tallFrom  = 24
)

// View draws the pane as it is at now.
func (m Model) View(now time.Time) string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	w, h := m.w, m.h
	if m.framed {
		w, h = kit.Inner(w, h)
	}
	lines, foot := m.list(now, w, h)
	if !m.framed {
		return strings.Join(kit.Block(lines, w, h), "\n")
	}
	return kit.Frame{Title: "fleet", Foot: foot, Focused: m.focused}.Render(m.theme, lines, m.w, m.h)
}

// list draws the rows that fit around the selection, and says which ones when some do not.
func (m Model) list(now time.Time, w, h int) ([]string, string) {
	if len(m.rows) == 0 {
		none := "no components yet"
		if len(m.all) > 0 {
			none = "nothing fits the filter"
		}
		return []string{m.theme.Dim.Paint(kit.Fit(none, w))}, m.how()
	}
	draw, each := m.shape(w, h)
	var lines []string
	head, top, bottom := m.window(w, h, each)
	if head > 0 {
		lines = append(lines, m.heading(w))
	}
	for i := top; i < bottom; i++ {
		lines = append(lines, draw(m.rows[i], i == m.selected && m.focused, now, w)...)
	}
	foot := m.how()
	if bottom-top < len(m.rows) {
		foot = strings.TrimPrefix(foot+" "+m.theme.Marks.Dot+" ", " "+m.theme.Marks.Dot+" ") + fmt.Sprintf("%d to %d of %d", top+1, bottom, len(m.rows))
	}
	return lines, foot
}

// window is how many lines stand above the rows, and which rows are on the screen when each takes so many lines.
func (m Model) window(w, h, each int) (head, top, bottom int) {
	if w >= tableFrom && h > 2 {
		head = 1
	}
	fit := max(1, (h-head)/each)
	top = max(0, min(m.selected-fit/2, len(m.rows)-fit))
	return head, top, min(len(m.rows), top+fit)
}

// Click selects the row at a line of the pane, counted from its top.
func (m Model) Click(y int) Model {
	w, h := m.w, m.h
	if m.framed {
		w, h = kit.Inner(w, h)
		y--
	}
	_, each := m.shape(w, h)
	head, top, bottom := m.window(w, h, each)
	if i := top + (y-head)/each; y >= head && i < bottom {
		m = m.pick(i)
	}
	return m.enable()
}

type drawRow func(r row, selected bool, now time.Time, w int) []string

// shape picks how a row is drawn and how many lines it takes: the table where it fits, two lines a component
// where there are few, else one short line.
func (m Model) shape(w, h int) (drawRow, int) {
	switch {
	case w >= tableFrom:
		return m.tableRow, 1
	case w >= tallFrom && 2*len(m.rows) <= h:
		return m.tallRow, 2
	}
	return m.shortRow, 1
}

// nameWidth gives the table's name column what the others leave, but no more than the longest name needs.
func (m Model) nameWidth(w int) int {
	room := w - 2 - wordWidth - kindWidth - pidWidth - beatWidth - loadWidth - 5
	for _, c := range m.extra(w) {
		room -= c.width + 1
	}
	return max(minName, min(room, m.longest))
}

func (m Model) heading(w int) string {
	h := "  " + kit.Fit("name", m.nameWidth(w)) + " " + kit.Fit("state", wordWidth) + " " + kit.Fit("kind", kindWidth) + " " +
		kit.FitRight("pid", pidWidth) + " " + kit.FitRight("beat", beatWidth) + " " + kit.FitRight("load", loadWidth)
	for _, c := range m.extra(w) {
		h += " " + kit.FitRight(c.name, c.width)
	}
	return m.theme.Dim.Paint(kit.Fit(h, w))
}

// column is one that is shown when there is room.
type column struct {
	name  string
	width int
	of    func(state.Component) string
}

// extra is the columns that have room beside the name, the most telling first.
func (m Model) extra(w int) []column {
	all := [...]column{
		{"ok", 5, ok},
		{"wait", 4, func(c state.Component) string { return orDash(c.Queued) }},
		{"restarts", 8, func(c state.Component) string { return orDash(c.Restarts) }},
		{"time", 7, func(c state.Component) string { return took(c.Pace.Service) }},
		{"lately", state.TrailLen, func(c state.Component) string { return m.trail(c.Pace.Trail) }},
		{"memory", 8, func(c state.Component) string { return memory(c.Usage.Memory) }},
		{"cpu", 5, func(c state.Component) string { return cpu(c.Usage) }},
		{"breakers", 8, func(c state.Component) string { return m.breakers(c) }},
		{"oldest", 6, oldest},
		{"gen", 4, func(c state.Component) string { return orDash(c.Generation) }},
	}
	room := w - 2 - wordWidth - kindWidth - pidWidth - beatWidth - loadWidth - 5 - max(minName, min(m.longest, maxNarrow))
	n := 0
	for n < len(all) && all[n].width+1 <= room {
		room -= all[n].width + 1
		n++
	}
	return all[:n]
}

// maxNarrow is how much of a name other columns leave.
const maxNarrow = 20

// ok is how much of its work went well.
func ok(c state.Component) string {
	if c.PIDs.Runner == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*c.SuccessRate)
}

// took is how long a message takes, in at most seven columns.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return "-"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return kit.Took(d)
}

// oldest is how long what has waited longest waits.
func oldest(c state.Component) string {
	if c.Queued == 0 || c.PIDs.Runner == 0 {
		return "-"
	}
	return kit.Age(c.Pace.OldestAge)
}

// breakers is how many ways of a component let no call through.
func (m Model) breakers(c state.Component) string {
	switch open := openBreakers([]state.Component{c}); {
	case open > 0:
		return fmt.Sprintf("%s %d open", m.theme.Marks.Open, open)
	case len(c.Breakers) == 0:
		return "-"
	}
	return "closed"
}

// trail draws how long messages took lately, against the longest of these times.
func (m Model) trail(t [state.TrailLen]float32) string {
	steps := []rune(m.theme.Marks.Steps)
	most := slices.Max(t[:])
	var b strings.Builder
	for _, v := range t {
		switch {
		case v <= 0 || most <= 0:
			b.WriteByte(' ')
		default:
			b.WriteRune(steps[min(len(steps)-1, int(v/most*float32(len(steps))))])
		}
	}
	return b.String()
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func memory(b int64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f MB", float64(b)/(1<<20))
}

func cpu(u state.Usage) string {
	if u.Memory == 0 {
		return "-" // nobody has measured it
	}
	return fmt.Sprintf("%.0f %%", 100*u.CPU)
}

func (m Model) tableRow(r row, selected bool, now time.Time, w int) []string {
	line := m.head(r, selected, m.nameWidth(w)) + " " + m.word(r, now, wordWidth) + " "
	if t := trouble(r.Component, now); t != "" {
		_, ink := m.theme.Glyph(r.State)
		return []string{line + ink.Paint(m.split(t, w-kit.Width(line)))}
	}
	line += kit.Fit(r.Kind, kindWidth) + " " + kit.FitRight(pid(r.PIDs.Runner), pidWidth) + " " +
		m.beat(r, now) + " " + kit.FitRight(load(r.Component), loadWidth)
	for _, c := range m.extra(w) {
		line += " " + m.theme.Dim.Paint(kit.FitRight(c.of(r.Component), c.width))
	}
	return []string{line}
}

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
	name := kit.FitTail(r.Name, w, m.theme.Marks.Ellipsis)
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

// trouble is why a component that has no process is not running, and when it will be tried again.
func trouble(c state.Component, now time.Time) string {
	if c.State != state.Failed && (c.PIDs.Runner != 0 || c.NextStart.IsZero() && c.Reason == "") {
		return ""
	}
	reason := c.Reason
	if reason == "" && c.State == state.Failed {
		reason = "no reason was given"
	}
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

// Summary counts the components in words, what needs a person first: "✗ 1 failed  ◐ 1 starting  ● 5 ready".
func Summary(t *theme.Theme, components []state.Component) string {
	count := map[state.Word]int{}
	for _, c := range components {
		if c.State == state.Active {
			c.State = state.Ready
		}
		count[c.State]++
	}
	var parts []string
	for _, w := range []state.Word{state.Failed, state.Starting, state.Draining, state.Stopped, state.Ready} {
		if n := count[w]; n > 0 {
			glyph, ink := t.Glyph(w)
			parts = append(parts, ink.Paint(fmt.Sprintf("%s %d %s", glyph, n, w)))
		}
	}
	if n := openBreakers(components); n > 0 {
		parts = append(parts, t.Warn.Paint(fmt.Sprintf("! %d breaker%s open", n, plural(n))))
	}
	return strings.Join(parts, "  ")
}

// openBreakers counts the ways on which no call goes.
func openBreakers(components []state.Component) int {
	n := 0
	for _, c := range components {
		for _, b := range c.Breakers {
			if b.State == "open" || b.State == "forced open" {
				n++
			}
		}
	}
	return n
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

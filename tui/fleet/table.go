package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
)

// nameRoom is what the columns that are always there leave for names.
func (m Model) nameRoom(w int) int {
	room := w - 2 - wordWidth - kindWidth - beatWidth - loadWidth - 4
	if m.pids(w) {
		room -= pidWidth + 1
	}
	return room
}

// pids says that the numbers of processes are shown: names that would be cut for them need the room more.
func (m Model) pids(w int) bool {
	return w-2-wordWidth-kindWidth-pidWidth-beatWidth-loadWidth-5 >= min(m.longest, maxNarrow)
}

// nameWidth gives the table's name column what the others leave, but no more than the longest name needs.
func (m Model) nameWidth(w int) int {
	room := m.nameRoom(w)
	for _, c := range m.extra(w) {
		room -= c.width + 1
	}
	return max(minName, min(room, m.longest))
}

func (m Model) heading(w int) string {
	h := "  " + kit.Fit("name", m.nameWidth(w)) + " " + kit.Fit("state", wordWidth) + " " + kit.Fit("kind", kindWidth) + " "
	if m.pids(w) {
		h += kit.FitRight("pid", pidWidth) + " "
	}
	h += kit.FitRight("beat", beatWidth) + " " + kit.FitRight("load", loadWidth)
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
	room := m.nameRoom(w) - max(minName, min(m.longest, maxNarrow))
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
	if d <= 0 {
		return "-"
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
	line += kit.FitTail(r.Kind, kindWidth, m.theme.Marks.Ellipsis) + " "
	if m.pids(w) {
		line += kit.FitRight(pid(r.PIDs.Runner), pidWidth) + " "
	}
	line += m.beat(r, now) + " " + kit.FitRight(load(r.Component), loadWidth)
	for _, c := range m.extra(w) {
		line += " " + m.theme.Dim.Paint(kit.FitRight(c.of(r.Component), c.width))
	}
	return []string{line}
}

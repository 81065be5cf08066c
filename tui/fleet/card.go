package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
)

// labelWidth is the column of the words on the left of a card.
const labelWidth = 11

// Card draws everything known about the selected component into w×h: for a failed one why it failed, its last
// lines and what to do.
func (m Model) Card(now time.Time, w, h int) string {
	r, _ := m.current()
	iw, ih := kit.Inner(w, h)
	c := card{m: m, r: r, now: now, w: iw}
	c.title()
	if r.State == state.Failed || r.Reason != "" {
		c.why(ih)
	}
	c.facts()
	return kit.Frame{Title: r.Name, Right: r.Instance, Foot: "esc close", Focused: false}.Render(m.theme, c.lines, w, h)
}

// card gathers the lines of one card.
type card struct {
	m     Model
	r     row
	now   time.Time
	w     int
	lines []string
}

func (c *card) title() {
	glyph, ink := c.m.theme.Glyph(c.r.State)
	what := c.r.Kind
	if c.r.Type != "" {
		what += " " + c.r.Type
	}
	text := fmt.Sprintf("%s %s (%s) %s", glyph, c.r.Name, strings.TrimSpace(what), c.r.State)
	if c.r.Restarts > 0 {
		text += fmt.Sprintf(", restarted %s", times(c.r.Restarts))
	}
	for _, l := range kit.Wrap(text, c.w) {
		c.lines = append(c.lines, ink.Paint(l))
	}
	if n := next(c.r.Component, c.now); n != "" {
		c.lines = append(c.lines, c.m.theme.Warn.Paint(strings.Replace(n, "next ", "next try in ", 1)))
	}
	c.lines = append(c.lines, "")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// why tells the reason, the last lines of the log as far as there is room, and the next key to press.
func (c *card) why(h int) {
	reason := c.r.Reason
	if reason == "" {
		reason = "no reason was given"
	}
	c.put("why", reason)
	var last []string
	for _, l := range c.r.LastLines {
		last = append(last, kit.Wrap(l, max(1, c.w-labelWidth))...)
	}
	last = last[max(0, len(last)-max(3, h-len(c.lines)-8)):]
	for i, l := range last {
		label := ""
		if i == 0 {
			label = "last lines"
		}
		c.lines = append(c.lines, c.label(label)+l)
	}
	todo := "press r to start it again"
	if c.m.logs != "" {
		todo += "; its log: " + c.m.logs + "/" + c.r.Name + ".log"
	}
	c.put("what to do", todo)
	c.lines = append(c.lines, "")
}

func (c *card) facts() {
	if c.r.PIDs.Runner != 0 {
		c.process()
	}
	c.put("success", fmt.Sprintf("%.0f %%", c.r.SuccessRate*100))
	c.put("generation", fmt.Sprint(c.r.Generation))
}

// process tells about a component that runs.
func (c *card) process() {
	beat := "none yet"
	if !c.r.HeartbeatAt.IsZero() {
		beat = kit.Age(c.now.Sub(c.r.HeartbeatAt)) + " ago"
	}
	pids := pid(c.r.PIDs.Runner)
	if c.r.PIDs.Child != 0 {
		pids += fmt.Sprintf(" (guard %s, program %d)", pid(c.r.PIDs.Guard), c.r.PIDs.Child)
	}
	c.put("pid", pids)
	c.put("heartbeat", beat)
	c.put("load", fmt.Sprintf("%s running, %d waiting", load(c.r.Component), c.r.Queued))
}

func (c *card) label(s string) string { return c.m.theme.Dim.Paint(kit.Fit(s, labelWidth)) }

// put adds a labelled value, wrapped beside its label.
func (c *card) put(label, value string) {
	for i, l := range kit.Wrap(value, max(1, c.w-labelWidth)) {
		if i > 0 {
			label = ""
		}
		c.lines = append(c.lines, c.label(label)+l)
	}
}

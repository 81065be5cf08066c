package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// labelWidth is the column of the words on the left of a card.
const labelWidth = 11

// askAgain is how old what a card tells may become.
const askAgain = 3 * time.Second

// told is what is known about an instance beside its row: why it is not ready, how the process before it ended.
type told struct {
	name, instance string
	word           state.Word
	runner         int
	at             time.Time // when it was asked for
	entries        []state.Entry
	problem        string
}

// Ask is the question behind an open card that has not been answered, or so long ago that the answer is old.
func (m Model) Ask(now time.Time) (Model, order.Order) {
	r, ok := m.current()
	if !ok || !m.Open() {
		return m, nil
	}
	if t := m.told; t.of(r) && t.word == r.State && t.runner == r.PIDs.Runner && now.Sub(t.at) < askAgain {
		return m, nil
	}
	if !m.told.of(r) {
		m.told = told{}
	}
	m.told.name, m.told.instance, m.told.word, m.told.runner, m.told.at = r.Name, r.Instance, r.State, r.PIDs.Runner, now
	return m, order.Explain{Component: r.Name, Instance: r.Instance}
}

func (t told) of(r row) bool { return t.name == r.Name && t.instance == r.Instance }

// Explained takes the answer.
func (m Model) Explained(o order.Explain, entries []state.Entry, err error) Model {
	if m.told.name != o.Component || m.told.instance != o.Instance {
		return m // another one is looked at by now
	}
	m.told.entries, m.told.problem = make([]state.Entry, len(entries)), ""
	for i, e := range entries {
		m.told.entries[i] = state.Entry{Label: kit.CleanLine(e.Label), Text: kit.CleanLine(e.Text)}
	}
	if err != nil {
		m.told.problem = kit.CleanLine(err.Error())
	}
	return m
}

// Card draws everything known about the selected component into w×h: for a failed one why it failed, its last
// lines and what to do.
func (m Model) Card(now time.Time, w, h int) string {
	r, _ := m.current()
	iw, ih := kit.Inner(w, h)
	c := card{m: m, r: r, now: now, w: iw}
	c.title()
	switch {
	case m.told.of(r) && len(m.told.entries) > 0:
		c.explained(ih)
	case r.State == state.Failed || r.Reason != "":
		c.why(ih)
	}
	c.facts()
	m.keys.close.SetEnabled(true)
	m.keys.close.SetHelp(m.keys.close.Help().Key, "close")
	hints := []key.Binding{m.keys.close}
	if r.trouble() {
		again := m.keys.restart
		again.SetHelp(again.Help().Key, "start again")
		hints = []key.Binding{again, m.keys.lines, m.keys.close}
	}
	pager := kit.Pager{Top: m.down}.Move(0, len(c.lines), ih)
	frame := kit.Frame{Title: r.Name, Right: r.Instance, Focused: m.focused}
	if len(c.lines) > ih {
		more, what := m.keys.later, "more"
		if pager.Top+ih >= len(c.lines) {
			more, what = m.keys.earlier, "back"
		}
		more.SetEnabled(true)
		more.SetHelp(more.Help().Key, what)
		hints = append([]key.Binding{more}, hints...)
	}
	frame.Foot = kit.Hints(m.theme, hints, w-6)
	return frame.Render(m.theme, pager.Of(c.lines, ih), w, h)
}

// A card is scrolled by so many lines at once, and at most so far: none is longer.
const (
	cardPage = 5
	cardMost = 60
)

// trouble says that a person is needed, or was a moment ago.
func (r row) trouble() bool {
	return r.State == state.Failed || r.State == state.Stopped || r.Reason != "" && r.State == state.Starting
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

// explained is what the component's log, journals and surroundings tell. Last lines make room for the rest.
func (c *card) explained(h int) {
	if p := c.m.told.problem; p != "" {
		c.put("why", p)
	}
	entries := c.m.told.entries
	from := slices.IndexFunc(entries, func(e state.Entry) bool { return e.Label == "last lines" })
	if from < 0 {
		c.entries(entries)
		c.lines = append(c.lines, "")
		return
	}
	to := from + 1
	for to < len(entries) && entries[to].Label == "" {
		to++
	}
	rest := card{m: c.m, r: c.r, now: c.now, w: c.w}
	rest.entries(entries[to:])
	after := rest
	after.facts() // which stand below it
	c.entries(entries[:from])
	c.evidence(entries[from:to], h-len(c.lines)-len(after.lines)-1)
	c.lines = append(append(c.lines, rest.lines...), "")
}

// evidence is the end of the last lines, in at most rows lines but never fewer than three.
func (c *card) evidence(last []state.Entry, rows int) {
	var drawn []string
	for _, e := range last {
		text := strings.TrimPrefix(e.Text, "│ ")
		for _, l := range kit.Wrap(text, max(1, c.w-labelWidth-2)) {
			drawn = append(drawn, c.m.theme.Dim.Paint(c.m.theme.Box.Down)+" "+l)
		}
	}
	drawn = drawn[max(0, len(drawn)-max(3, rows)):]
	for i, l := range drawn {
		label := ""
		if i == 0 {
			label = "last lines"
		}
		c.lines = append(c.lines, c.label(label)+l)
	}
}

func (c *card) entries(all []state.Entry) {
	for _, e := range all {
		ink := theme.Ink{}
		if e.Label == "why" {
			ink = c.m.theme.Strong
		}
		c.paint(e.Label, c.here(e.Text), ink)
	}
}

// here is what to do as it is done on this screen: a command line has a key here.
func (c *card) here(text string) string {
	k, name := c.m.keys, c.r.Name
	say := func(b key.Binding) string { return "press " + c.m.theme.Text(b.Help().Key) }
	return strings.NewReplacer(
		"or: ww restart "+name, "or "+say(k.restart)+" to start it again", "ww restart "+name, say(k.restart)+" to start it again",
		"ww start "+name, say(k.stop)+" to start it", "ww logs -f "+name, c.m.theme.Text(k.lines.Help().Key),
	).Replace(text)
}

// why tells what the row knows, until more is: the reason, the last lines as far as there is room, the next key to press.
func (c *card) why(h int) {
	reason := c.r.Reason
	if reason == "" {
		reason = "no reason was given"
	}
	c.put("why", reason)
	var last []state.Entry
	for _, l := range c.r.LastLines {
		last = append(last, state.Entry{Text: l})
	}
	c.evidence(last, h-len(c.lines)-6)
	todo := c.here("ww restart " + c.r.Name)
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
	if c.r.PIDs.Runner != 0 || c.r.SuccessRate < 1 && c.r.SuccessRate > 0 { // what never ran has no success
		c.put("success", fmt.Sprintf("%.0f %%", c.r.SuccessRate*100))
	}
	c.put("generation", fmt.Sprint(c.r.Generation))
	for _, b := range c.r.Breakers {
		if b.State != "closed" {
			c.put("breaker", kit.CleanLine(b.Route+" is "+b.State))
		}
	}
}

// process tells about a component that runs.
func (c *card) process() {
	beat := "none yet"
	if !c.r.HeartbeatAt.IsZero() {
		age := c.now.Sub(c.r.HeartbeatAt)
		beat = kit.Age(age) + " ago"
		if age > suspectAfter {
			beat += ": it is suspect; it may hang, or the machine is very busy"
		}
	}
	if !c.m.told.of(c.r) || len(c.m.told.entries) == 0 {
		pids := pid(c.r.PIDs.Runner)
		if c.r.PIDs.Child != 0 {
			pids += fmt.Sprintf(" (guard %s, program %d)", pid(c.r.PIDs.Guard), c.r.PIDs.Child)
		}
		c.put("pid", pids)
	}
	c.put("heartbeat", beat)
	c.put("load", fmt.Sprintf("%s running, %d waiting", load(c.r.Component), c.r.Queued))
}

func (c *card) label(s string) string { return c.m.theme.Dim.Paint(kit.Fit(s, labelWidth)) }

// put adds a labelled value, wrapped beside its label.
func (c *card) put(label, value string) { c.paint(label, value, theme.Ink{}) }

func (c *card) paint(label, value string, ink theme.Ink) {
	for i, l := range kit.Wrap(value, max(1, c.w-labelWidth)) {
		if i > 0 {
			label = ""
		}
		c.lines = append(c.lines, c.label(label)+ink.Paint(l))
	}
}

package chat

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/markdown"
	"github.com/woodwork-lang/ww/tui/theme"
)

// block is one turn as lines of the pane's width. It is drawn when its turn changes, not when the screen is.
type block struct {
	turn   state.Turn
	w      int
	theme  *theme.Theme
	who    string        // says the answer
	wide   bool          // calls are shown with what was asked and answered
	answer markdown.Flow // of what is streamed
	lines  []string      // all lines; the first one leaves room for the time on its right
}

// timeWidth is the column on the right of a question: how long the turn took.
const timeWidth = 8

// sides splits the width of the pane into the column of names and that of text.
func sides(w int) (name, text int) {
	name = 8
	if w < 36 {
		name = 5
	}
	return name, max(1, w-name-1)
}

// same says that the block shows t already.
func (b block) same(t state.Turn, w int, th *theme.Theme, who string, wide bool) bool {
	return b.w == w && b.wide == wide && b.theme == th && b.who == who && sameCalls(b.turn.Calls, t.Calls) && b.turn.Stream == t.Stream && len(b.turn.Partial) == len(t.Partial) &&
		b.turn.Text == t.Text && told(b.turn) == told(t) && (b.turn.End == nil) == (t.End == nil) && b.turn.StartedAt.Equal(t.StartedAt)
}

// draw makes the block of a turn; old, the block that showed it before, saves the work that is done already.
func draw(old block, t state.Turn, w int, th *theme.Theme, who string, wide bool) block {
	if old.same(t, w, th, who, wide) {
		return old
	}
	b := block{turn: t, w: w, theme: th, who: who, wide: wide}
	b.lines = b.say("you", kit.WrapAll(kit.Clean(t.Text), max(1, b.textWidth()-timeWidth)), th.Strong)
	b.lines = append(append(b.lines, b.calls(wide)...), b.asked()...)
	_, waits := t.Open()
	switch {
	case t.End != nil:
		b.lines = append(b.lines, b.ending(*t.End, who)...)
	case waits:
		b.lines = append(b.lines, b.say("", []string{th.Dim.Paint("write the answer and press enter")}, th.Dim)...)
	case t.Partial == "":
		b.lines = append(b.lines, b.say("", []string{th.Dim.Paint("working" + th.Marks.Ellipsis)}, th.Dim)...)
	default:
		b.answer = old.answer
		if old.w != w || !b.answer.Drawn(th) || old.turn.Stream != t.Stream || !strings.HasPrefix(t.Partial, old.answer.Seen()) {
			b.answer = markdown.New(th, b.textWidth())
		}
		b.answer = b.answer.Add(t.Partial[len(b.answer.Seen()):])
		b.lines = append(b.lines, b.say(who, withCursor(b.answer.All(), th), th.Accent)...)
	}
	b.lines = append(b.lines, "")
	return b
}

// told is how many questions were asked, and how many have an answer.
func told(t state.Turn) (n [2]int) {
	for _, x := range t.Asked {
		n[0]++
		if x.Answer != nil {
			n[1]++
		}
	}
	return n
}

// asked draws the questions to the user, and what was said to them.
func (b block) asked() []string {
	var lines []string
	for _, x := range b.turn.Asked {
		lines = append(lines, b.say(kit.CleanLine(x.Question.Component), b.text(x.Question.Text), b.theme.Accent)...)
		switch {
		case x.Answer == nil:
		case x.Answer.None != "":
			lines = append(lines, b.say("", []string{b.theme.Dim.Paint("(" + kit.CleanLine(x.Answer.None) + ")")}, b.theme.Dim)...)
		default:
			lines = append(lines, b.say("you", kit.WrapAll(kit.Clean(x.Answer.Text), max(1, b.textWidth())), b.theme.Strong)...)
		}
	}
	return lines
}

func (b block) textWidth() int {
	_, text := sides(b.w)
	return text
}

// withCursor puts a mark behind streamed text, without touching the lines it was given.
func withCursor(lines []string, th *theme.Theme) []string {
	if len(lines) == 0 {
		return []string{th.Marks.Cursor}
	}
	lines = append([]string(nil), lines...)
	lines[len(lines)-1] += th.Accent.Paint(th.Marks.Cursor)
	return lines
}

// say puts a name before the first of the lines.
func (b block) say(name string, lines []string, ink theme.Ink) []string {
	nameWidth, _ := sides(b.w)
	if len(lines) == 0 {
		lines = []string{""}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		if i > 0 {
			name, ink = "", theme.Ink{}
		}
		out[i] = ink.Paint(kit.FitName(name, nameWidth, b.theme.Marks.Ellipsis)) + " " + l
	}
	return out
}

// ending draws how a turn ended: its answers, or what went wrong.
func (b block) ending(e event.End, who string) []string {
	var lines []string
	if e.Answer != "" || e.Status == event.StatusOK && len(e.Outputs) == 0 {
		lines = append(lines, b.say(who, b.text(e.Answer), b.theme.Accent)...)
	}
	for _, o := range e.Outputs {
		lines = append(lines, b.say(kit.CleanLine(o.Component), b.text(o.Text), b.theme.Accent)...)
	}
	if e.Status != event.StatusOK {
		lines = append(lines, b.problem(failure(e))...)
	}
	return lines
}

// problem draws what went wrong in red, and what happens next below it.
func (b block) problem(sentences []string) []string {
	sign, _ := b.theme.Glyph(state.Failed)
	ink := b.theme.Bad
	var lines []string
	for _, s := range sentences {
		for _, l := range kit.Wrap(b.theme.Text(s), max(1, b.textWidth()-2)) {
			lines = append(lines, b.say("", []string{ink.Paint(sign + " " + l)}, ink)...)
			sign = " "
		}
		ink = b.theme.Dim
	}
	return lines
}

func (b block) text(s string) []string {
	if strings.TrimSpace(s) == "" {
		return []string{b.theme.Dim.Paint("(an empty answer)")}
	}
	return markdown.New(b.theme, b.textWidth()).Add(strings.Trim(s, "\n")).All()
}

// view returns the lines with the time the turn has taken until now, or took.
func (b block) view(now time.Time) []string {
	took := ""
	switch start := b.turn.StartedAt; {
	case start.IsZero():
	case b.turn.End == nil:
		took = fmt.Sprintf("%s %s", b.theme.Marks.Dot, kit.Uptime(now.Sub(start)))
	default:
		took = kit.Took(b.turn.EndedAt.Sub(start))
	}
	first := kit.Fit(b.lines[0], max(0, b.w-timeWidth)) + b.theme.Dim.Paint(kit.FitRight(took, min(timeWidth, b.w)))
	return append([]string{first}, b.lines[1:]...)
}

package chat

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/tui/kit"
)

// View draws the pane as it is at now.
func (m Model) View(now time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	if w <= 0 || h <= 0 {
		return kit.Frame{}.Render(m.theme, nil, m.at.W, m.at.H)
	}
	body := m.conversation(now, w, m.talkHeight())
	body = append(body, "")
	body = append(body, m.field(w)...)
	frame := kit.Frame{Title: m.at.Title, Right: m.where(), Focused: m.at.Focused, Split: m.talkHeight()}
	if m.scroll > 0 {
		frame.Foot = "pgdn: later lines"
		if m.unseen > 0 {
			frame.Foot = fmt.Sprintf("%s %d new lines", m.theme.Marks.Down, m.unseen)
		}
	}
	return frame.Render(m.theme, body, m.at.W, m.at.H)
}

// where names the session and how far it is.
func (m Model) where() string {
	if m.talk.session == "" {
		return ""
	}
	return fmt.Sprintf("session %s %s turn %d", kit.CleanLine(m.talk.session), m.theme.Marks.Dot, len(m.talk.blocks))
}

func (m Model) textWidth() int {
	w, _ := kit.Inner(m.at.W, m.at.H)
	return max(1, w)
}

// fieldHeight is how many rows the text field takes: it grows with its text, but leaves most to the conversation.
func (m Model) fieldHeight() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(1, min(m.input.Rows(m.textWidth()-2), h/3))
}

// talkHeight is what is left for the conversation, above the line and the text field.
func (m Model) talkHeight() int {
	_, h := kit.Inner(m.at.W, m.at.H)
	return max(0, h-1-m.fieldHeight())
}

func (m Model) page() int { return max(1, m.talkHeight()-1) }

func (m Model) maxScroll() int { return max(0, m.lines()-m.talkHeight()) }

// field draws the text field behind its prompt.
func (m Model) field(w int) []string {
	rows := m.input.View(m.theme, w-2, m.fieldHeight(), m.at.Focused)
	if m.input.Empty() && !m.at.Focused {
		rows = []string{m.theme.Dim.Paint("tab: write a message")}
	}
	for i := range rows {
		prompt := "  "
		if i == 0 {
			prompt = m.theme.Accent.Paint(m.theme.Marks.Prompt) + " "
		}
		rows[i] = prompt + rows[i]
	}
	return rows
}

// conversation returns exactly h lines: the end of the talk, or the part the reader has scrolled to.
func (m Model) conversation(now time.Time, w, h int) []string {
	below := m.pending(w)
	if len(m.talk.blocks) == 0 && len(below) == 0 {
		return kit.Block(m.greeting(w), w, h)
	}
	if m.scroll > 0 {
		below = nil
	}
	// From the end upwards, as far as the screen goes: a long talk costs no more than a short one.
	need, lines := h+m.scroll, below
	for i := len(m.talk.blocks) - 1; i >= 0 && len(lines) < need; i-- {
		lines = append(m.talk.blocks[i].view(now), lines...)
	}
	end := max(0, len(lines)-m.scroll)
	start := max(0, end-h)
	return kit.Block(lines[start:end], w, h)
}

func (m Model) greeting(w int) []string {
	var lines []string
	for _, l := range kit.WrapAll(m.talk.hello, w) {
		lines = append(lines, m.theme.Dim.Paint(l))
	}
	return lines
}

// pending draws what was typed and is no turn yet, and why a message was refused.
func (m Model) pending(w int) []string {
	b := block{w: w, theme: m.theme}
	var lines []string
	for _, s := range m.showing() {
		said := b.say("you", kit.WrapAll(kit.Clean(s.text), max(1, b.textWidth()-timeWidth)), m.theme.Strong)
		said[0] = kit.Fit(said[0], max(0, w-timeWidth)) + m.theme.Dim.Paint(kit.FitRight("sending", timeWidth))
		lines = append(append(lines, said...), "")
	}
	if p := m.outbox.problem; p != "" {
		for _, l := range kit.Wrap(p, w) {
			lines = append(lines, m.theme.Bad.Paint(l))
		}
	}
	return lines
}

// Hello is the first thing a person reads: whether it is well, and what to do now. failed are the components that do not run.
func Hello(app string, ready bool, failed []string) string {
	first := fmt.Sprintf("%s is starting. You may write already; it answers when it is up.", app)
	switch {
	case len(failed) > 0:
		first = fmt.Sprintf("%s does not run whole: %s failed. tab, then enter shows why.", app, list(failed))
	case ready:
		first = fmt.Sprintf("%s is ready. Write a message and press enter.", app)
	}
	return strings.Join([]string{
		first, "", "ctrl+y copies the last answer, f1 shows all keys.",
		"esc goes to the list of components, where r restarts one; ctrl+c ends everything.",
	}, "\n")
}

// list is names as a sentence has them: the first few.
func list(names []string) string {
	const most = 3
	switch n := len(names); {
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}

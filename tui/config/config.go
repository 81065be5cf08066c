// Package config shows what the app runs as: the problems of the last save, what the last reload did and why, and every
// component with its resolved properties, secrets masked.
package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Model is the pane. It is a value: every method that changes something returns another one.
type Model struct {
	theme      *theme.Theme
	keys       keyMap
	at         kit.Place
	setback    string
	problems   diag.List
	sources    diag.Sources // the files that they are about
	root       string       // the directory of the app: what is in it is named from there
	generation int
	plan       string // of the last reload
	resolved   string
	pager      kit.Pager
}

type keyMap struct{ up, down, pageUp, pageDown, leave, yank key.Binding }

// New returns an empty pane.
func New(t *theme.Theme, keys keymap.Map) Model {
	bind := keys.In("config").Bind
	return Model{theme: t, keys: keyMap{
		up: bind("up", "↑", "", "up", "k"), down: bind("down", "↑↓", "scroll", "down", "j"),
		pageUp: bind("page-up", "pgup", "earlier", "pgup", "ctrl+u"), pageDown: bind("page-down", "pgdn", "later", "pgdown", "ctrl+d"),
		leave: bind("leave", "esc", "fleet", "esc"), yank: bind("yank", "y", "copy", "y"),
	}}
}

// WithTheme changes the look.
func (m Model) WithTheme(t *theme.Theme) Model {
	m.theme = t
	return m
}

// In says where the pane stands.
func (m Model) In(at kit.Place) Model {
	m.at = at
	return m
}

// With takes over the problems of the last save, the version that runs, and the plan that led to it.
func (m Model) With(problems diag.List, sources diag.Sources, generation int, plan string) Model {
	m.problems, m.sources, m.generation, m.plan = problems, sources, generation, plan
	return m
}

// WithSetback says why what was saved last does not run.
func (m Model) WithSetback(why string) Model {
	m.setback = why
	return m
}

// WithRoot says in which directory the app is.
func (m Model) WithRoot(dir string) Model {
	m.root = dir
	return m
}

// Resolved takes over the text of the resolved configuration.
func (m Model) Resolved(text string) Model {
	m.resolved = text
	return m
}

// Keys are what can be pressed here now, the most useful first.
func (m Model) Keys() []key.Binding {
	return []key.Binding{m.keys.leave, m.keys.down, m.keys.up, m.keys.yank, m.keys.pageDown, m.keys.pageUp}
}

// Update takes a key press.
func (m Model) Update(k tea.KeyMsg) (Model, order.Order) {
	_, h := kit.Inner(m.at.W, m.at.H)
	switch {
	case key.Matches(k, m.keys.pageDown):
		return m.Scroll(1 - h), nil
	case key.Matches(k, m.keys.pageUp):
		return m.Scroll(h - 1), nil
	case key.Matches(k, m.keys.up):
		return m.Scroll(1), nil
	case key.Matches(k, m.keys.down):
		return m.Scroll(-1), nil
	case key.Matches(k, m.keys.yank):
		return m, order.Copy{Text: m.resolved, What: "the configuration"}
	case key.Matches(k, m.keys.leave):
		return m, order.Leave{}
	}
	return m, nil
}

// Scroll moves the text, upwards when n is positive.
func (m Model) Scroll(n int) Model {
	w, h := kit.Inner(m.at.W, m.at.H)
	m.pager = m.pager.Move(-n, len(m.lines(w)), h)
	return m
}

// View draws the pane.
func (m Model) View(time.Time) string {
	w, h := kit.Inner(m.at.W, m.at.H)
	frame := kit.Frame{Title: m.at.Title, Focused: m.at.Focused}
	if w <= 0 || h <= 0 {
		return frame.Render(m.theme, nil, m.at.W, m.at.H)
	}
	return frame.Render(m.theme, m.pager.Of(m.lines(w), h), m.at.W, m.at.H)
}

func (m Model) lines(w int) []string {
	var lines []string
	if len(m.problems) > 0 {
		lines = append(lines, m.save(w)...)
	}
	if m.setback != "" {
		for _, l := range kit.Wrap("the last save does not run: "+m.setback, w) {
			lines = append(lines, m.theme.Bad.Paint(l))
		}
		lines = append(lines, "")
	}
	if m.plan != "" {
		lines = append(lines, m.theme.Strong.Paint("the last reload"))
		for l := range strings.SplitSeq(strings.TrimRight(kit.Clean(m.plan), "\n"), "\n") {
			lines = append(lines, kit.Wrap(l, w)...)
		}
		lines = append(lines, "")
	}
	if m.resolved == "" {
		return append(lines, m.theme.Dim.Paint("reading the configuration"+m.theme.Marks.Ellipsis))
	}
	lines = append(lines, m.theme.Strong.Paint(fmt.Sprintf("what runs: version %d", m.generation)))
	for l := range strings.SplitSeq(strings.TrimRight(kit.Clean(m.resolved), "\n"), "\n") {
		lines = append(lines, kit.Wrap(l, w)...)
	}
	return lines
}

// save lists the problems of a broken save, with where they are and what to do.
func (m Model) save(w int) []string {
	title, ink := fmt.Sprintf("the last save has %s; version %d keeps running", counted(len(m.problems), "problem"), m.generation), m.theme.Bad
	if !m.problems.HasErrors() {
		title, ink = fmt.Sprintf("the last save has %s; it runs as version %d", counted(len(m.problems), "warning"), m.generation), m.theme.Warn
	}
	var lines []string
	for _, l := range kit.Wrap(title, w) {
		lines = append(lines, ink.Paint(l))
	}
	lines = append(lines, "")
	if len(m.sources) > 0 {
		return append(append(lines, m.quoted(w)...), "")
	}
	for _, d := range m.problems {
		ink := m.theme.Bad
		if d.Severity != diag.Error {
			ink = m.theme.Warn
		}
		at := fmt.Sprintf("%s:%d:%d ", kit.CleanLine(kit.Near(d.Span.File, m.root)), d.Span.Start.Line, d.Span.Start.Col)
		for i, l := range kit.Wrap(at+kit.CleanLine(d.Summary), w) {
			if i == 0 {
				l = ink.Paint(l)
			}
			lines = append(lines, l)
		}
		if d.Detail != "" {
			for _, l := range kit.WrapAll(kit.Clean(d.Detail), max(1, w-2)) {
				lines = append(lines, "  "+m.theme.Dim.Paint(l))
			}
		}
	}
	return append(lines, "")
}

func counted(n int, what string) string {
	if n == 1 {
		return "a " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// quoted is the problems as ww check prints them: an excerpt of the file with the place marked.
func (m Model) quoted(w int) []string {
	var b strings.Builder
	_ = diag.Write(&b, m.sources, m.problems, max(20, w), false) // a Builder takes everything
	text := kit.Clean(kit.Near(b.String(), m.root))
	if m.theme.ASCII() {
		text = strings.NewReplacer("┌─", "--", "│", "|", "─", "-").Replace(text)
	}
	var lines []string
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		ink := theme.Ink{}
		switch {
		case strings.HasPrefix(l, "error"):
			ink = m.theme.Bad
		case strings.HasPrefix(l, "warning"):
			ink = m.theme.Warn
		}
		lines = append(lines, ink.Paint(kit.FitTail(m.theme.Text(l), w, m.theme.Marks.Ellipsis)))
	}
	return lines
}

// Package theme decides how the terminal faces look: colours, glyphs and box lines for one kind of terminal.
//
// Colour repeats what a glyph and a word say already. There is one accent colour, red is for what needs a person,
// and what is steady is dim.
package theme

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/state"
)

// Options describe the terminal.
type Options struct {
	Profile termenv.Profile // how many colours it has; Ascii means none
	Light   bool            // its background is light
	ASCII   bool            // it may not have other characters
	Strong  bool            // high contrast: nothing is dim, what stands out is bold
	Plain   bool            // it may not even know bold and reverse, as with TERM=dumb
	Still   bool            // nothing stands out for a moment only
	Links   bool            // it can open addresses that are behind a text
}

// Theme is one look. It is immutable; a changed terminal gets a new one.
type Theme struct {
	Accent, Dim, Bad, Warn, Strong, Lean, Gone, Link Ink

	Box     Box
	Marks   Marks
	reverse Ink
	ascii   bool
	plain   bool
	still   bool
	leads   bool
}

// Box is the set of characters that frames are made of.
type Box struct{ TopLeft, TopRight, BottomLeft, BottomRight, Across, Down, TeeLeft, TeeRight string }

// Marks are the small signs of the screens.
type Marks struct {
	Focus, Select, Prompt, Cursor, Heart, Suspect, Dot, Ellipsis, Down string
	Arrow, Open, Yes, No, Bar, Branch, Last, Folded, Unfolded          string
	Todo, Done                                                         string // of a list of tasks
	Steps                                                              string // a bar that grows

	words map[state.Word]string
}

// Ink paints text. The zero Ink leaves it as it is.
type Ink struct{ on, off string }

// Paint returns s in this ink. Nothing is added to an empty string.
func (i Ink) Paint(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// None says that it is no ink at all: what it would show has to be shown by signs.
func (i Ink) None() bool { return i == Ink{} }

// New returns the look for such a terminal.
func New(o Options) *Theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(o.Profile)
	r.SetHasDarkBackground(!o.Light)
	t := &Theme{
		Accent: mix(r.NewStyle().Foreground(color("4", "25", "14", "80"))),
		Dim:    mix(r.NewStyle().Foreground(color("8", "242", "8", "246"))),
		Bad:    mix(r.NewStyle().Foreground(color("1", "160", "9", "203"))),
		Warn:   mix(r.NewStyle().Foreground(color("3", "130", "11", "221"))),
		Strong: mix(r.NewStyle().Bold(true)),
		Lean:   mix(r.NewStyle().Italic(true)),
		Gone:   mix(r.NewStyle().Foreground(color("8", "242", "8", "246")).Strikethrough(true)),
		Link:   mix(r.NewStyle().Underline(true)),
		Box:    Box{"╭", "╮", "╰", "╯", "─", "│", "├", "┤"},
		Marks:  unicodeMarks(),
		ascii:  o.ASCII,
		plain:  o.Plain,
		still:  o.Still,
		leads:  o.Links && !o.Plain,
	}
	if o.Strong {
		t.Dim = Ink{}
		t.Gone = mix(r.NewStyle().Strikethrough(true))
		t.Accent = mix(r.NewStyle().Bold(true).Foreground(color("4", "18", "14", "123")))
		t.Bad = mix(r.NewStyle().Bold(true).Foreground(color("1", "88", "9", "217")))
		t.Warn = mix(r.NewStyle().Bold(true).Foreground(color("3", "58", "11", "228")))
	}
	if !o.Plain {
		// Without colours lipgloss drops every attribute; the cursor must be seen all the same.
		t.reverse = Ink{"\x1b[7m", "\x1b[27m"}
	}
	if o.ASCII {
		t.Box = Box{"+", "+", "+", "+", "-", "|", "+", "+"}
		t.Marks = asciiMarks()
	}
	return t
}

// color names a colour for a light and a dark background, each with its 16-colour and its 256-colour form. The
// 16-colour form is the user's own palette.
func color(light16, light256, dark16, dark256 string) lipgloss.CompleteAdaptiveColor {
	return lipgloss.CompleteAdaptiveColor{
		Light: lipgloss.CompleteColor{TrueColor: light256, ANSI256: light256, ANSI: light16},
		Dark:  lipgloss.CompleteColor{TrueColor: dark256, ANSI256: dark256, ANSI: dark16},
	}
}

// mix takes the escape sequences out of a style once, because a frame paints hundreds of small strings.
func mix(s lipgloss.Style) Ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return Ink{on, off}
}

func unicodeMarks() Marks {
	return Marks{
		Focus: "▸", Select: "›", Prompt: "›", Cursor: "▌", Heart: "♥", Suspect: "!", Dot: "·", Ellipsis: "…", Down: "↓",
		Arrow: "→", Open: "▲", Yes: "✓", No: "✗", Bar: "█", Branch: "├", Last: "└", Folded: "▸", Unfolded: "▾",
		Todo: "☐", Done: "☑", Steps: "▁▂▃▄▅▆▇█",
		words: map[state.Word]string{
			state.Ready: "●", state.Starting: "◐", state.Active: "◉", state.Draining: "◌", state.Failed: "✗", state.Stopped: "○",
		},
	}
}

func asciiMarks() Marks {
	return Marks{
		Focus: ">", Select: ">", Prompt: ">", Cursor: "_", Heart: "^", Suspect: "!", Dot: "-", Ellipsis: "~", Down: "v",
		Arrow: ">", Open: "!", Yes: "+", No: "x", Bar: "=", Branch: "|", Last: "`", Folded: ">", Unfolded: "v",
		Todo: "[ ]", Done: "[x]", Steps: ".:-=+*#",
		words: map[state.Word]string{
			state.Ready: "*", state.Starting: "~", state.Active: "@", state.Draining: "-", state.Failed: "x", state.Stopped: "o",
		},
	}
}

// Glyph returns the sign of a state and the ink for the sign and its word.
func (t *Theme) Glyph(w state.Word) (string, Ink) {
	glyph, ok := t.Marks.words[w]
	if !ok {
		glyph = "?"
	}
	switch w {
	case state.Failed:
		return glyph, t.Bad
	case state.Active:
		return glyph, t.Accent
	case state.Starting:
		return glyph, t.Warn
	case state.Draining, state.Stopped:
		return glyph, t.Dim
	}
	return glyph, Ink{}
}

// Still says that nothing may stand out for a moment only, or move by itself more often than once a second.
func (t *Theme) Still() bool { return t.still }

// ASCII says that this terminal may not have other characters.
func (t *Theme) ASCII() bool { return t.ascii }

// Leads says that the terminal can open an address that is behind a text.
func (t *Theme) Leads() bool { return t.leads }

// Lead puts an address behind a text, where the terminal can open it. The address is one that was looked at: it has no
// characters that end the sequence.
func (t *Theme) Lead(url, s string) string {
	if !t.leads || url == "" || s == "" {
		return s
	}
	return ansi.SetHyperlink(url) + s + ansi.ResetHyperlink()
}

// Cross is where two lines of a table meet.
func (t *Theme) Cross() string {
	if t.ascii {
		return "+"
	}
	return "┼"
}

// Text is s as this terminal can show it: the words of this program name arrow keys by their arrows.
func (t *Theme) Text(s string) string {
	if !t.ascii {
		return s
	}
	return strings.NewReplacer("↑↓", "up/down", "↑", "up", "↓", "down").Replace(s)
}

// Arrows is s with arrows that this terminal can show.
func (t *Theme) Arrows(s string) string {
	if !t.ascii {
		return s
	}
	return strings.ReplaceAll(s, "→", t.Marks.Arrow)
}

// Reverse shows where the text cursor is. On a terminal that cannot, a mark is put before s.
func (t *Theme) Reverse(s string) string {
	if t.plain {
		return t.Marks.Cursor + strings.TrimSpace(s)
	}
	return t.reverse.Paint(s)
}

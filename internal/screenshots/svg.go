package main

import (
	"fmt"
	"html"
	"strings"

	"github.com/hinshun/vt10x"
)

// What a cell of the picture measures, in pixels.
const (
	cellW  = 8.4
	cellH  = 18.0
	margin = 12.0
)

// The colours of the picture, and what a terminal calls by a number below 16.
const (
	paper = "#16181d"
	ink   = "#d7dae0"
)

var palette = [16]string{
	"#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0",
	"#7f848e", "#ff7b85", "#b5e890", "#ffd68a", "#8cc8ff", "#dda0f0", "#7fd8e4", "#ffffff",
}

// The bits of a cell's mode. The emulator keeps them to itself.
const (
	modeUnderline = 1 << 1
	modeBold      = 1 << 2
)

// style is how a run of cells looks.
type style struct {
	fg, bg          string
	bold, underline bool
}

func styleOf(g vt10x.Glyph) style {
	return style{fg: color(g.FG, ink), bg: color(g.BG, paper), bold: g.Mode&modeBold != 0, underline: g.Mode&modeUnderline != 0}
}

func color(c vt10x.Color, otherwise string) string {
	switch {
	case c == vt10x.DefaultFG:
		return ink
	case c == vt10x.DefaultBG:
		return paper
	case c > 1<<24:
		return otherwise
	case c < 16:
		return palette[c]
	case c < 232:
		n := int(c) - 16
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	case c < 256:
		v := 8 + 10*(int(c)-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v)
	}
	return fmt.Sprintf("#%06x", uint32(c))
}

// svg is a picture of a screen. The same screen gives the same bytes.
func svg(s vt10x.View, w, h int, title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img" aria-label="%s">`+"\n",
		px(2*margin+cellW*float64(w)), px(2*margin+cellH*float64(h)), html.EscapeString(title))
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	b.WriteString(`<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">` + "\n")
	for y := range h {
		row(&b, s, w, y)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// row draws a line of the screen as runs of cells that look the same.
func row(b *strings.Builder, s vt10x.View, w, y int) {
	for x := 0; x < w; {
		look := styleOf(s.Cell(x, y))
		var text strings.Builder
		from := x
		for x < w && styleOf(s.Cell(x, y)) == look {
			text.WriteRune(char(s.Cell(x, y).Char))
			x++
		}
		cells(b, look, text.String(), from, x, y)
	}
}

func char(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// cells draws cells. Each knows its width, so that another font breaks no frame.
func cells(b *strings.Builder, look style, text string, from, to, y int) {
	left, top := margin+cellW*float64(from), margin+cellH*float64(y)
	if look.bg != paper {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", px(left), px(top), px(cellW*float64(to-from)), px(cellH), look.bg)
	}
	trimmed := strings.TrimRight(text, " ")
	lead := len(trimmed) - len(strings.TrimLeft(trimmed, " "))
	if trimmed = trimmed[lead:]; trimmed == "" {
		return
	}
	left += cellW * float64(lead)
	extra := ""
	if look.bold {
		extra += ` font-weight="bold"`
	}
	if look.underline {
		extra += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%s" y="%s" textLength="%s" fill="%s"%s>%s</text>`+"\n",
		px(left), px(top+cellH*0.76), px(cellW*float64(len([]rune(trimmed)))), look.fg, extra, html.EscapeString(trimmed))
}

// px is a number without a tail of digits.
func px(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

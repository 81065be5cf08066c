package markdown

import (
	"strings"

	"github.com/woodwork-lang/ww/tui/theme"
)

// look is how a part of a line stands out.
type look struct {
	strong, em, gone, code, aside bool
	url                           string // where it leads
}

// span is a part of a line that stands out. Spans follow each other and do not overlap.
type span struct {
	from, to int // bytes of the line without its marks
	look     look
}

// whole is the span of a text that looks the same everywhere.
func whole(s string, l look) []span {
	if s == "" || l == (look{}) {
		return nil
	}
	return []span{{0, len(s), l}}
}

// canvas gathers a text and its spans.
type canvas struct {
	text  strings.Builder
	spans []span
}

func (c *canvas) put(s string, l look) {
	from := c.text.Len()
	c.text.WriteString(s)
	to := c.text.Len()
	switch n := len(c.spans); {
	case l == look{} || from == to:
	case n > 0 && c.spans[n-1].to == from && c.spans[n-1].look == l:
		c.spans[n-1].to = to
	default:
		c.spans = append(c.spans, span{from, to, l})
	}
}

// draw is the text of all atoms, where everything looks like l at least.
func (p *parser) draw(l look) (string, []span) {
	var c canvas
	var depth [emphases]int
	for _, a := range p.atoms {
		for kind, by := range a.turn {
			depth[kind] += by
		}
		a.look.em = l.em || depth[em] > 0
		a.look.strong = l.strong || depth[strong] > 0
		a.look.gone = l.gone || depth[gone] > 0
		c.put(a.text, a.look)
	}
	return c.text.String(), c.spans
}

// shifted are spans of a text that stands further on.
func shifted(spans []span, by int) []span {
	out := make([]span, len(spans))
	for i, s := range spans {
		out[i] = span{s.from + by, s.to + by, s.look}
	}
	return out
}

// paint puts ink on the spans of a line that was broken into rows. Rows are parts of the text in their order.
func paint(t *theme.Theme, rows []string, text string, spans []span) []string {
	if len(spans) == 0 {
		return rows
	}
	at := 0
	for i, row := range rows {
		words := strings.TrimLeft(row, " ")
		n := strings.Index(text[at:], words)
		if n < 0 || words == "" {
			continue
		}
		from := at + n
		at = from + len(words)
		for len(spans) > 0 && spans[0].to <= from {
			spans = spans[1:]
		}
		rows[i] = row[:len(row)-len(words)] + inked(t, words, from, spans)
	}
	return rows
}

// inked is a part of the text that begins at from, with ink on its spans.
func inked(t *theme.Theme, words string, from int, spans []span) string {
	var b strings.Builder
	end := 0
	for _, s := range spans {
		a, z := max(s.from-from, end), min(s.to-from, len(words))
		if a >= len(words) {
			break
		}
		if a >= z {
			continue
		}
		b.WriteString(words[end:a] + s.look.paint(t, words[a:z]))
		end = z
	}
	return b.String() + words[end:]
}

func (l look) paint(t *theme.Theme, s string) string {
	switch {
	case l.code:
		s = t.Accent.Paint(s)
	case l.aside:
		s = t.Dim.Paint(s)
	case l.url != "":
		s = t.Link.Paint(s)
	}
	if l.em {
		s = t.Lean.Paint(s)
	}
	if l.gone {
		s = t.Gone.Paint(s)
	}
	if l.strong {
		s = t.Strong.Paint(s)
	}
	return t.Lead(l.url, s)
}

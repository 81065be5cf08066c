package parser

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Dialect says how the printer writes the sign between a key and its value.
type Dialect uint8

// The dialects. The name of a component is always followed by =.
const (
	Keep   Dialect = iota // each pair keeps the sign that it has
	Colon                 // key: value
	Equals                // key = value
)

// maxWidth is how many columns a list or block on one line may reach.
const maxWidth = 100

// Format prints a file in the one style of the language. The tree and the comments stay what they are, and what has
// been formatted once does not change again. What the author decides is kept: the order, blank lines (one of several),
// the quotes, and whether a list or block stands on one line, as long as it fits.
//
// f must have been parsed without errors: what a broken file does not say cannot be printed. The one problem that there
// can be is a result larger than [MaxSize], by the indentation of values that nest deeply; then there is no text.
func Format(f *File, d Dialect) ([]byte, diag.List) {
	p := &printer{src: string(f.Src), all: f.Comments, comments: slices.Clone(f.Comments), dialect: d}
	for _, decl := range f.Decls {
		p.decl(decl)
	}
	p.own(len(p.src), true)
	if p.full || len(p.out) > MaxSize {
		return nil, diag.List{tooLargeFormatted(f.Name)}
	}
	return p.out, nil
}

// printer writes a tree. Comments are no part of the tree: each is printed when the printer comes to its place.
type printer struct {
	src      string
	dialect  Dialect
	all      []Comment // of the file
	comments []Comment // of those, the ones to come
	out      []byte
	line     int  // where in out the current line begins
	indent   int  // levels
	last     int  // line of the source where the last thing of this block ended; 0 at its beginning
	above    size // what stands above at the top level
	flat     bool // all goes on one line
	over     bool // and does not fit
	full     bool // there is more than a file may have
}

// size is what a reader sees of a thing at the top level.
type size uint8

const (
	remark   size = iota // a comment, or nothing
	oneLine              // a declaration of one line
	manyLine             // a declaration of several
)

func (p *printer) decl(d *Decl) {
	p.own(d.Range.Start.Offset, false)
	p.hoist(d.Range, d.node())
	before, last := p.out, p.last
	p.out, p.line = nil, 0
	p.inline(d.Name.Range.Start.Offset)
	p.write(p.raw(d.Name.Range))
	p.binding(d.node(), " =")
	text := p.out
	p.out, p.line, p.last = before, len(before), last

	now := oneLine
	if bytes.IndexByte(text, '\n') >= 0 {
		now = manyLine
	}
	if p.above == manyLine || p.above == oneLine && now == manyLine {
		p.blank()
	} else {
		p.begin(d.Range.Start.Line)
	}
	p.out = append(p.out, text...)
	p.above = now
	p.end(d.Range)
}

// binding writes a sign and the value behind it. A word that would read as a comment behind a blank goes without.
func (p *printer) binding(n Node, sign string) {
	at := n.Span().Start.Offset
	if w, ok := n.(*Word); ok && looksLikeComment(w.Text) {
		for p.pending(at) {
			p.write(" " + p.pop())
		}
		p.write(sign[len(sign)-1:] + w.Text)
		return
	}
	p.write(sign + " ")
	p.inline(at)
	p.value(n)
}

func (p *printer) value(n Node) {
	switch v := n.(type) {
	case *Block:
		p.block(v)
	case *Array:
		p.array(v)
	case *Bool:
		if v.Value {
			p.write("true")
		} else {
			p.write("false")
		}
	case *Null:
		p.write("null")
	default:
		p.write(p.raw(n.Span()))
	}
}

func (p *printer) pair(pr *Pair) {
	p.inline(pr.Key.Range.Start.Offset)
	p.write(p.raw(pr.Key.Range))
	sign := ":"
	if p.dialect == Equals || p.dialect == Keep && pr.Sep == '=' {
		sign = " ="
	}
	p.binding(pr.Value, sign)
}

// begin makes room above a thing that begins on a line of the source: a blank line, if there was one.
func (p *printer) begin(line int) {
	if p.last > 0 && line > p.last+1 {
		p.blank()
	}
}

// end is behind a thing: the comments on its last line, and a line end.
func (p *printer) end(at diag.Span) {
	p.last = at.End.Line
	p.trailing(at.End.Offset)
	p.newline()
}

// blank adds a blank line, unless nothing stands above it.
func (p *printer) blank() {
	if p.last > 0 {
		p.newline()
		p.last = 0
	}
}

func (p *printer) newline() {
	p.out = append(p.out, '\n')
	p.line = len(p.out)
}

// write adds text to the current line.
func (p *printer) write(text string) {
	if p.flat && (p.over || len(text) > utf8.UTFMax*maxWidth) {
		p.over = true
		return
	}
	if p.full = p.full || len(p.out) > MaxSize; p.full {
		return
	}
	if len(p.out) == p.line {
		for range p.indent {
			p.out = append(p.out, "    "...)
		}
	}
	p.out = append(p.out, text...)
	if p.flat && utf8.RuneCount(p.out[p.line:]) > maxWidth {
		p.over = true
	}
}

func (p *printer) raw(at diag.Span) string { return p.src[at.Start.Offset:at.End.Offset] }

// fits prints something on one line, or not at all.
func (p *printer) fits(print func()) bool {
	if p.flat {
		print()
		return true // whoever began the line sees whether it fits
	}
	out, comments := len(p.out), p.comments
	p.flat = true
	print()
	p.flat = false
	if !p.over {
		return true
	}
	p.over = false
	p.out, p.comments = p.out[:out], comments
	return false
}

package parser

import "strings"

func (p *printer) block(b *Block) {
	if b.Kind != nil {
		p.write(p.header(b) + " ")
	}
	brace := p.brace(b)
	p.inline(brace)
	switch {
	case len(b.Pairs) == 0 && !p.commented(brace, b.Range.End.Offset):
		p.write("{}")
	case p.flatable(b) && p.fits(func() { p.flatBlock(b, brace) }):
	default:
		p.tallBlock(b, brace)
	}
}

// header is the words before a block, and the comments between them.
func (p *printer) header(b *Block) string {
	if b.Type == nil {
		return b.Kind.Name
	}
	if b.Kind.Range.End.Offset+1 == b.Type.Range.Start.Offset && p.src[b.Kind.Range.End.Offset] == '.' {
		return b.Kind.Name + "." + b.Type.Name
	}
	text := b.Kind.Name + " "
	for p.pending(b.Type.Range.Start.Offset) {
		text += p.pop() + " "
	}
	return text + b.Type.Name
}

// brace is where the { of a block stands.
func (p *printer) brace(b *Block) int {
	at := b.Range.Start.Offset
	if b.Kind == nil {
		return at
	}
	at = b.Kind.Range.End.Offset
	if b.Type != nil {
		at = b.Type.Range.End.Offset
	}
	for _, c := range p.all[p.commentsBefore(at):] {
		n := strings.IndexByte(p.src[at:], '{')
		if at+n < c.Range.Start.Offset {
			break
		}
		at = c.Range.End.Offset
	}
	return at + strings.IndexByte(p.src[at:], '{')
}

func (p *printer) flatBlock(b *Block, brace int) {
	p.write("{ ")
	for i, pr := range b.Pairs {
		if p.over {
			return
		}
		if i > 0 {
			p.write(", ")
		}
		p.pair(pr)
	}
	p.inlineTail(len(b.Pairs) > 0, b.Range.End.Offset)
	p.write(" }")
}

// inlineTail writes the comments before a closing bracket.
func (p *printer) inlineTail(blank bool, end int) {
	for p.pending(end) {
		if blank {
			p.write(" ")
		}
		p.write(p.pop())
		blank = true
	}
}

// tallBlock writes one pair a line.
func (p *printer) tallBlock(b *Block, brace int) {
	p.write("{")
	p.indent++
	p.trailing(brace + 1)
	p.newline()
	p.last = 0
	for _, pr := range b.Pairs {
		p.own(pr.Range.Start.Offset, false)
		p.hoist(pr.Range, pr.Value)
		p.begin(pr.Range.Start.Line)
		p.pair(pr)
		p.end(pr.Range)
	}
	p.own(b.Range.End.Offset, true)
	p.indent--
	p.write("}")
}

func (p *printer) array(a *Array) {
	start, end := a.Range.Start.Offset, a.Range.End.Offset
	flat := p.flatable(a)
	switch {
	case len(a.Items) == 0 && !p.commented(start, end):
		p.write("[]")
	case flat && p.fits(func() { p.flatArray(a) }):
	case !flat && !p.gaps(a):
		p.flatArray(a) // [{ … }, { … }], each over several lines
	default:
		p.tallArray(a)
	}
}

func (p *printer) flatArray(a *Array) {
	p.write("[")
	for i, item := range a.Items {
		if p.over {
			return
		}
		at := item.Span().Start.Offset
		switch {
		case clings(item):
			comments := p.pending(at)
			for p.pending(at) {
				p.write(" " + p.pop())
			}
			if i > 0 || comments {
				p.write(",")
			}
		case i > 0:
			p.write(", ")
		case p.pending(at):
			p.write(" ")
		}
		p.inline(at)
		p.value(item)
	}
	p.inlineTail(true, a.Range.End.Offset)
	p.write("]")
}

// tallArray writes one item a line.
func (p *printer) tallArray(a *Array) {
	p.write("[")
	p.indent++
	open := !p.trailing(a.Range.Start.Offset + 1) // the line still ends with a bracket or comma
	last := 0
	for i, item := range a.Items {
		at := item.Span()
		if sticks := clings(item); !sticks || !open || p.pending(at.Start.Offset) {
			p.newline()
			p.last = last
			p.own(at.Start.Offset, false)
			p.begin(at.Start.Line)
			p.inline(at.Start.Offset)
			if sticks {
				p.write(",")
			}
		}
		p.value(item)
		if i+1 < len(a.Items) {
			p.write(",")
		}
		p.last = at.End.Line
		open = !p.trailing(at.End.Offset)
		last = p.last
	}
	p.newline()
	p.last = last
	p.own(a.Range.End.Offset, true)
	p.indent--
	p.write("]")
}

// clings reports whether an item is a word that would read as a comment anywhere but right behind a bracket or comma.
func clings(v Value) bool {
	w, ok := v.(*Word)
	return ok && looksLikeComment(w.Text)
}

func looksLikeComment(text string) bool {
	return text[0] == '#' || strings.HasPrefix(text, "//") || strings.HasPrefix(text, "/*")
}

// flatable reports whether the author has written a value on one line. What is empty counts as that.
func (p *printer) flatable(v Value) bool {
	at := v.Span()
	if at.Start.Line == at.End.Line {
		return true
	}
	switch v := v.(type) {
	case *Block:
		brace := p.brace(v)
		return len(v.Pairs) == 0 && !p.commented(brace, at.End.Offset) ||
			!strings.ContainsAny(p.src[brace:at.End.Offset], "\r\n")
	case *Array:
		if p.gaps(v) {
			return len(v.Items) == 0 && !p.commented(at.Start.Offset, at.End.Offset)
		}
		for _, item := range v.Items {
			if !p.flatable(item) {
				return false
			}
		}
	}
	return true
}

// gaps reports whether there is a line end before, between or behind the items of a list.
func (p *printer) gaps(a *Array) bool {
	line := a.Range.Start.Line
	for _, item := range a.Items {
		at := item.Span()
		if at.Start.Line != line {
			return true
		}
		line = at.End.Line
	}
	return line != a.Range.End.Line
}

package deploy

import (
	"bytes"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/parser"
)

// editor gathers edits of a file and keeps everything else of it as it is: comments, dialect, ends of lines.
type editor struct {
	src   []byte
	tree  *parser.File
	edits []edit
}

// edit replaces a range of bytes.
type edit struct {
	from, to int
	text     string
}

func (e *editor) put(from, to int, text string) { e.edits = append(e.edits, edit{from, to, text}) }

func (e *editor) replace(s diag.Span, text string) { e.put(s.Start.Offset, s.End.Offset, text) }

// apply makes the new text.
func (e *editor) apply() []byte {
	slices.SortStableFunc(e.edits, func(a, b edit) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, ed := range e.edits {
		if ed.from < at { // a part of it is gone already
			if ed.to <= at || ed.text != "" {
				continue
			}
			ed.from = at
		}
		out = append(append(out, e.src[at:ed.from]...), ed.text...)
		at = ed.to
	}
	return append(out, e.src[at:]...)
}

// newline is how lines of this file end.
func (e *editor) newline() string {
	if bytes.Contains(e.src, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

func (e *editor) decl(name string) *parser.Decl {
	for _, d := range e.tree.Decls {
		if d.Name.Name == name {
			return d
		}
	}
	return nil
}

// settings are the words about the mode at the top of the file.
func (e *editor) settings() []*parser.Decl {
	var all []*parser.Decl
	for _, d := range e.tree.Decls {
		if d.Name.Name == key && d.Value != nil {
			all = append(all, d)
		}
	}
	return all
}

// lineStart is the offset of the first byte of the line that at is on.
func (e *editor) lineStart(at int) int { return bytes.LastIndexByte(e.src[:at], '\n') + 1 }

// lineEnd is the offset behind the newline of the line that at is on.
func (e *editor) lineEnd(at int) int {
	if i := bytes.IndexByte(e.src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(e.src)
}

// removeDecl takes a setting away, with its line when nothing else is on it.
func (e *editor) removeDecl(d *parser.Decl) { e.cut(d.Range.Start.Offset, d.Range.End.Offset) }

// remove takes a pair out of a block: with its line when it stands there alone, else with one separator.
func (e *editor) remove(p *parser.Pair) {
	from, to := p.Range.Start.Offset, p.Range.End.Offset
	if p.Value != nil {
		to = max(to, p.Value.Span().End.Offset)
	}
	if i := to; i < len(e.src) && e.src[i] == ',' {
		to++
	} else if prev := e.before(from); prev >= 0 && e.src[prev] == ',' && e.sameLine(prev, from) {
		from = prev // the last of several
	}
	e.cut(from, to)
}

// before is the offset of the last byte before at that is no blank; -1 when there is none.
func (e *editor) before(at int) int {
	for at--; at >= 0; at-- {
		if !strings.ContainsRune(" \t\r\n", rune(e.src[at])) {
			return at
		}
	}
	return -1
}

func (e *editor) sameLine(a, b int) bool {
	return !bytes.Contains(e.src[min(a, b):max(a, b)], []byte("\n"))
}

// cut removes a range; of a line with nothing else the whole line, of another one also the blanks behind the range.
func (e *editor) cut(from, to int) {
	start, end := e.lineStart(from), e.lineEnd(to)
	ahead, behind := e.src[start:from], e.src[to:end]
	if len(bytes.TrimSpace(ahead)) == 0 && len(bytes.TrimSpace(behind)) == 0 {
		e.put(start, end, "")
		return
	}
	if from == 0 || strings.ContainsRune(" \t\n", rune(e.src[from-1])) { // two blanks in a row otherwise
		for to < len(e.src) && (e.src[to] == ' ' || e.src[to] == '\t') {
			to++
		}
	}
	e.put(from, to, "")
}

// insertTop puts a setting in front of the first declaration and the comment that belongs to it.
func (e *editor) insertTop(line string) {
	nl, top := e.newline(), len(byteOrderMark)
	if !bytes.HasPrefix(e.src, []byte(byteOrderMark)) {
		top = 0
	}
	if len(e.tree.Decls) == 0 {
		e.put(len(e.src), len(e.src), line+nl)
		return
	}
	first := e.lineStart(e.tree.Decls[0].Range.Start.Offset)
	at := e.comment(first)
	if at == 0 {
		at = first // the comment is about the file
	}
	at = max(at, top)
	e.put(at, at, line+nl+nl)
}

// byteOrderMark may begin a file.
const byteOrderMark = "\ufeff"

// comment is the beginning of the comment that ends right above the line that begins at that offset.
func (e *editor) comment(at int) int {
	for at > 0 {
		above := e.lineStart(at - 1)
		text := bytes.TrimSpace(e.src[above : at-1])
		switch {
		case bytes.HasPrefix(text, []byte("#")) || bytes.HasPrefix(text, []byte("//")):
			at = above
		case bytes.HasSuffix(text, []byte("*/")) && bytes.LastIndex(e.src[:at], []byte("/*")) >= 0:
			at = e.lineStart(bytes.LastIndex(e.src[:at], []byte("/*")))
		default:
			return at
		}
	}
	return at
}

// add puts a pair at the end of a block, written as the others are.
func (e *editor) add(b *parser.Block, name, value string) {
	open := bytes.IndexByte(e.src[b.Range.Start.Offset:b.Range.End.Offset], '{') + b.Range.Start.Offset
	closing := b.Range.End.Offset - 1
	if len(b.Pairs) == 0 {
		e.addFirst(open, closing, name+e.dialect()+value)
		return
	}
	sep := ": "
	if b.Pairs[0].Sep == '=' {
		sep = " = "
	}
	text, last := name+sep+value, b.Pairs[len(b.Pairs)-1]
	end := last.Range.End.Offset
	if last.Value != nil {
		end = max(end, last.Value.Span().End.Offset)
	}
	comma := end < len(e.src) && e.src[end] == ','
	if e.sameLine(end, closing) || bytes.Contains(e.src[end:e.lineEnd(end)], []byte("/*")) { // the line goes on
		if comma {
			e.put(end+1, end+1, " "+text)
		} else {
			e.put(end, end, ", "+text)
		}
		return
	}
	if comma {
		text += ","
	}
	indent := e.indent(last.Range.Start.Offset)
	if e.sameLine(open, last.Range.Start.Offset) {
		indent += e.unit()
	}
	at := e.lineEnd(end)
	e.put(at, at, indent+text+e.newline())
}

// addFirst puts a pair into a block that has none, and leaves its comments.
func (e *editor) addFirst(open, closing int, text string) {
	inside := e.src[open+1 : closing]
	switch {
	case len(bytes.TrimSpace(inside)) == 0 && e.sameLine(open, closing):
		e.put(open+1, closing, " "+text+" ")
	case e.sameLine(open, closing) || bytes.Contains(e.src[open:e.lineEnd(open)], []byte("/*")):
		e.put(open+1, open+1, " "+text)
	default:
		at := e.lineEnd(open)
		e.put(at, at, e.indent(open)+e.unit()+text+e.newline())
	}
}

// indent is the blanks at the beginning of the line that an offset is on.
func (e *editor) indent(at int) string {
	line := e.src[e.lineStart(at):at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// unit is what one level is indented by: as the first pair of the file that has a line of its own.
func (e *editor) unit() string {
	for _, d := range e.tree.Decls {
		if d.Body == nil || len(d.Body.Pairs) == 0 || e.sameLine(d.Range.Start.Offset, d.Body.Pairs[0].Range.Start.Offset) {
			continue
		}
		if own := e.indent(d.Body.Pairs[0].Range.Start.Offset); own != "" {
			return own
		}
	}
	return "    "
}

// dialect is the separator that most pairs of the file have.
func (e *editor) dialect() string {
	equals := 0
	for _, d := range e.tree.Decls {
		if d.Body == nil {
			continue
		}
		for _, p := range d.Body.Pairs {
			if p.Sep == '=' {
				equals++
			} else {
				equals--
			}
		}
	}
	if equals > 0 {
		return " = "
	}
	return ": "
}

func unified(name string, before, after []byte) string {
	return string(diff.Diff(name, before, name+" (migrated)", after))
}

package lsp

import (
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/parser"
)

// encoding is what a client counts the characters of a line in.
type encoding string

// The encodings.
const (
	utf8Units  encoding = "utf-8"
	utf16Units encoding = "utf-16"
	utf32Units encoding = "utf-32"
)

// units is how many units a character has.
func (e encoding) units(r rune, bytes int) uint32 {
	switch {
	case e == utf8Units:
		return uint32(bytes)
	case e == utf16Units && r > 0xFFFF:
		return 2
	}
	return 1
}

// document is an open file, as the editor has it.
type document struct {
	uri      string
	path     string
	version  int
	text     string
	lines    []int // where each line begins
	encoding encoding

	parsed *parser.File // of the text as it is; nil until somebody asks
	broken bool         // it has mistakes of form
	uses   []project.Use

	changed time.Time // since when there are changes that have not been checked; zero when there are none
	due     time.Time // when they will be
}

func newDocument(uri string, version int, text string, e encoding) *document {
	d := &document{uri: uri, path: pathOf(uri), version: version, encoding: e}
	d.set(text)
	return d
}

func (d *document) set(text string) {
	d.text, d.parsed, d.uses = text, nil, nil
	d.lines = append(d.lines[:0], 0)
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			d.lines = append(d.lines, i+1)
		}
	}
}

// replace puts text in the place of a range. A range that lies outside of the text ends where the text ends.
func (d *document) replace(at span, text string) {
	start, end := d.offset(at.Start), d.offset(at.End)
	if end < start {
		start, end = end, start
	}
	d.set(d.text[:start] + text + d.text[end:])
}

// line is the text of a line without its end.
func (d *document) line(n int) string {
	end := len(d.text)
	if n+1 < len(d.lines) {
		end = d.lines[n+1]
	}
	return strings.TrimRight(d.text[d.lines[n]:end], "\r\n")
}

// offset is the byte that a position is at. One behind the end of its line is at the end; one inside of a character is
// before it.
func (d *document) offset(p position) int {
	if int64(p.Line) >= int64(len(d.lines)) {
		return len(d.text)
	}
	line, at := d.line(int(p.Line)), uint32(0)
	for i, r := range line {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(line[i:])
		}
		if at += d.encoding.units(r, n); at > p.Character {
			return d.lines[p.Line] + i
		}
	}
	return d.lines[p.Line] + len(line)
}

// position is the place of a byte.
func (d *document) position(offset int) position {
	offset = min(offset, len(d.text))
	low, high := 0, len(d.lines)
	for low+1 < high {
		if mid := (low + high) / 2; d.lines[mid] <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	p := position{Line: uint32(low)}
	for i := d.lines[low]; i < offset; {
		r, n := utf8.DecodeRuneInString(d.text[i:])
		i += n
		p.Character += d.encoding.units(r, n)
	}
	return p
}

func (d *document) span(at diag.Span) span {
	if at.Start.Line == 0 {
		return span{} // the file as a whole
	}
	return d.between(at.Start.Offset, at.End.Offset)
}

func (d *document) between(start, end int) span { return span{d.position(start), d.position(end)} }

// tree is the syntax tree of the text. It may be incomplete, but is never nil.
func (d *document) tree() *parser.File {
	if d.parsed == nil {
		f, problems := parser.Parse(d.path, []byte(d.text))
		d.parsed, d.broken = f, problems.HasErrors()
		d.uses = project.Uses(f)
	}
	return d.parsed
}

// useAt is the use of a component's name at a place. At its end counts too: there the cursor is after typing.
func (d *document) useAt(offset int) (project.Use, bool) {
	d.tree()
	for _, u := range d.uses {
		if u.Span.Start.Offset <= offset && offset <= u.Span.End.Offset {
			return u, true
		}
	}
	return project.Use{}, false
}

// pathOf is the path of a file URI. Text that is not in a file yet stands where the server was started.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err == nil && u.Scheme == "file" && u.Path != "" {
		return filepath.FromSlash(u.Path)
	}
	return "untitled.ww"
}

func uriOf(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

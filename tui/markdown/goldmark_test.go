package markdown

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/woodwork-lang/ww/tui/kit"
)

// reference is what goldmark understands of a text, in the neutral form. It is the judge of ours, in tests only.
type reference struct {
	source []byte
	out    []string
	quoted int
	item   string // of a list that has begun and whose first line is to come
	line   []piece
	lines  [][]piece
}

// understood is what it reads, and what it reads with more extensions.
func understood(s string, more ...goldmark.Extender) []string {
	r := &reference{source: []byte(strings.ReplaceAll(s, "\t", "    "))}
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList), goldmark.WithExtensions(more...))
	r.blocks(md.Parser().Parse(text.NewReader(r.source)))
	return r.out
}

func (r *reference) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		r.block(n)
	}
}

func (r *reference) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Blockquote:
		r.bare()
		r.quoted++
		r.blocks(n)
		r.quoted--
	case *ast.List:
		r.bare()
		r.blocks(n)
	case *ast.ListItem:
		r.item = string(n.Parent().(*ast.List).Marker)
		r.blocks(n)
		r.bare()
	case *ast.ThematicBreak:
		r.put("rule", nil)
	case *ast.FencedCodeBlock:
		r.bare()
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			r.put("code", []piece{{text: "|" + strings.TrimRight(clean(string(at.Value(r.source))), " ")}})
		}
	case *ast.CodeBlock, *ast.HTMLBlock:
		for l := range strings.Lines(string(raw(n, r.source))) {
			r.put("text", []piece{{text: clean(strings.TrimSpace(l))}})
		}
	case *east.Table:
		r.bare()
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			r.row(row)
		}
	case *ast.LinkReferenceDefinition:
		for l := range strings.Lines(string(n.Lines().Value(r.source))) {
			r.put("text", []piece{{text: strings.TrimSpace(l)}})
		}
	default:
		_, heading := n.(*ast.Heading)
		for _, l := range r.text(n, heading) {
			r.put("text", l)
		}
	}
}

// raw is a block whose text was left alone.
func raw(n ast.Node, source []byte) []byte {
	out := n.Lines().Value(source)
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		out = append(out, h.ClosureLine.Value(source)...)
	}
	return out
}

// bare puts the bullet of an item that has no text on its line.
func (r *reference) bare() {
	if r.item != "" {
		r.put("text", nil)
	}
}

func (r *reference) put(kind string, pieces []piece) {
	if r.item != "" && kind == "text" {
		kind, r.item = "item"+r.item, ""
	}
	if s := trim(said(r.quoted, kind, pieces)); s != "" {
		r.out = append(r.out, s)
	}
}

func (r *reference) row(n ast.Node) {
	var cells [][]piece
	_, head := n.(*east.TableHeader)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		var cell []piece
		for _, l := range r.text(c, head) {
			cell = append(cell, l...)
		}
		cells = append(cells, cell)
	}
	r.out = append(r.out, row(r.quoted, cells))
}

// text are the lines of a paragraph, a heading or a cell.
func (r *reference) text(n ast.Node, strong bool) [][]piece {
	r.line, r.lines = nil, nil
	r.inlines(n, look{strong: strong})
	return append(r.lines, r.line)
}

func (r *reference) inlines(parent ast.Node, l look) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		r.inline(n, l)
	}
}

func (r *reference) inline(n ast.Node, l look) {
	switch n := n.(type) {
	case *ast.Text:
		s := string(n.Segment.Value(r.source))
		if !l.code {
			s = resolved(s)
		}
		r.line = append(r.line, piece{kit.CleanLine(s), l})
		if n.SoftLineBreak() || n.HardLineBreak() {
			r.lines, r.line = append(r.lines, r.line), nil
		}
	case *ast.String:
		r.line = append(r.line, piece{string(n.Value), l})
	case *ast.CodeSpan:
		l.code = true
		r.inlines(n, l)
	case *ast.Emphasis:
		l.em, l.strong = l.em || n.Level == 1, l.strong || n.Level == 2
		r.inlines(n, l)
	case *east.Strikethrough:
		l.gone = true
		r.inlines(n, l)
	case *ast.Link:
		r.link(n, n.Destination, n.Title, "[", l)
	case *ast.Image:
		r.link(n, n.Destination, n.Title, "![", l)
	case *ast.AutoLink:
		r.autolink(n, l)
	case *ast.RawHTML:
		r.line = append(r.line, piece{string(n.Segments.Value(r.source)), l})
	case *east.TaskCheckBox:
		r.task(n, l)
	default:
		panic("goldmark knows what this test does not: " + n.Kind().String())
	}
}

func (r *reference) task(n *east.TaskCheckBox, l look) {
	mark := colored().Marks.Todo
	if n.IsChecked {
		mark = colored().Marks.Done
	}
	r.line = append(r.line, piece{mark + " ", l})
}

// link is one that can be opened. Another one is written as in the source, as far as the tree knows it.
func (r *reference) link(n ast.Node, destination, title []byte, begin string, l look) {
	to := resolved(string(destination))
	if !opens(to) {
		r.line = append(r.line, piece{begin, l})
		r.inlines(n, l)
		behind := "](" + string(destination)
		if len(title) > 0 {
			behind += ` "` + string(title) + `"`
		}
		r.line = append(r.line, piece{resolved(behind) + ")", l})
		return
	}
	before := len(r.line)
	inner := l
	if inner.url == "" { // what is in the words of a link leads where these do
		inner.url = to
	}
	r.inlines(n, inner)
	words := ""
	for _, p := range r.line[before:] {
		words += p.text
	}
	if words == "" && begin == "![" {
		words = "picture"
		r.line = append(r.line, piece{words, inner})
	}
	if words != to && seemsTo(words, to) {
		r.line = append(r.line, piece{" (" + to + ")", look{aside: true, strong: l.strong, em: l.em, gone: l.gone, url: to}})
	}
}

func (r *reference) autolink(n *ast.AutoLink, l look) {
	to, label := string(n.URL(r.source)), string(n.Label(r.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(to, "mailto:") {
		to = "mailto:" + to
	}
	if !opens(to) {
		r.line = append(r.line, piece{"<" + label + ">", l})
		return
	}
	if l.url == "" {
		l.url = to
	}
	r.line = append(r.line, piece{label, l})
}

var escape = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|&(#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z0-9]+);")

// resolved is text whose escapes and names of characters are replaced, which a tree of goldmark leaves to the writer.
func resolved(s string) string {
	return escape.ReplaceAllStringFunc(s, func(m string) string {
		if m[0] == '\\' {
			return m[1:]
		}
		return kit.CleanLine(html.UnescapeString(m))
	})
}

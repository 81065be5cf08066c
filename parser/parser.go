// Package parser turns .ww source into a syntax tree and back; it knows no component kind.
package parser

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// MaxSize is how many bytes a file may have.
const MaxSize = 16 << 20

// maxProblems is how many problems of one file are reported, lest a file of garbage fills the memory.
const maxProblems = 1000

// Parse reads one file and finds every problem of its form in one run; the list is sorted by place. It never
// panics and File is never nil: with errors it holds whatever could be understood, so that the next phase can
// go on and find more.
func Parse(name string, src []byte) (*File, diag.List) {
	f := &File{Name: name, Src: src, Range: diag.Span{File: name}}
	if len(src) > MaxSize {
		return f, diag.List{tooLarge(name, len(src))}
	}
	if at := badByte(src); at >= 0 {
		return f, diag.List{encodingAt(name, src, at)}
	}
	text := string(src)
	scanned := scan(name, text)
	f.Comments = scanned.comments
	f.Range = wholeFile(name, text)
	if scanned.tooDeep {
		return f, first(scanned.diags)
	}
	p := &fileParser{file: f, reader: newReader(name, scanned.toks)}
	if len(scanned.toks) > 0 && scanned.toks[0].Type == tBad && strings.HasPrefix(scanned.toks[0].Value, "<") {
		return f, diag.List{looksLikeXML(p.spanOf(&scanned.toks[0]))}
	}
	if at := yamlAt(scanned.toks, text); at != nil {
		return f, diag.List{looksLikeYAML(at.Value, p.spanOf(&scanned.toks[1]))}
	}
	p.readFile()
	p.diags = append(p.diags, scanned.diags...)
	p.diags.Sort()
	p.markPartial()
	return f, first(p.diags)
}

// yamlAt is the first name of a file that begins like YAML, a key alone on its line and an indented one below it, and has
// no brace anywhere. Reading such a file would give an error a line.
func yamlAt(toks []token, text string) *token {
	if len(toks) < 5 || strings.ContainsAny(text, "{}") {
		return nil
	}
	name, colon, end, key, sign := &toks[0], &toks[1], &toks[2], &toks[3], &toks[4]
	if name.Type != tWord || colon.Value != ":" || end.Type != tNL || key.col <= name.col {
		return nil
	}
	if key.Value == "-" || strings.HasSuffix(key.Value, ":") || sign.Value == ":" {
		return name
	}
	return nil
}

// first is the problems that are worth showing.
func first(l diag.List) diag.List {
	if len(l) <= maxProblems {
		return l
	}
	l = l[:maxProblems]
	l[maxProblems-1].Detail += fmt.Sprintf("\nthere are more problems; these are the first %d", maxProblems)
	return l
}

// badByte is the offset of the first byte that cannot be in a text file, -1 when there is none.
func badByte(src []byte) int {
	nul := bytes.IndexByte(src, 0)
	if nul < 0 && utf8.Valid(src) {
		return -1
	}
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func encodingAt(name string, src []byte, at int) diag.Diagnostic {
	text := strings.TrimPrefix(string(src[:at]), bom)
	start := advance(diag.Pos{Line: 1, Col: 1}, text)
	start.Offset = at
	end := start
	end.Offset++
	end.Col++
	utf16 := bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) || at == 1 && src[1] == 0
	return badEncoding(diag.Span{File: name, Start: start, End: end}, src[at], utf16)
}

func wholeFile(name, text string) diag.Span {
	body := strings.TrimPrefix(text, bom)
	start := diag.Pos{Offset: len(text) - len(body), Line: 1, Col: 1}
	return diag.Span{File: name, Start: start, End: advance(start, body)}
}

// fileParser goes through a file one declaration at a time: participle stops at its first error, we do not.
type fileParser struct {
	reader
	file  *File
	loose diag.List // errors about colons at the top level since the last component

	parens bool // the last component has ( where its { should be, so pairs follow
}

// readFile reads one declaration after the other, until there are more problems than anybody is shown.
func (p *fileParser) readFile() {
	fresh := true
	for p.peek().Type != tEOF && len(p.diags) <= maxProblems {
		switch t := p.peek(); t.Type {
		case tNL, tComma:
			p.next()
			fresh = true
		case tBad:
			p.forgiveLoose(t)
			p.parens = p.parens && t.Value != ")"
			p.next()
		default:
			p.readDecl(fresh)
			fresh = false
		}
	}
	p.keepLoose()
}

// forgiveLoose drops the errors about pairs outside of blocks when a stray } explains them: the component
// above them was closed too early.
func (p *fileParser) forgiveLoose(t *token) {
	if t.Value == "}" {
		p.loose = nil
	}
}

// keepLoose reports the errors about pairs outside of blocks: no stray } has explained them.
func (p *fileParser) keepLoose() {
	p.reportAll(p.loose)
	p.loose = nil
}

// readDecl reads one declaration, or goes on behind what should have been one.
func (p *fileParser) readDecl(fresh bool) {
	h, n, err := parseHead(p.toks[p.at:])
	if err != nil {
		p.broken(h, fresh)
		return
	}
	p.at += n
	switch {
	case h.body != nil || h.value != nil:
		p.at-- // the block or value is read from its first token on
	case p.peek().Type == tSep && len(h.words) > 0: // the last word is the name of the next declaration
		p.at--
		h.words = h.words[:len(h.words)-1]
	}
	p.lower(h)
}

// broken reports what is wrong with a declaration that the grammar refused. h holds what had been read.
func (p *fileParser) broken(h heading, fresh bool) {
	t := p.peek()
	next := p.second()
	switch {
	case h.name == nil:
		p.syntax(t, notDeclaration(describe(t), p.spanOf(t)))
	case h.sep == nil && !fresh:
		p.syntax(t, leftover(describe(t), p.spanOf(t)))
	case h.sep == nil && next.Type == tWord && p.ahead(2).Value == "=":
		p.syntax(t, nameOfWords([]string{t.Value, next.Value}, p.spanOf(next)))
	case h.sep == nil && len(p.labelsAhead()) > 0:
		p.syntax(t, labels(t.Value, p.labelsAhead(), p.spanOf(next)))
	case h.sep == nil:
		p.syntax(t, missingEquals(t.Value, p.spanOf(next), p.headerAhead()))
	default:
		p.noValue(h)
	}
}

// noValue reads past `name =` to what stands in the place of a value.
func (p *fileParser) noValue(h heading) {
	p.next()
	p.next()
	for p.peek().Type == tNL {
		p.next()
	}
	if t := p.peek(); !endsEntry(t) {
		p.syntax(t, unexpectedInValue(describe(t), p.spanOf(t)))
		return
	}
	p.report(missingTopValue(h.name.Value, p.spanOf(h.name)))
}

// labelsAhead is the texts of a header like those of Terraform: kind "type" "name" {.
func (p *fileParser) labelsAhead() []string {
	var texts []string
	for n := 1; n <= 3; n++ {
		switch t := p.ahead(n); t.Type {
		case tString:
			texts = append(texts, strings.Trim(t.Value, `"'`))
		case tLBrace:
			return texts
		default:
			return nil
		}
	}
	return nil
}

// headerAhead is the words of what comes when it is a header that lacks its `name =`, or only the =.
func (p *fileParser) headerAhead() []string {
	var words []string
	for n := range 4 {
		switch t := p.ahead(n); t.Type {
		case tWord:
			words = append(words, t.Value)
		case tLBrace:
			return words
		default:
			return nil
		}
	}
	return nil
}

package lsp

import (
	"strings"

	"github.com/woodwork-lang/ww/parser"
)

// symbols is the outline of a document.
func (s *server) symbols(d *document) (any, error) {
	all := []documentSymbol{}
	for _, decl := range d.tree().Decls {
		if decl.Name.Name == "" {
			continue
		}
		sym := documentSymbol{
			Name: decl.Name.Name, Kind: symbolConstant, Range: d.span(decl.Range), SelectionRange: d.span(decl.Name.Range),
		}
		if decl.Body != nil {
			sym.Kind, sym.Detail = symbolObject, strings.Join(head(decl.Body), " ")
			sym.Children = d.children(decl.Body)
		}
		all = append(all, sym)
	}
	return all, nil
}

func (d *document) children(b *parser.Block) []documentSymbol {
	var all []documentSymbol
	for _, p := range b.Pairs {
		if p.Key.Name == "" {
			continue
		}
		sym := documentSymbol{Name: p.Key.Name, Kind: symbolProperty, Range: d.span(p.Range), SelectionRange: d.span(p.Key.Range)}
		if inner, ok := p.Value.(*parser.Block); ok {
			sym.Detail = strings.Join(head(inner), " ")
			sym.Children = d.children(inner)
		}
		all = append(all, sym)
	}
	return all
}

// formatting is the edit that gives a document the one style. A document with mistakes of form is left as it is: what is
// wrong is shown already.
func (s *server) formatting(d *document) (any, error) {
	f := d.tree()
	if d.broken {
		return nil, nil
	}
	out, tooLarge := parser.Format(f, parser.Keep)
	if len(tooLarge) > 0 {
		return nil, failure(codeFailed, "%s", tooLarge[0].Summary)
	}
	again, problems := parser.Parse(d.path, out)
	if problems.HasErrors() || !parser.Same(f, again) {
		return nil, failure(codeInternal, "the result would not mean the same, which is a mistake in ww; please report it with the file")
	}
	return d.edits(string(out)), nil
}

// edits changes the lines that differ, so that the cursor and marks elsewhere stay where they are.
func (d *document) edits(now string) []textEdit {
	if now == d.text {
		return []textEdit{}
	}
	start := 0
	for start < min(len(now), len(d.text)) && now[start] == d.text[start] {
		start++
	}
	start = strings.LastIndexByte(d.text[:start], '\n') + 1
	end := 0
	for end < min(len(now), len(d.text))-start && now[len(now)-1-end] == d.text[len(d.text)-1-end] {
		end++
	}
	if at := strings.IndexByte(d.text[len(d.text)-end:], '\n'); at < 0 {
		end = 0
	} else {
		end -= at + 1
	}
	return []textEdit{{d.between(start, len(d.text)-end), now[start : len(now)-end]}}
}

package parser

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// lower turns a parsed declaration into its node and reports what the grammar let pass.
func (p *fileParser) lower(h heading) {
	decl := &Decl{Name: p.lowerName(h.name)}
	inParens := h.sep.Value == ":" && p.parens // a pair of the block that stands in ( )
	p.parens = inParens
	if h.sep.Value == ":" && !inParens && len(p.loose) <= maxProblems {
		p.loose = append(p.loose, colonAtTop(decl.Name.Name, p.spanOf(h.sep)))
	}
	switch {
	case h.body != nil:
		p.keepLoose()
		decl.Body = p.readBlock()
		p.setHeader(decl.Body, h.words)
	case h.value != nil:
		decl.Value = p.readValue()
		if h.value.Type == tLBrace {
			p.report(missingKind(decl.Name.Name, p.spanOf(h.value)))
		}
	case len(h.words) == 0:
		p.report(missingTopValue(decl.Name.Name, decl.Name.Range))
		return
	default:
		p.lowerWords(decl, h.words)
	}
	if inParens {
		return
	}
	decl.Range = join(decl.Name.Range, decl.node().Span())
	p.file.Decls = append(p.file.Decls, decl)
}

// lowerWords makes a setting of one word, and a component of several, whose body is missing.
func (p *fileParser) lowerWords(decl *Decl, words []token) {
	if len(words) == 1 {
		decl.Value = p.readScalar(&words[0])
		p.checkGlued(decl.Value)
		return
	}
	end := p.spanOf(&words[len(words)-1])
	end.Start = end.End
	decl.Body = &Block{Range: end}
	p.setHeader(decl.Body, words[:2])
	decl.Partial = true
	if t := p.peek(); t.Type == tBad && t.Value == "(" || t.Type == tNL && p.second().Type == tWord && p.ahead(2).Value == ":" {
		p.parens = true
	}
	p.syntax(&words[0], missingBody(values(words), p.spanOf(p.peek())))
}

// lowerName checks the name of a declaration.
func (p *fileParser) lowerName(t *token) Ident {
	id := Ident{Name: t.Value, Range: p.spanOf(t)}
	if t.Type != tWord || strings.Contains(t.Value, ".") {
		id.Name = strings.Trim(t.Value, `"'`)
		p.report(badName(id.Name, id.Range))
	}
	return id
}

// node is what stands behind the =.
func (d *Decl) node() Node {
	if d.Body != nil {
		return d.Body
	}
	return d.Value
}

// markPartial marks the declarations that hold an error. Both lists are in the order of the file.
func (p *fileParser) markPartial() {
	decls := p.file.Decls
	for _, d := range p.diags {
		for len(decls) > 0 && decls[0].Range.End.Offset < d.Span.Start.Offset {
			decls = decls[1:]
		}
		if len(decls) > 0 && d.Severity == diag.Error && decls[0].Range.Start.Offset <= d.Span.Start.Offset {
			decls[0].Partial = true
		}
	}
}

func values(toks []token) []string {
	out := make([]string, len(toks))
	for i := range toks {
		out[i] = toks[i].Value
	}
	return out
}

package lsp

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

// fixes are the changes that solve the problems in a range. Only what is nearly certain is offered.
func (s *server) fixes(p *actionParams) (any, error) {
	d, ok := s.docs[p.TextDocument.URI]
	if !ok {
		return nil, failure(codeInvalidParams, "%s is not open", p.TextDocument.URI)
	}
	start, end := d.offset(p.Range.Start), d.offset(p.Range.End)
	actions := []codeAction{}
	_, problems := project.CheckText(d.path, []byte(d.text), s.options.Env)
	for _, problem := range problems {
		at := problem.Span
		if at.File != d.path || at.Start.Line == 0 || at.End.Offset < start || at.Start.Offset > end {
			continue
		}
		if title, edit, ok := d.fix(problem); ok {
			actions = append(actions, codeAction{
				Title: title, Kind: "quickfix", IsPreferred: true,
				Diagnostics: []diagnostic{d.diagnostic(problem)}, Edit: s.edit(d, []textEdit{edit}),
			})
		}
	}
	return actions, nil
}

// fix is the change that solves a problem, and what it is called.
func (d *document) fix(p diag.Diagnostic) (title string, edit textEdit, ok bool) {
	was := d.text[p.Span.Start.Offset:p.Span.End.Offset]
	quote := ""
	if was != "" && (was[0] == '"' || was[0] == '\'') {
		quote = was[:1]
	}
	now := ""
	switch {
	case p.Instead != "" && !strings.HasPrefix(was, "$"):
		now = quote + p.Instead + quote
		title = "Replace with " + now
	case p.Code == "W_BARE_WORD":
		now = `"` + was + `"`
		title = "Put it in quotes"
	case p.Code == "W_QUOTED_BOOL" && len(was) > 2:
		now = strings.ToLower(strings.TrimSpace(was[1 : len(was)-1]))
		title = "Remove the quotes"
	case p.Code == "W_QUOTED_ENV":
		now = strings.Trim(was, quote)
		title = "Remove the quotes"
	case p.Code == "W_MISSING_SEPARATOR":
		now = ", " + was
		title = "Separate with a comma"
		for at := p.Span.Start.Offset; at > 0 && (d.text[at-1] == ' ' || d.text[at-1] == '\t'); at-- {
			p.Span.Start.Offset-- // the blanks go
		}
	default:
		return "", textEdit{}, false
	}
	return title, textEdit{d.span(p.Span), now}, true
}

package lsp

import (
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

// later puts a check off until the client has stopped typing for a moment.
func (s *server) later(d *document) {
	now := time.Now()
	if d.changed.IsZero() {
		d.changed = now
	}
	d.due = now.Add(quiet)
	if last := d.changed.Add(longest); d.due.After(last) {
		d.due = last
	}
	s.wind()
}

// wind sets the timer to the next check that is due.
func (s *server) wind() {
	wait := time.Hour
	for _, d := range s.docs {
		if !d.changed.IsZero() {
			wait = min(wait, time.Until(d.due))
		}
	}
	s.timer.Reset(max(wait, 0))
}

func (s *server) checkDue() {
	now := time.Now()
	for _, d := range s.docs {
		if !d.changed.IsZero() && !d.due.After(now) {
			s.check(d)
		}
	}
	s.wind()
}

// check tells the client everything that is wrong in a document, of the version that it has now.
func (s *server) check(d *document) {
	d.changed = time.Time{}
	_, problems := project.CheckText(d.path, []byte(d.text), s.options.Env)
	version := d.version
	p := publishParams{URI: d.uri, Version: &version, Diagnostics: make([]diagnostic, 0, len(problems))}
	for _, problem := range problems {
		p.Diagnostics = append(p.Diagnostics, d.diagnostic(problem))
	}
	s.notify("textDocument/publishDiagnostics", p)
}

// What an editor does with a diagnostic besides showing it.
const (
	severityError   = 1
	severityWarning = 2
	tagUnnecessary  = 1
	tagDeprecated   = 2
)

func (d *document) diagnostic(p diag.Diagnostic) diagnostic {
	out := diagnostic{Severity: severityWarning, Code: p.Code, Source: "ww", Message: p.Summary}
	if p.Severity == diag.Error {
		out.Severity = severityError
	}
	for _, more := range []string{p.Label, p.Detail} {
		if more != "" {
			out.Message += "\n" + more
		}
	}
	if p.Span.File == d.path {
		out.Range = d.span(p.Span)
	} else { // the .env file
		out.Message = p.Span.String() + ": " + out.Message
	}
	switch p.Code {
	case "W_LEGACY":
		out.Tags = []int{tagDeprecated}
	case "W_IGNORED":
		out.Tags = []int{tagUnnecessary}
	}
	for _, r := range p.Related {
		if r.Span.File == d.path {
			out.RelatedInformation = append(out.RelatedInformation, relatedInfo{location{d.uri, d.span(r.Span)}, strings.TrimSpace(r.Message)})
		}
	}
	return out
}

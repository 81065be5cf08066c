package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// All wording of what people read about names and how they are linked is here; what they read about kinds, properties
// and values is in errors_schema.go, and about files in errors_file.go.

func failure(code string, at diag.Span, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Severity: diag.Error, Summary: summary, Detail: detail, Span: at}
}

func warning(code string, at diag.Span, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Severity: diag.Warning, Summary: summary, Detail: detail, Span: at}
}

// meant adds "did you mean" when one of the candidates is near to what was written.
func meant(d diag.Diagnostic, written string, candidates []string) diag.Diagnostic {
	if near := diag.Suggest(written, candidates); near != "" {
		return means(d, near)
	}
	return d
}

// means adds "did you mean".
func means(d diag.Diagnostic, instead string) diag.Diagnostic {
	d.Label, d.Instead = fmt.Sprintf("did you mean %q?", instead), instead
	return d
}

func reservedName(id parser.Ident) diag.Diagnostic {
	return failure("E_RESERVED_NAME", id.Range,
		fmt.Sprintf("%q cannot be the name of a component", id.Name),
		"true, false, null and none are values, in any case; choose another name")
}

func reservedRuntime(id parser.Ident) diag.Diagnostic {
	return warning("W_RESERVED_RUNTIME", id.Range,
		fmt.Sprintf("%q is also the name of something built in", id.Name),
		"it works, but hides the built-in one; another name avoids the confusion")
}

func duplicateName(again, first parser.Ident) diag.Diagnostic {
	d := failure("E_DUPLICATE_NAME", again.Range,
		fmt.Sprintf("there is already a component named %q", again.Name), "give one of the two another name")
	d.Related = []diag.Related{{Message: "first declared here", Span: first.Range}}
	return d
}

func duplicateKey(again, first parser.Ident) diag.Diagnostic {
	d := warning("W_DUPLICATE_KEY", again.Range,
		fmt.Sprintf("%s is given twice; the last one counts", again.Name), "remove one of the two")
	d.Related = []diag.Related{{Message: "first given here", Span: first.Range}}
	return d
}

func unknownRef(w *parser.Word, key string, names, near []string) diag.Diagnostic {
	detail := fmt.Sprintf("%s wants the name of a component; this file declares %s", key, listed(names))
	if len(names) == 0 {
		detail = fmt.Sprintf("%s wants the name of a component, and this file declares none", key)
	}
	d := failure("E_UNKNOWN_REF", w.Range, fmt.Sprintf("there is no component named %q", w.Text), detail)
	if last := w.Text[strings.LastIndexByte(w.Text, '.')+1:]; slices.Contains(near, last) { // as Terraform and Python name things
		return means(d, last)
	}
	return meant(d, w.Text, near)
}

func bareWord(w *parser.Word) diag.Diagnostic {
	detail := fmt.Sprintf("put it in quotes: \"%s\"", w.Text)
	switch {
	case strings.HasSuffix(w.Text, ";"):
		detail = "lines need no ; at their end; put the text in quotes without it"
	case inOtherLanguage(w.Text) != "":
		detail = fmt.Sprintf("write $%s for the environment variable; text stands in quotes", inOtherLanguage(w.Text))
	case isVariable(w.Text):
		detail = fmt.Sprintf("write $%s for the environment variable; text stands in quotes", w.Text)
	case strings.Contains(w.Text, "$"):
		detail += "; a variable inside of a text is not replaced, so put the whole text into one: $NAME"
	}
	return warning("W_BARE_WORD", w.Range, fmt.Sprintf("%s is taken as text, because no component has that name", w.Text), detail)
}

// isVariable reports whether a word reads like the name of an environment variable whose $ is missing.
func isVariable(word string) bool {
	return strings.Contains(word, "_") && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// inOtherLanguage is the name of the environment variable that a word reads in some other language; empty: it is none.
func inOtherLanguage(word string) string {
	for _, prefix := range []string{"process.env.", "os.environ.", "env.", "ENV."} {
		if name, ok := strings.CutPrefix(word, prefix); ok && (isVariable(name) || strings.ToUpper(name) == name) {
			return name
		}
	}
	return ""
}

func unknownTarget(t *parser.String, key string, near []string) diag.Diagnostic {
	detail := "declare it, or remove it here"
	if parts := strings.FieldsFunc(t.Text, func(r rune) bool { return r == ',' || r == ' ' }); len(parts) > 1 {
		detail = fmt.Sprintf("several components stand in a list: %s: [%s]", key, strings.Join(parts, ", "))
	}
	return meant(warning("W_UNKNOWN_TARGET", t.Range,
		fmt.Sprintf("%s names %q, and there is no such component; it is left out", key, t.Text), detail), t.Text, near)
}

// mostSteps is how much of a long circle is shown.
const mostSteps = 10

func cycle(path []*entry, to *entry, closing reference) diag.Diagnostic {
	round := path[slices.Index(path, to):]
	names := make([]string, 0, len(round)+1)
	for _, e := range round {
		names = append(names, e.name())
	}
	names = append(names, to.name())
	var related []diag.Related
	for i, e := range round[:min(len(round)-1, mostSteps)] { // the closing reference is the place of the diagnostic itself
		next := names[i+1]
		for _, r := range e.refs {
			if !r.hop && r.Text == next {
				related = append(related, diag.Related{Message: fmt.Sprintf("%s needs %s", e.name(), next), Span: r.Range})
				break
			}
		}
	}
	if len(names) > mostSteps+2 {
		names = append(append(names[:mostSteps:mostSteps], "…"), names[len(names)-2:]...)
	}
	d := failure("E_CYCLE", closing.Range,
		fmt.Sprintf("components need each other in a circle: %s", strings.Join(names, " → ")),
		"one of them has to be ready before the other; remove one of these references (only `to` may go round in circles)")
	d.Related = related
	return d
}

// listed is "a, b and c", shortened when there are many.
func listed(names []string) string {
	const most = 12
	rest := ""
	if len(names) > most {
		rest = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	if rest == "" && len(names) > 1 {
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, ", ") + rest
}

func multipleStdin(again, first parser.Ident) diag.Diagnostic {
	d := failure("E_MULTIPLE_STDIN", again.Range,
		fmt.Sprintf("%s and %s both read the command line", first.Name, again.Name), "an app has one `input command_line`; remove one of the two")
	d.Related = []diag.Related{{Message: "the first is here", Span: first.Range}}
	return d
}

func ambiguousRoute(in Component, heads []string, l *linked) diag.Diagnostic {
	at, how := in.Span, fmt.Sprintf("say which: an `input command_line` with to: %s", heads[0])
	if e := l.names[in.Name]; e != nil {
		at, how = e.decl.Name.Range, fmt.Sprintf("say which: add to: %s", heads[0])
	} else if e := l.names[heads[0]]; e != nil {
		at = e.decl.Name.Range // an implied input has no place of its own
	}
	return warning("W_AMBIGUOUS_ROUTE", at,
		fmt.Sprintf("%s names no target, and there are several it could mean: %s; it goes to %s", in.Name, listed(heads), heads[0]),
		how)
}

func noTarget(t target, k *schema.Kind) diag.Diagnostic {
	return failure("E_BAD_TYPE", t.at.Span(), "turns can only go to components", fmt.Sprintf("%s is a %s: settings, and no process", t.name, k.Name()))
}

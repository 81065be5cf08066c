package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Sort orders the list by place: file, line, column; at one place errors come before warnings, then by code.
// The order of equal diagnostics is kept.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Span.File, b.Span.File),
			cmp.Compare(a.Span.Start.Line, b.Span.Start.Line),
			cmp.Compare(a.Span.Start.Col, b.Span.Start.Col),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
		)
	})
}

// Most is how many errors, and how many warnings, of one kind of work are worth telling: a file that is wrong everywhere
// must not fill the memory.
const Most = 1000

// Keep adds d to the list, unless the list has [Most] of its severity; then it says so at the last one and drops d.
func (l *List) Keep(d Diagnostic, seen *Tally) {
	n := &seen.errors
	if d.Severity == Warning {
		n = &seen.warnings
	}
	*n++
	if *n <= Most {
		*l = append(*l, d)
		return
	}
	if *n == Most+1 {
		for i := len(*l) - 1; i >= 0; i-- {
			if last := &(*l)[i]; last.Severity == d.Severity {
				last.Detail = strings.TrimPrefix(fmt.Sprintf("%s\nthere are more %ss of this kind; these are %d of them", last.Detail, d.Severity, Most), "\n")
				return
			}
		}
	}
}

// Tally counts what [List.Keep] was given.
type Tally struct{ errors, warnings int }

// HasErrors says whether the list holds more than warnings.
func (l List) HasErrors() bool { return l.count(Error) > 0 }

// Err is the list as an error when it holds one, else nil. errors.As with a *List finds it again.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error is the first error on one line, and how many more there are.
func (l List) Error() string {
	n := l.count(Error)
	for _, d := range l {
		switch {
		case d.Severity != Error:
			continue
		case n == 1:
			return d.String()
		case n == 2:
			return d.String() + " (and 1 more error)"
		}
		return fmt.Sprintf("%s (and %d more errors)", d, n-1)
	}
	return "no errors"
}

func (l List) count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// String is "error" or "warning".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// String is the diagnostic on one line: file:line:col: error[CODE]: summary.
func (d Diagnostic) String() string {
	head := fmt.Sprintf("%s[%s]: %s", d.Severity, d.Code, clean(d.Summary))
	if at := d.Span.String(); at != "" {
		return clean(at) + ": " + head
	}
	return head
}

// String is where the span begins: file:line:col, the file alone when the span is the file as a whole, ""
// when not even that is known.
func (s Span) String() string {
	if s.Start.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Start.Line, s.Start.Col)
}

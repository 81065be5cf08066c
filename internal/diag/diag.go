// Package diag locates and explains problems in .ww source.
//
// Problems are values: they travel up the stack whole and are rendered once, at the edge, by [Write].
package diag

// Pos is a place in a source file. Line and Col are 1-based and count characters after a byte order mark;
// Offset is 0-based and counts bytes of the source as read.
type Pos struct {
	Offset, Line, Col int
}

// Span is the half-open range [Start, End) of one file.
type Span struct {
	File       string
	Start, End Pos
}

// Severity says how much a diagnostic matters. The zero value is invalid, so that a forgotten one shows.
type Severity uint8

// The severities.
const (
	Error Severity = iota + 1
	Warning
)

// Diagnostic is one problem: what is wrong, where, and what to do about it.
type Diagnostic struct {
	Code     string   // stable, as in "E_UNKNOWN_REF"
	Severity Severity //
	Summary  string   // what is wrong, one line, lower case
	Detail   string   // what to do about it; may be empty
	Span     Span     // where; the zero Span means the file as a whole
	Label    string   // the words beside the caret, as in `did you mean "brain"?`
	Instead  string   // what was probably meant in the place of Span, without quotes; "" when nobody knows
	Related  []Related
}

// Related points at a second place, as in "first defined here".
type Related struct {
	Message string
	Span    Span
}

// List is any number of diagnostics, sorted by place once [List.Sort] has run.
type List []Diagnostic

// Sources holds the bytes of every file that a diagnostic may quote, by the name in its Span.
type Sources map[string][]byte

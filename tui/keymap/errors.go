package keymap

import "fmt"

// The scope whose keys work everywhere, and its action that must have a key.
const (
	Global = "everywhere"
	Leave  = "end"
)

// typed says that letters go into a text field in this scope.
func typed(scope string) bool { return scope == "chat" || scope == "palette" }

// FileError says what is wrong with a file of keys, and where.
type FileError struct {
	File         string
	Line, Column int
	What         string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

func (r *reader) at(s spot, what string) error { return &FileError{r.name, s.line, s.column, what} }

package script

import "io"

// Lines cuts what a program writes into lines of bounded length.
type Lines struct{ r *lineReader }

// NewLines reads lines of at most most bytes.
func NewLines(r io.Reader, most int) *Lines { return &Lines{newLineReader(r, most)} }

// Next is the next line, which is good until the one after it is asked for. Of one that was too long it is only the
// beginning, and dropped the number of all its bytes.
func (l *Lines) Next() (text []byte, dropped int, err error) {
	one, err := l.r.next()
	return one.text, one.dropped, err
}

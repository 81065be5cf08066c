package logbuf

import (
	"bytes"
	"time"
)

// stamp is the time of a line: UTC, microseconds, always as long.
const stamp = "2006-01-02T15:04:05.000000Z"

// Part says whether a line of the file is a whole line of the component.
type Part uint8

// The parts of a line.
const (
	Whole   Part = iota
	Cut          // it was too long: the next line of this stream and instance goes on where it ends
	Unended      // no newline had come yet: the next one may go on where it ends
)

// Line is one line of a log.
type Line struct {
	Time      time.Time
	Component string
	Stream    string // stdout, stderr, ww
	Instance  string // empty for a line that was written into the file past ww
	Part      Part
	Text      string // the bytes as they were, without the newline; [Sanitize] them for a terminal
}

// marks stand behind the stream in the file.
const (
	cutMark  = '+'
	openMark = '~'
)

// appendLine appends the file's form of a line. text must not contain a newline.
func appendLine(dst []byte, at time.Time, stream, instance string, part Part, text []byte) []byte {
	dst = at.UTC().AppendFormat(dst, stamp)
	dst = append(dst, ' ')
	dst = append(dst, stream...)
	switch part {
	case Cut:
		dst = append(dst, cutMark)
	case Unended:
		dst = append(dst, openMark)
	case Whole:
	}
	dst = append(dst, ' ')
	dst = append(dst, instance...)
	dst = append(dst, ' ')
	dst = append(dst, text...)
	return append(dst, '\n')
}

// ParseLine reads one line of a file, without its newline. It reports false for anything that a [Writer] does not
// write: the last words of a runtime, say, that has the file as its stderr.
func ParseLine(b []byte) (Line, bool) {
	if len(b) < len(stamp)+1 || b[len(stamp)] != ' ' {
		return Line{}, false
	}
	at, err := time.Parse(stamp, string(b[:len(stamp)]))
	var again [len(stamp)]byte // time.Parse is more generous than we are: it takes a comma for the point
	if err != nil || !bytes.Equal(at.AppendFormat(again[:0], stamp), b[:len(stamp)]) {
		return Line{}, false
	}
	stream, rest, ok := bytes.Cut(b[len(stamp)+1:], []byte(" "))
	if !ok {
		return Line{}, false
	}
	instance, text, ok := bytes.Cut(rest, []byte(" "))
	stream, part := cutPart(stream)
	if !ok || !word(string(stream)) || !word(string(instance)) {
		return Line{}, false
	}
	return Line{Time: at, Stream: string(stream), Instance: string(instance), Part: part, Text: string(text)}, true
}

func cutPart(stream []byte) ([]byte, Part) {
	if s, ok := bytes.CutSuffix(stream, []byte{cutMark}); ok {
		return s, Cut
	}
	if s, ok := bytes.CutSuffix(stream, []byte{openMark}); ok {
		return s, Unended
	}
	return stream, Whole
}

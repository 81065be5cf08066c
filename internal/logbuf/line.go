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

// String is empty for a whole line, else cut or unended.
func (p Part) String() string { return [...]string{Whole: "", Cut: "cut", Unended: "unended"}[p] }

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
	r, ok := parse(b)
	return r.line(), ok
}

// raw is a line of a file whose parts still lie in it: most lines are looked at and not wanted.
type raw struct {
	at               time.Time
	stream, instance []byte
	text             []byte
	part             Part
}

func (r raw) line() Line {
	return Line{Time: r.at, Stream: string(r.stream), Instance: string(r.instance), Part: r.part, Text: string(r.text)}
}

func parse(b []byte) (raw, bool) {
	if len(b) < len(stamp)+1 || b[len(stamp)] != ' ' {
		return raw{}, false
	}
	at, ok := parseStamp(b[:len(stamp)])
	stream, rest, found := bytes.Cut(b[len(stamp)+1:], []byte(" "))
	if !ok || !found {
		return raw{}, false
	}
	instance, text, found := bytes.Cut(rest, []byte(" "))
	stream, part := cutPart(stream)
	if !found || !isWord(stream) || !isWord(instance) {
		return raw{}, false
	}
	return raw{at: at, stream: stream, instance: instance, text: text, part: part}, true
}

// parseStamp reads exactly what appendLine writes; time.Parse takes more forms, and ten times as long.
func parseStamp(b []byte) (time.Time, bool) {
	for i, c := range []byte(stamp) {
		digit := b[i] >= '0' && b[i] <= '9'
		if isDigit := c >= '0' && c <= '9'; isDigit != digit || !digit && b[i] != c {
			return time.Time{}, false
		}
	}
	year, month, day := digits(b[:4]), digits(b[5:7]), digits(b[8:10])
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	at := time.Date(year, time.Month(month), day, hour, minute, second, digits(b[20:26])*1000, time.UTC)
	return at, month >= 1 && month <= 12 && at.Day() == day && hour < 24 && minute < 60 && second < 60
}

func digits(b []byte) (n int) {
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n
}

func isWord(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(b) > 0
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

package logbuf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Level is how much a line matters. Components write what they like: the level is read off the text.
type Level uint8

// The levels. Unknown is that of a line that says none.
const (
	Unknown Level = iota
	Debug
	Info
	Warn
	Error
)

// levelNames are how the levels are written, the usual name first.
func levelNames() [5][]string {
	return [...][]string{
		Unknown: {""},
		Debug:   {"debug", "trace", "dbg"},
		Info:    {"info", "notice", "inf"},
		Warn:    {"warn", "warning", "wrn"},
		Error:   {"error", "err", "fatal", "critical", "panic", "crit"},
	}
}

// String is debug, info, warn, error, or nothing.
func (l Level) String() string {
	names := levelNames()
	if int(l) < len(names) {
		return names[l][0]
	}
	return ""
}

// ParseLevel reads the name of a level.
func ParseLevel(name string) (Level, error) {
	if l := levelNamed([]byte(name)); l != Unknown {
		return l, nil
	}
	return Unknown, fmt.Errorf("%q is no level; there are debug, info, warn and error", name)
}

func levelNamed(word []byte) Level {
	if len(word) == 0 || len(word) > len("critical") {
		return Unknown
	}
	lower := strings.ToLower(string(word))
	for l, names := range levelNames() {
		if slices.Contains(names, lower) {
			return Level(l)
		}
	}
	return Unknown
}

// levelHead is how far into a line its level is looked for.
const levelHead = 160

// LevelOf reads the level off a line: level=warn of logfmt, "level":"warn" of JSON, a word in capitals or in brackets
// near its beginning, or a word before a colon. Unknown when it says none.
func LevelOf(text []byte) Level {
	head := text[:min(len(text), levelHead)]
	if l := levelField(head); l != Unknown {
		return l
	}
	if traceback(head) {
		return Error
	}
	for i := 0; i < 6 && len(head) > 0; i++ {
		word, rest := firstWord(head)
		word, _, _ = bytes.Cut(word, []byte(":root:")) // Python's logging, when nobody has set it up
		bare := bytes.Trim(word, "[]()<>:|-,")
		if l := levelNamed(bare); l != Unknown && (isUpper(bare) || len(bare) < len(word)) {
			return l
		}
		head = rest
	}
	return Unknown
}

// levelField finds the level of structured lines.
func levelField(head []byte) Level {
	for _, key := range []string{"level=", `"level":`, `"severity":`, `"levelname":`, `"lvl":`} {
		if _, rest, ok := bytes.Cut(head, []byte(key)); ok {
			rest = bytes.TrimLeft(rest, ` "`)
			end := bytes.IndexFunc(rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
			if end < 0 {
				end = len(rest)
			}
			return levelNamed(rest[:end])
		}
	}
	return Unknown
}

// traceback reports how runtimes begin and end the story of a crash.
func traceback(head []byte) bool {
	if bytes.HasPrefix(head, []byte("Traceback (most recent call last)")) || bytes.HasPrefix(head, []byte("panic: ")) ||
		bytes.HasPrefix(head, []byte("fatal error: ")) {
		return true
	}
	name, _, _ := bytes.Cut(head, []byte(":"))
	return !bytes.ContainsAny(name, " \t") && (bytes.HasSuffix(name, []byte("Error")) || bytes.HasSuffix(name, []byte("Exception")))
}

func firstWord(b []byte) (word, rest []byte) {
	b = bytes.TrimLeft(b, " \t")
	if i := bytes.IndexAny(b, " \t"); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

func isUpper(word []byte) bool { return len(word) > 2 && bytes.Equal(word, bytes.ToUpper(word)) }

// continues reports whether a line goes on with what the one before it began, as the lines of a stack do.
func continues(text []byte) bool {
	return len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '}' || text[0] == ')')
}

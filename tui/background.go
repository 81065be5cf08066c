package tui

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"
)

// The question for the background colour, and how an answer begins: ESC ] 11 ; rgb:ffff/ffff/dddd, ended by BEL
// or ESC \.
const (
	backgroundQuery  = "\x1b]11;?\x1b\\"
	backgroundAnswer = "\x1b]11;"
)

// An answer is waited for so long and may be so many bytes; what looks like one after that is a key.
const (
	answerWithin = 3 * time.Second
	answerBytes  = 48
)

// answers is the terminal as input. The answer to backgroundQuery is taken out of what the user types, whenever it
// comes: bubbletea would read it as keys, and waiting for it would make every start on a mute terminal slow.
type answers struct {
	*os.File // also makes it a terminal in the eyes of bubbletea

	until time.Time // when to stop looking; zero when the answer was seen
	held  []byte    // the beginning of an answer that is not whole
	tell  func(light bool)
}

// Read returns what was typed. It may return nothing.
func (a *answers) Read(p []byte) (int, error) {
	if a.until.IsZero() || len(p) <= answerBytes {
		return a.File.Read(p)
	}
	n, err := a.File.Read(p[len(a.held):])
	if n <= 0 {
		return n, err
	}
	copy(p, a.held)
	n += len(a.held)
	a.held = nil
	if time.Now().After(a.until) {
		a.until = time.Time{}
		return n, err
	}
	return a.sift(p[:n]), err
}

// sift moves an answer out of p and returns how much is left.
func (a *answers) sift(p []byte) int {
	start := bytes.Index(p, []byte(backgroundAnswer[:2]))
	if start < 0 {
		return len(p)
	}
	tail := p[start:]
	if !bytes.HasPrefix(tail, []byte(backgroundAnswer)[:min(len(tail), len(backgroundAnswer))]) {
		return len(p)
	}
	end, after := terminator(tail)
	switch {
	case end < 0 && len(tail) > answerBytes:
		return len(p)
	case end < 0:
		a.held = bytes.Clone(tail)
		return start
	}
	a.until = time.Time{}
	if light, ok := isLight(string(tail[len(backgroundAnswer):end])); ok {
		a.tell(light)
	}
	return start + copy(tail, tail[after:])
}

// terminator finds where an answer ends and where the rest begins.
func terminator(p []byte) (end, after int) {
	if i := bytes.IndexByte(p, '\a'); i >= 0 {
		return i, i + 1
	}
	if i := bytes.Index(p, []byte("\x1b\\")); i >= 0 {
		return i, i + 2
	}
	return -1, -1
}

// isLight reads rgb:RRRR/GGGG/BBBB with 1 to 4 digits each.
func isLight(color string) (light, ok bool) {
	parts := strings.Split(strings.TrimPrefix(color, "rgb:"), "/")
	if len(parts) != 3 {
		return false, false
	}
	luma := 0.0
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		v, err := strconv.ParseUint(parts[i], 16, 16)
		if err != nil || len(parts[i]) > 4 {
			return false, false
		}
		luma += weight * float64(v) / float64(uint64(1)<<(4*len(parts[i]))-1)
	}
	return luma > 0.5, true
}

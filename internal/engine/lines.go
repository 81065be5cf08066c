package engine

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/logbuf"
)

// tailLines is how many lines of a log are shown beside a failure.
const tailLines = 8

// lastLines reads the end of a component's log, as far as the process that wrote last is concerned: the one before it said the
// same, or something that is over. What cannot be read is no lines.
func lastLines(ctx context.Context, dir, component string) []string {
	lines, err := logbuf.Read(ctx, dir, logbuf.Query{Components: []string{component}, Tail: 2 * tailLines})
	if err != nil || len(lines) == 0 {
		return nil
	}
	last := lines[len(lines)-1].Instance
	var all []string
	for _, l := range lines {
		switch reason, ends := endReason(l); {
		case last != "" && l.Instance != "" && l.Instance != last:
		case !ends:
			all = append(all, l.Text)
		case len(all) == 0 || !strings.HasPrefix(reason, "the process ended"): // which is told beside the lines
			all = append(all, reason)
		}
	}
	return all[max(0, len(all)-tailLines):]
}

// endReason is why a runner says that its component ends, if that is what a line says.
func endReason(l logbuf.Line) (reason string, ends bool) {
	text, ends := strings.CutPrefix(l.Text, `level=ERROR msg="component ends" `)
	if !ends || l.Stream != logbuf.StreamWW {
		return "", false
	}
	_, reason, _ = strings.Cut(text, "reason=")
	if plain, err := strconv.Unquote(reason); err == nil { // a single word has no quotes
		reason = plain
	}
	return reason, true
}

// withLastWords is an error with the last line of the component that it is about: it mostly says more than how it ended.
func withLastWords(err error) string {
	var e *StartError
	if !errors.As(err, &e) || !strings.HasPrefix(e.Reason, "exit status ") { // one that was killed was made to say what its threads do
		return err.Error()
	}
	for _, l := range slices.Backward(e.Lines) {
		if l = strings.TrimSpace(logbuf.Sanitize(l)); l != "" && !strings.Contains(err.Error(), l) {
			return err.Error() + "; its last line: " + l
		}
	}
	return err.Error()
}

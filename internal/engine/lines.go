package engine

import (
	"context"
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
	var all, telling []string
	for _, l := range lines {
		if last != "" && l.Instance != "" && l.Instance != last {
			continue
		}
		all = append(all, l.Text)
		if l.Stream != "ww" || !strings.HasPrefix(l.Text, componentEnds) {
			telling = append(telling, l.Text)
		}
	}
	if len(telling) > 0 {
		all = telling
	}
	return all[max(0, len(all)-tailLines):]
}

// componentEnds is how a runner begins its last line. Its reason is told beside the lines.
const componentEnds = `level=ERROR msg="component ends"`

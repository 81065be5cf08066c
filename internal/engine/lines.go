package engine

import (
	"context"

	"github.com/woodwork-lang/ww/internal/logbuf"
)

// tailLines is how many lines of a log are shown beside a failure.
const tailLines = 8

// lastLines reads the end of a component's log. What cannot be read is no lines.
func lastLines(ctx context.Context, dir, component string) []string {
	lines, err := logbuf.Read(ctx, dir, logbuf.Query{Components: []string{component}, Tail: tailLines})
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return out
}

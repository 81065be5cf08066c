package tui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/order"
)

// Bounds of what the logs hand over at once.
const (
	batchLines = 2000
	batchPause = 50 * time.Millisecond
)

// follower reads log files for the one query that is wanted. It is the only part of the screen that is not a value: a
// query goes on while its lines are drawn, and a newer one ends it.
type follower struct {
	query  int
	end    context.CancelFunc
	lines  chan logbuf.Line
	failed chan error
}

// lines begins a query; the one before it ends.
func (c commands) lines(q order.LogQuery) tea.Cmd {
	f := c.follow
	if f.end != nil {
		f.end()
	}
	ctx, end := context.WithCancel(c.ctx)
	f.query++
	f.end, f.lines, f.failed = end, make(chan logbuf.Line, batchLines), make(chan error, 1)
	return tea.Batch(c.read(ctx, q, f.lines, f.failed), c.more(f.query))
}

// read is the query itself. It waits when the screen is behind: the files keep everything.
func (c commands) read(ctx context.Context, q order.LogQuery, out chan<- logbuf.Line, failed chan<- error) tea.Cmd {
	dir := c.backend.Logs()
	return c.guard(func() tea.Msg {
		want := logbuf.Query{Components: q.Components, Grep: q.Grep, Level: q.Level, Tail: q.Tail}
		if q.About != "" {
			want.Only = about(q.About)
		}
		err := logbuf.Follow(ctx, dir, want, func(l logbuf.Line) error {
			select {
			case out <- l:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil && ctx.Err() == nil {
			failed <- err
		}
		return nil
	})
}

// more waits for the next lines of a query and gathers what comes with them.
func (c commands) more(query int) tea.Cmd {
	lines, failed := c.follow.lines, c.follow.failed
	return c.guard(func() tea.Msg {
		msg := linesMsg{query: query}
		select {
		case l := <-lines:
			msg.lines = append(msg.lines, l)
		case msg.err = <-failed:
			return msg
		case <-c.ctx.Done():
			return nil
		}
		full := time.After(batchPause)
		for len(msg.lines) < batchLines {
			select {
			case l := <-lines:
				msg.lines = append(msg.lines, l)
			case <-full:
				return msg
			}
		}
		return msg
	})
}

// wanted says whether a query is still the one that is shown.
func (c commands) wanted(query int) bool { return c.follow.query == query }

// about picks the lines that name a session or a turn.
func about(id string) func(logbuf.Line) bool {
	return func(l logbuf.Line) bool { return names(l.Text, id) }
}

// names says whether a text has a word, bounded by what cannot be part of an id.
func names(text, word string) bool {
	for {
		i := strings.Index(text, word)
		if i < 0 {
			return false
		}
		end := i + len(word)
		if (i == 0 || !idByte(text[i-1])) && (end == len(text) || !idByte(text[end])) {
			return true
		}
		text = text[end:]
	}
}

func idByte(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

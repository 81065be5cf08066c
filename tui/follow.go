package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
)

// batchPause is how long what comes is gathered before it is handed over. Who reads is never held up: what the pane would not
// keep is only counted.
const batchPause = time.Second / 10

// follower reads log files for the one query that is wanted. It is the only part of the screen that is not a value: a
// query goes on while its lines are drawn, and a newer one ends it.
type follower struct {
	query  int
	end    context.CancelFunc
	found  chan logs.Tail // at most one: who adds to it takes it out and puts it back
	failed chan error
	ended  <-chan struct{}
}

// lines begins a query; the one before it ends.
func (c commands) lines(q order.LogQuery) tea.Cmd {
	c.unread()
	f := c.follow
	ctx, end := context.WithCancel(c.ctx)
	f.end, f.found, f.failed, f.ended = end, make(chan logs.Tail, 1), make(chan error, 1), ctx.Done()
	return tea.Batch(c.read(ctx, q, f.found, f.failed), c.more(f.query))
}

// unread ends the query: nobody looks any more.
func (c commands) unread() {
	f := c.follow
	if f.end != nil {
		f.end()
	}
	f.query++
	f.end = nil
}

// read is the query itself.
func (c commands) read(ctx context.Context, q order.LogQuery, out chan logs.Tail, failed chan<- error) tea.Cmd {
	dir := c.backend.Logs()
	return c.guard(func() tea.Msg {
		want := logbuf.Query{Components: q.Components, Grep: q.Grep, Level: q.Level, Tail: q.Tail, Gently: true}
		if q.Session != "" || q.Turn != "" {
			if err := c.backend.LogsAbout(q.Session, q.Turn, &want); err != nil {
				failed <- err
				return nil
			}
		}
		err := logbuf.Follow(ctx, dir, want, func(l logbuf.Line) error {
			var have logs.Tail
			select {
			case have = <-out:
			default:
			}
			out <- have.Add(l, q.Tail) // has room: nobody else puts anything in
			return nil
		})
		if err != nil && ctx.Err() == nil {
			failed <- err
		}
		return nil
	})
}

// more waits for the next lines of a query and gathers what comes with them.
func (c commands) more(query int) tea.Cmd {
	out, failed, ended := c.follow.found, c.follow.failed, c.follow.ended
	return c.guard(func() tea.Msg {
		msg := linesMsg{query: query}
		select {
		case msg.found = <-out:
		case msg.err = <-failed:
			return msg
		case <-ended:
			return nil
		}
		select {
		case <-time.After(batchPause):
		case <-ended:
			return nil
		}
		select {
		case next := <-out:
			msg.found = msg.found.Join(next, logs.MaxLines)
		default:
		}
		return msg
	})
}

// wanted says whether a query is still the one that is shown.
func (c commands) wanted(query int) bool { return c.follow.query == query }

package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/order"
)

// batchPause is how long what comes is gathered before it is handed over.
const batchPause = time.Second / 10

// caught is what was read of the logs and not handed over yet: the last lines, and how many there were before them. Who reads
// is never held up: what the pane would not keep is only counted.
type caught struct {
	lines   []logbuf.Line
	skipped int
}

func (c caught) add(l logbuf.Line, most int) caught {
	if most > 0 && len(c.lines) >= 2*most {
		over := len(c.lines) - most + 1
		c.lines = c.lines[:copy(c.lines, c.lines[over:])]
		c.skipped += over
	}
	c.lines = append(c.lines, l)
	return c
}

// follower reads log files for the one query that is wanted. It is the only part of the screen that is not a value: a
// query goes on while its lines are drawn, and a newer one ends it.
type follower struct {
	query  int
	end    context.CancelFunc
	caught chan caught // at most one: who adds to it takes it out and puts it back
	failed chan error
	ended  <-chan struct{}
}

// lines begins a query; the one before it ends.
func (c commands) lines(q order.LogQuery) tea.Cmd {
	c.unread()
	f := c.follow
	ctx, end := context.WithCancel(c.ctx)
	f.end, f.caught, f.failed, f.ended = end, make(chan caught, 1), make(chan error, 1), ctx.Done()
	return tea.Batch(c.read(ctx, q, f.caught, f.failed), c.more(f.query))
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
func (c commands) read(ctx context.Context, q order.LogQuery, out chan caught, failed chan<- error) tea.Cmd {
	dir := c.backend.Logs()
	return c.guard(func() tea.Msg {
		want := logbuf.Query{Components: q.Components, Grep: q.Grep, Level: q.Level, Tail: q.Tail}
		if q.Session != "" || q.Turn != "" {
			if err := c.backend.LogsAbout(q.Session, q.Turn, &want); err != nil {
				failed <- err
				return nil
			}
		}
		err := logbuf.Follow(ctx, dir, want, func(l logbuf.Line) error {
			var have caught
			select {
			case have = <-out:
			default:
			}
			out <- have.add(l, q.Tail) // has room: nobody else puts anything in
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
	out, failed, ended := c.follow.caught, c.follow.failed, c.follow.ended
	return c.guard(func() tea.Msg {
		msg := linesMsg{query: query}
		select {
		case msg.caught = <-out:
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
			if next.skipped > 0 {
				next.skipped += msg.skipped + len(msg.lines)
				msg.caught = next
				break
			}
			msg.lines = append(msg.lines, next.lines...)
		default:
		}
		return msg
	})
}

// wanted says whether a query is still the one that is shown.
func (c commands) wanted(query int) bool { return c.follow.query == query }

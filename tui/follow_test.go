package tui

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/logs"
	"github.com/woodwork-lang/ww/tui/order"
)

func TestNobodyReadsLogsThatAreNotLookedAt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "brain.log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFake()
	f.logs = dir
	c := commands{ctx: context.Background(), backend: f, record: newRecord(nil), follow: &follower{}}
	c.lines(order.LogQuery{Tail: 10})
	query, ended := c.follow.query, c.follow.ended
	waiting := c.more(query)
	c.unread()
	select {
	case <-ended:
	default:
		t.Error("the query goes on")
	}
	if msg := waiting(); msg != nil {
		t.Errorf("who waited for its lines got %v", msg)
	}
	if c.wanted(query) {
		t.Error("its lines are still wanted")
	}
}

func TestTheRecordKeepsFewOfManyLines(t *testing.T) {
	t.Parallel()
	rec := newRecord(nil)
	rec.add(linesMsg{found: logs.TailOf(make([]logbuf.Line, 5000)...)})
	if got := rec.last[0].(linesMsg).found.Len(); got != keptEvents {
		t.Errorf("%d lines of a batch are kept", got)
	}
}

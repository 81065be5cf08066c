package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/order"
)

func TestOfAFloodTheLastLinesAreHeldAndAllAreCounted(t *testing.T) {
	t.Parallel()
	const most, all = 10, 12345
	var c caught
	for i := range all {
		c = c.add(logbuf.Line{Text: fmt.Sprint(i)}, most)
	}
	if n := len(c.lines); n < most || n > 2*most {
		t.Errorf("%d lines are held", n)
	}
	if got := c.skipped + len(c.lines); got != all {
		t.Errorf("%d lines are counted, want %d", got, all)
	}
	for i, l := range c.lines {
		if want := fmt.Sprint(c.skipped + i); l.Text != want {
			t.Fatalf("line %d is %q, want %q", i, l.Text, want)
		}
	}
}

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
	rec.add(linesMsg{caught: caught{lines: make([]logbuf.Line, 5000)}})
	if got := rec.last[0].(linesMsg); cap(got.lines) > 2*keptEvents {
		t.Errorf("%d lines of a batch are kept", cap(got.lines))
	}
}

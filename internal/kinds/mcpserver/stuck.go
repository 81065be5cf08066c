package mcpserver

import (
	"context"
	"errors"
	"time"
)

// pingTime is how long a server may take to answer a ping.
const pingTime = 5 * time.Second

// examine ends a server of ours that is stuck in a call that has timed out: nothing else could be asked of it, ever. One
// that answers a ping is left alone, and one that works on a call that came before.
func (l *link) examine() {
	for {
		var name string
		select {
		case <-l.ctx.Done():
			return
		case <-l.ended:
			return
		case name = <-l.doubted:
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(l.ctx, pingTime)
		err := l.session.Ping(ctx, nil)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && !l.busySince(began) {
			l.k.env.Log.Warn("the MCP server is stuck, and is stopped", "call", name)
			l.proc.end(errStuck(name))
			return
		}
	}
}

// busySince reports whether a call is in flight that began before.
func (l *link) busySince(before time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.waiters {
		if w.began.Before(before) {
			return true
		}
	}
	return false
}

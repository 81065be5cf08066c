package httpinput

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// arrivals are the connections on which a request may be under way that no handler has seen. A server that is shut down
// reads such a request and closes the connection without a word (net/http, conn.serve), so a door waits for them first.
type arrivals struct {
	mu   sync.Mutex
	open map[net.Conn]bool
	none chan struct{} // closed when there are none; nil: nobody waits
}

// connKey is under what a request's context has its connection.
type connKey struct{}

// watch has the server tell of its connections.
func (a *arrivals) watch(s *http.Server) {
	s.ConnState = func(c net.Conn, state http.ConnState) {
		a.set(c, state == http.StateNew || state == http.StateActive)
	}
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connKey{}).(net.Conn); ok {
			a.set(c, false)
		}
		next.ServeHTTP(w, r)
	})
}

func (a *arrivals) set(c net.Conn, coming bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[net.Conn]bool{}
	}
	if coming {
		a.open[c] = true
		return
	}
	delete(a.open, c)
	if len(a.open) == 0 && a.none != nil {
		close(a.none)
		a.none = nil
	}
}

// wait returns when every request that was coming is in a handler, or with ctx: who connects and asks nothing is not
// waited for longer.
func (a *arrivals) wait(ctx context.Context) {
	a.mu.Lock()
	if len(a.open) == 0 {
		a.mu.Unlock()
		return
	}
	if a.none == nil {
		a.none = make(chan struct{})
	}
	none := a.none
	a.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
}

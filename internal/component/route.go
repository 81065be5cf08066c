package component

import (
	"fmt"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// sessionRoutes are the chains of sessions that were looked up: a session keeps its chain for life.
type sessionRoutes map[string]string

// keep adds a session and forgets others beyond the bound.
func (k *sessionRoutes) keep(session, chain string) {
	if *k == nil {
		*k = sessionRoutes{}
	}
	for old := range *k {
		if len(*k) < maxSessions {
			break
		}
		delete(*k, old)
	}
	(*k)[session] = chain
}

// route gives a submit the chain of its session, if the session was created with one. It is journaled with the TURN.
func (r *Runner) route(m *event.Message) *bus.Error {
	if r.fixed == nil || m.Chain != "" {
		return nil
	}
	in := r.inboxes[delivery.PartitionOf(m.Session)]
	in.mu.Lock()
	chain, known := in.routes[m.Session]
	in.mu.Unlock()
	if known {
		m.Chain = chain
		return nil
	}
	if all := r.fixed(m.Session); len(all) > 0 {
		if all[0] != r.spec.Name {
			return &bus.Error{Code: bus.Refused, Reason: fmt.Sprintf("session %s begins at %s, not at %s", m.Session, all[0], r.spec.Name)}
		}
		chain = event.MakeChain(all[1:])
	}
	in.mu.Lock()
	in.routes.keep(m.Session, chain)
	in.mu.Unlock()
	m.Chain = chain
	return nil
}

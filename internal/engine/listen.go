package engine

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// everyEvent is the pattern of all events.
const everyEvent = ">"

// Listen implements tui.Backend: it hears every component that is there or comes, one event at a time, until ctx ends.
func (e *Engine) Listen(ctx context.Context, take func(event.Message)) error {
	return e.listen(ctx, everyEvent, take)
}

func (e *Engine) listen(ctx context.Context, pattern string, take func(event.Message)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := listening{e: e, pattern: pattern, heard: map[string]bool{}, take: take}
	defer l.all.Wait()
	defer cancel()
	hints := localbus.Watch(ctx, e.dir)
	for {
		recs, err := localbus.Records(e.dir)
		if err != nil {
			return err
		}
		for _, r := range recs {
			if r.Alive && r.Role == localbus.RoleComponent {
				l.to(ctx, r)
			}
		}
		select {
		case <-hints:
		case <-ctx.Done():
			return nil
		}
	}
}

// listening is one Listen.
type listening struct {
	e       *Engine
	pattern string
	all     sync.WaitGroup
	mu      sync.Mutex // guards heard
	hear    sync.Mutex // held while take runs

	heard map[string]bool // by instance
	take  func(event.Message)
}

// to subscribes to an instance, once; when the connection is lost and it still lives, the next hint leads here again.
func (l *listening) to(ctx context.Context, r localbus.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.heard[r.Instance] {
		return
	}
	l.heard[r.Instance] = true
	l.all.Go(func() {
		_ = l.e.seat.SubscribeInstance(ctx, r.Instance, l.pattern, func(m event.Message) { // its end is told by its record
			l.hear.Lock()
			defer l.hear.Unlock()
			l.take(m)
		})
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.heard, r.Instance)
	})
}

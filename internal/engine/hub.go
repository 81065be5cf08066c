package engine

import (
	"context"
	"sync"

	"github.com/woodwork-lang/ww/internal/state"
)

// hub holds the picture of the app and tells every reader what changes in it.
type hub struct {
	mu     sync.Mutex
	state  state.State
	boxes  map[*mailbox]struct{}
	closed bool
}

func newHub(s state.State) *hub { return &hub{state: s, boxes: map[*mailbox]struct{}{}} }

// emit changes the picture. It waits for no reader.
func (h *hub) emit(events ...state.Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		h.state.Apply(e)
	}
	for b := range h.boxes {
		b.put(events...)
	}
}

// Tell changes the picture by what somebody beside the engine has found out.
func (e *Engine) Tell(events ...state.Event) { e.hub.emit(events...) }

func (h *hub) picture() state.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Clone()
}

// subscribe returns the picture and every change after it. The channel is closed when ctx ends or the run is over.
func (h *hub) subscribe(ctx context.Context) (state.State, <-chan []state.Event) {
	box := newMailbox()
	h.mu.Lock()
	snap := h.state.Clone()
	h.boxes[box] = struct{}{}
	if h.closed {
		box.close()
	}
	h.mu.Unlock()
	out := make(chan []state.Event)
	go func() {
		defer close(out)
		defer h.forget(box)
		deliver(ctx, box, out)
	}()
	return snap, out
}

func (h *hub) forget(box *mailbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.boxes, box)
}

func deliver(ctx context.Context, box *mailbox, out chan<- []state.Event) {
	for {
		select {
		case <-box.wake:
		case <-ctx.Done():
			return
		}
		events, done := box.take()
		if len(events) > 0 {
			select {
			case out <- events:
			case <-ctx.Done():
				return
			}
		}
		if done {
			return
		}
	}
}

// close says that the run is over: readers get what is left, then the end.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for b := range h.boxes {
		b.close()
	}
}

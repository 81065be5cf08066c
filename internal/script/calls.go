package script

import (
	"context"
	"sync"
)

// calls are the requests that the other end has not answered.
type calls struct {
	mu     sync.Mutex
	next   int64
	open   map[int64]*call
	late   map[int64]bool // given up by us, not answered yet; true: it may still be worked on
	closed error
}

// A call is one request. Its reply comes once.
type call struct {
	work  bool // a process request: its crash is somebody's fault
	reply chan reply

	mu       sync.Mutex
	listener Listener      // empty once nobody listens
	over     chan struct{} // closed when nobody listens any more
	asks     []question    // what the component asks of others for this request, in order
	asking   bool
}

// Listener is told what comes before the answer to a request. Nothing comes after it.
type Listener struct {
	// Chunk takes a piece of the answer. It must not wait.
	Chunk func(text string)
	// Ask sends a question to another component and returns its answer. Questions of one request are asked one after
	// the other, in the order in which they came: a request that runs again asks in the same order. nil: they are refused.
	Ask func(ctx context.Context, component string, p Payload) (Payload, error)
}

type reply struct {
	result []byte
	err    error
}

// mostLate bounds what is remembered of requests that are never answered.
const mostLate = 1024

func (c *calls) begin(work bool, l Listener) (int64, *call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		return 0, nil, c.closed
	}
	if c.open == nil {
		c.open, c.late = map[int64]*call{}, map[int64]bool{}
	}
	c.next++
	one := &call{work: work, reply: make(chan reply, 1), listener: l, over: make(chan struct{})}
	c.open[c.next] = one
	return c.next, one, nil
}

// settle hands a reply to whoever waits. expected is false when the id was never asked, or was answered before.
func (c *calls) settle(id int64, r reply) (expected bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.late[id]; ok {
		delete(c.late, id)
		return true
	}
	one, ok := c.open[id]
	if ok {
		delete(c.open, id)
		one.reply <- r
	}
	return ok
}

// giveUp stops waiting for a reply.
func (c *calls) giveUp(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, ok := c.open[id]
	if !ok {
		return
	}
	one.silence()
	delete(c.open, id)
	for old := range c.late {
		if len(c.late) < mostLate {
			break
		}
		delete(c.late, old)
	}
	c.late[id] = one.work
}

// piece passes on a part of an answer. After silence nothing is passed on any more.
func (c *calls) piece(id int64, text string) {
	one := c.find(id)
	if one == nil {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.listener.Chunk != nil {
		one.listener.Chunk(text)
	}
}

func (c *call) silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listener = Listener{}
	if !isClosed(c.over) {
		close(c.over)
	}
}

// find returns a request that is open; without an id it is the one process request, when there is one.
func (c *calls) find(id int64) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != 0 {
		return c.open[id]
	}
	var found *call
	for _, one := range c.open {
		if one.work && found != nil {
			return nil
		}
		if one.work {
			found = one
		}
	}
	return found
}

// only returns the one request that is open, when it is one.
func (c *calls) only() (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) != 1 {
		return 0, false
	}
	for id := range c.open {
		return id, true
	}
	return 0, false
}

// fail ends all that is open, and all that comes later. Work that was going on alone is told so: what killed it is
// known then.
func (c *calls) fail(alone, among, later error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	working := 0
	for _, one := range c.open {
		if one.work {
			working++
		}
	}
	for _, work := range c.late {
		if work {
			working++
		}
	}
	for id, one := range c.open {
		err := among
		if one.work && working == 1 {
			err = alone
		}
		delete(c.open, id)
		one.reply <- reply{err: err}
	}
	c.closed = later
}

package script

import (
	"context"
	"encoding/json"
	"fmt"
)

// A question is what a component asks of another one while it works on a request.
type question struct {
	id        json.RawMessage // of the component's own request
	component string
	payload   Payload
}

// mostAsks is how many questions of one request may wait.
const mostAsks = 64

// asked takes a call of the component. It belongs to a request: its answer is a step of that turn.
func (w *Worker) asked(m message) {
	var p struct {
		ID        int64  `json:"id"` // of the process request
		Component string `json:"component"`
		wireData
	}
	if err := params(m, &p); err != nil {
		w.respond(m.ID, nil, err)
		return
	}
	payload, err := p.decode()
	switch one := w.calls.find(p.ID); {
	case p.Component == "":
		w.respond(m.ID, nil, &RemoteError{Code: codeParams, Message: `"component" is missing: the name of the one that is asked`})
	case err != nil:
		w.respond(m.ID, nil, &RemoteError{Code: codeParams, Message: err.Error()})
	case one == nil:
		w.respond(m.ID, nil, &RemoteError{Code: codeParams, Message: `"id" must be that of a process request that is not answered yet`})
	default:
		w.queue(one, question{m.ID, p.Component, payload})
	}
}

// queue puts a question behind those before it, and sees to it that somebody asks.
func (w *Worker) queue(c *call, q question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.listener.Ask == nil:
		w.respond(q.id, nil, &RemoteError{Code: codeNoMethod, Message: "other components cannot be asked here"})
		return
	case len(c.asks) >= mostAsks:
		w.respond(q.id, nil, &RemoteError{Code: codeBusy, Message: fmt.Sprintf("more than %d calls are waiting", mostAsks)})
		return
	}
	c.asks = append(c.asks, q)
	if !c.asking {
		c.asking = true
		go w.askAll(c, c.listener)
	}
}

func (w *Worker) askAll(c *call, l Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.over:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		c.mu.Lock()
		if len(c.asks) == 0 {
			c.asking = false
			c.mu.Unlock()
			return
		}
		q := c.asks[0]
		c.asks = c.asks[1:]
		c.mu.Unlock()
		if isClosed(c.over) {
			w.respond(q.id, nil, &RemoteError{Code: codeFailed, Message: "the request it belongs to is over"})
			continue
		}
		answer, err := l.Ask(ctx, q.component, q.payload)
		if err != nil {
			w.respond(q.id, nil, &RemoteError{Code: codeFailed, Message: err.Error()})
			continue
		}
		w.respond(q.id, mustJSON(encodeData(answer)), nil)
	}
}

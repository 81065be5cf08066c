package cli

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/turn"
)

// counsel answers the questions of one turn with lines of standard input, one after the other. When there are no more
// lines, nobody is there to ask.
type counsel struct {
	in      func(event.UserQuestion) <-chan string // where the answer comes from; nil: no question is taken
	show    func(event.UserQuestion)
	say     func(context.Context, event.UserAnswer) error
	problem func(error)

	mu      sync.Mutex
	waiting []event.UserQuestion     // guarded by mu
	heard   []exchange               // guarded by mu
	over    map[string]chan struct{} // by question; closed when it has an answer; guarded by mu
	wake    chan struct{}
	done    sync.WaitGroup
}

// exchange is a question of a turn and what was said to it.
type exchange struct {
	ID        string `json:"id"`
	Component string `json:"component"`
	Question  string `json:"question"`
	Answer    string `json:"answer"`
	None      string `json:"none,omitempty"` // why there was no answer
}

// begin makes f hear of questions. end is called when the turn is over, and returns them.
func (c *counsel) begin(ctx context.Context, f turn.Follow) (with turn.Follow, end func() []exchange) {
	if c.in == nil {
		return f, func() []exchange { return nil }
	}
	c.over, c.wake = map[string]chan struct{}{}, make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	c.done.Go(func() { c.run(ctx) })
	f.Question, f.Answered = c.asked, c.answered
	return f, func() []exchange {
		cancel()
		c.done.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.heard
	}
}

func (c *counsel) asked(q event.UserQuestion) {
	c.mu.Lock()
	c.waiting = append(c.waiting, q)
	c.heard = append(c.heard, exchange{ID: q.ID, Component: q.Component, Question: q.Text})
	c.over[q.ID] = make(chan struct{})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// answered closes a question, whoever answered it.
func (c *counsel) answered(a event.UserAnswer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.heard {
		if c.heard[i].ID == a.ID {
			c.heard[i].Answer, c.heard[i].None = a.Text, a.None
		}
	}
	if over := c.over[a.ID]; over != nil {
		close(over)
		delete(c.over, a.ID)
	}
}

// next is the oldest question that nobody has answered.
func (c *counsel) next() (q event.UserQuestion, over <-chan struct{}, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) > 0 {
		q, c.waiting = c.waiting[0], c.waiting[1:]
		if over := c.over[q.ID]; over != nil {
			return q, over, true
		}
	}
	return q, nil, false
}

func (c *counsel) run(ctx context.Context) {
	for {
		q, over, ok := c.next()
		if !ok {
			select {
			case <-c.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		c.show(q)
		a := event.UserAnswer{ID: q.ID}
		select {
		case <-ctx.Done():
			return
		case <-over:
			continue
		case text, more := <-c.in(q):
			a.Text = strings.TrimSpace(text)
			if !more {
				a.None = event.NoUser
			}
		}
		if err := c.say(ctx, a); err != nil && ctx.Err() == nil {
			c.problem(err)
		}
	}
}

// counsel is how a turn of this conversation asks the user.
func (c conversation) counsel(t turn.Turn) *counsel {
	return &counsel{
		in:      c.in,
		show:    func(q event.UserQuestion) { c.question(t, q) },
		say:     func(ctx context.Context, a event.UserAnswer) error { return c.client.Say(ctx, t, a) },
		problem: func(err error) { fmt.Fprintln(c.o.Err, "ww: the answer did not arrive: "+err.Error()) },
	}
}

// question shows what a component wants to know, beside the answers.
func (c conversation) question(_ turn.Turn, q event.UserQuestion) {
	fmt.Fprintf(c.o.Err, "\n%s asks: %s\n", q.Component, logbuf.Sanitize(q.Text))
	if isTerminal(c.o.In) {
		fmt.Fprint(c.o.Err, "› ")
	}
}

// typed is standard input as answers, read from the first question on.
func (o chatOptions) typed(ctx context.Context) func(event.UserQuestion) <-chan string {
	in := sync.OnceValue(func() <-chan string { return lines(ctx, o.In) })
	return func(event.UserQuestion) <-chan string { return in() }
}

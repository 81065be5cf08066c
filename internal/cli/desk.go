package cli

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// question is one line of `ww chat --lines`: a text, an object with a text, or the answer to a question of a turn.
type question struct {
	ID      string `json:"id"`
	Session string `json:"session"`
	Text    string `json:"text"`

	Question string  `json:"question"` // which one is answered
	Answer   *string `json:"answer"`
}

func parseQuestion(line string) question {
	var q question
	if strings.HasPrefix(strings.TrimSpace(line), "{") && json.Unmarshal([]byte(line), &q) == nil {
		if q.Text != "" || q.Question != "" && q.Answer != nil {
			return q
		}
	}
	return question{Text: line}
}

// desk sorts the lines of standard input: turns wait for a worker, answers go to the turn that asked. A turn that waits for
// its answer holds a worker, so that turns must not hold up answers.
type desk struct {
	turns chan question

	mu     sync.Mutex
	asked  map[string]chan string // by question; guarded by mu
	closed bool                   // there are no more lines; guarded by mu
}

func newDesk() *desk {
	return &desk{turns: make(chan question), asked: map[string]chan string{}}
}

// run ends when the lines do, or ctx: then what waits is given up on.
func (d *desk) run(ctx context.Context, in <-chan string) {
	defer close(d.turns)
	defer d.close()
	var waiting []question
	for in != nil || len(waiting) > 0 {
		var out chan question
		var next question
		if len(waiting) > 0 {
			out, next = d.turns, waiting[0]
		}
		from := in
		if len(waiting) >= mostWaiting {
			from = nil
		}
		select {
		case <-ctx.Done():
			return
		case text, ok := <-from:
			if !ok {
				in = nil
				d.close()
				continue
			}
			if q := parseQuestion(text); q.Answer != nil && q.Text == "" {
				d.answer(q.Question, *q.Answer)
			} else if !blank(text) {
				waiting = append(waiting, q)
			}
		case out <- next:
			waiting = waiting[1:]
		}
	}
}

// mostWaiting is how many turns are read ahead of the workers; whoever writes more has to wait, and with it its answers.
const mostWaiting = 10_000

// line is where the answer to a question comes.
func (d *desk) line(id string) chan string {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.asked[id]
	if c == nil {
		c = make(chan string, 1)
		d.asked[id] = c
		if d.closed {
			close(c)
		}
	}
	return c
}

// answer hands an answer on. The first one stands.
func (d *desk) answer(id, text string) {
	c := d.line(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	select {
	case c <- text:
	default:
	}
}

// close says that nobody answers any more.
func (d *desk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.closed = true
	for _, c := range d.asked {
		close(c)
	}
}

// counsel answers the questions of a turn with the lines that name them.
func (d *desk) counsel(c conversation, t turn.Turn, show func(event.UserQuestion)) *counsel {
	k := c.counsel(t)
	k.show = show
	k.in = func(q event.UserQuestion) <-chan string { return d.line(q.ID) }
	return k
}

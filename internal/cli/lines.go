package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// lines asks a turn for every line of standard input, several at once, and prints each as it ends. After a signal no
// line is read any more and what was asked is given up on.
func (c conversation) lines(ctx context.Context) error {
	one := cmp.Or(c.o.Session, turn.NewSession())
	var mu sync.Mutex // guards the output and worst
	worst := exitOK
	var wg sync.WaitGroup
	d := newDesk()
	go d.run(ctx, lines(ctx, c.o.In)) // it ends with the input, or with ctx
	for range c.o.Parallel {
		wg.Go(func() {
			for q := range d.turns {
				session := cmp.Or(q.Session, one)
				if q.Session == "" && c.o.Session == "" && c.o.Parallel > 1 {
					session = turn.NewSession()
				}
				t := turn.Turn{ID: turn.NewID(), Session: session, Text: q.Text, To: c.o.To}
				var a answer
				var status int
				if c.o.JSON {
					say := func(uq event.UserQuestion) {
						mu.Lock()
						defer mu.Unlock()
						c.printQuestion(cmp.Or(q.ID, t.ID), t, uq)
					}
					a, status = c.askWith(ctx, q.ID, t, turn.Follow{}, d.counsel(c, t, say))
				} else {
					a, status = c.askTurn(ctx, q.ID, t, turn.Follow{})
				}
				mu.Lock()
				worst = worse(worst, status)
				c.printLine(a)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return silent(exitInterrupted)
	}
	return silentUnlessOK(worst)
}

func (c conversation) printLine(a answer) {
	if c.o.JSON {
		_ = writeJSON(c.o.Out, a) // whoever reads has gone: the turns are asked all the same
		return
	}
	if a.Error != "" {
		fmt.Fprintf(c.o.Err, "ww: %s: %s\n", a.ID, a.Error)
		return
	}
	fmt.Fprintln(c.o.Out, a.Answer)
}

// asking is the JSON of a question that a turn asks the user.
type asking struct {
	ID       string       `json:"id"`
	Session  string       `json:"session"`
	Turn     string       `json:"turn"`
	Status   event.Status `json:"status"`
	Question exchange     `json:"question"`
}

// statusAsking is the status of a turn that waits for its user.
const statusAsking event.Status = "asking"

func (c conversation) printQuestion(id string, t turn.Turn, q event.UserQuestion) {
	_ = writeJSON(c.o.Out, asking{ // as above
		ID: id, Session: t.Session, Turn: t.ID, Status: statusAsking,
		Question: exchange{ID: q.ID, Component: q.Component, Question: q.Text},
	})
}

// worse is the status that the whole has: a failure counts more than a turn that is pending.
func worse(a, b int) int {
	if a == exitOK || b == exitFailed {
		return b
	}
	return a
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

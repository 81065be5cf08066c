package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/turn"
)

// question is one line of `ww chat --lines`: a text, or an object.
type question struct {
	ID      string `json:"id"`
	Session string `json:"session"`
	Text    string `json:"text"`
}

func parseQuestion(line string) question {
	var q question
	if strings.HasPrefix(strings.TrimSpace(line), "{") && json.Unmarshal([]byte(line), &q) == nil && q.Text != "" {
		return q
	}
	return question{Text: line}
}

// lines asks a turn for every line of standard input, several at once, and prints each as it ends. After a signal no
// line is read any more and what was asked is given up on.
func (c conversation) lines(ctx context.Context) error {
	one := cmp.Or(c.o.Session, turn.NewSession())
	var mu sync.Mutex // guards the output and worst
	worst := exitOK
	var wg sync.WaitGroup
	in := lines(ctx, c.o.In)
	for range c.o.Parallel {
		wg.Go(func() {
			for text := range in {
				if strings.TrimSpace(text) == "" {
					continue
				}
				q := parseQuestion(text)
				session := cmp.Or(q.Session, one)
				if q.Session == "" && c.o.Session == "" && c.o.Parallel > 1 {
					session = turn.NewSession()
				}
				a, status := c.ask(ctx, q.ID, session, q.Text, turn.Follow{})
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

// worse is the status that the whole has: a failure counts more than a turn that is pending.
func worse(a, b int) int {
	if a == exitOK || b == exitFailed {
		return b
	}
	return a
}

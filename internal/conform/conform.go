// Package conform tries a component by the stdio protocol, as a runner would talk to it and then some, and says which of
// its promises it breaks. docs/reference/process.md has the promises.
package conform

import (
	"cmp"
	"context"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// Options say what is tried, and how.
type Options struct {
	Command script.Command
	Config  map[string]any // for initialize
	Text    string         // what the component is asked; default "hello"
	// Patience is how long an answer may take, Grace how long an end. Defaults: 10 s, 5 s.
	Patience, Grace time.Duration
}

// Result is how a check went.
type Result string

// The results.
const (
	OK      Result = "ok"
	Failed  Result = "failed"
	Skipped Result = "skipped" // it could not be tried
)

// A Check is one promise.
type Check struct {
	Promise string  `json:"promise"`
	Result  Result  `json:"result"`
	Problem string  `json:"problem,omitempty"` // a sentence: what it did, and what it should do
	Note    string  `json:"note,omitempty"`
	TookMS  float64 `json:"took_ms"`
}

// Good says whether no promise was broken.
func Good(all []Check) bool {
	for _, c := range all {
		if c.Result == Failed {
			return false
		}
	}
	return true
}

// Run tries every promise, and tells of each as soon as it is known. Nothing of the component is left when it returns.
func Run(ctx context.Context, o Options, tell func(Check)) []Check {
	o.Text = cmp.Or(o.Text, "hello")
	o.Patience = cmp.Or(o.Patience, 10*time.Second)
	o.Grace = cmp.Or(o.Grace, 5*time.Second)
	t := &trial{o: o}
	defer t.close()
	var all []Check
	for _, p := range promises() {
		c := t.try(ctx, p)
		all = append(all, c)
		tell(c)
	}
	return all
}

// A trial is one run of all checks.
type trial struct {
	o        Options
	s        *session // nil: there is none, or it has ended
	hopeless string   // why nothing more can be asked of it
	note     string
}

// promise is a check and whether it still makes sense when the component does not answer.
type promise struct {
	words  string
	always bool
	check  func(*trial, context.Context) error
}

func promises() []promise {
	return []promise{
		{"starts and says ready", true, (*trial).starts},
		{"says of itself what can be understood", false, (*trial).introduces},
		{"answers a turn", false, (*trial).answersTurn},
		{"takes any text", false, (*trial).takesTexts},
		{"takes any data", false, (*trial).takesData},
		{"ignores what it does not know", false, (*trial).ignores},
		{"answers a call", false, (*trial).answersCalls},
		{"answers what was canceled", false, (*trial).answersCanceled},
		{"works on as much at once as it says", false, (*trial).worksAtOnce},
		{"answers pings, if it says so", false, (*trial).answersPings},
		{"answers each request once, and nothing else", true, (*trial).answersOnce},
		{"prints messages and nothing else on stdout", true, (*trial).printsMessages},
		{"ends when it is asked to", true, (*trial).endsWhenAsked},
		{"ends with its stdin", true, (*trial).endsWithStdin},
	}
}

func (t *trial) try(ctx context.Context, p promise) Check {
	began := time.Now()
	c := Check{Promise: p.words, Result: OK}
	t.note = ""
	switch {
	case ctx.Err() != nil:
		c.Result, c.Problem = Skipped, "interrupted"
	case t.hopeless != "" && !p.always:
		c.Result, c.Problem = Skipped, t.hopeless
	default:
		if err := p.check(t, ctx); err != nil {
			c.Result, c.Problem = verdict(err), err.Error()
		}
		c.Note = t.note
	}
	c.TookMS = float64(time.Since(began).Microseconds()) / 1000
	return c
}

func (t *trial) close() {
	if t.s != nil {
		t.s.kill()
	}
}

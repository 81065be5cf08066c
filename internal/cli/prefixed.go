package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/state"
)

// prefixed writes lines that begin with the time and with who says them.
type prefixed struct {
	mu   sync.Mutex
	w    io.Writer
	wide int
	now  func() time.Time

	untimed bool // something else adds the time
}

func newPrefixed(w io.Writer) *prefixed { return &prefixed{w: w, wide: 6, now: time.Now} }

// widths makes room for the longest name, up to a point.
func (p *prefixed) widths(s state.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range s.Components {
		p.wide = max(p.wide, min(16, len(c.Name)))
	}
}

func (p *prefixed) line(who, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := ""
	if !p.untimed {
		at = p.now().Format(time.TimeOnly) + " "
	}
	// A standard error that cannot be written to has nobody to tell it to.
	_, _ = fmt.Fprintf(p.w, "%s%-*s %s\n", at, p.wide, who, text)
}

// event says what a person should know of a change. known is how the components were shown last.
func (p *prefixed) event(e state.Event, known map[string]state.Component, began time.Time) {
	switch e := e.(type) {
	case state.ComponentChanged:
		p.change(known[placeOf(e.Component)], e.Component)
		known[placeOf(e.Component)] = e.Component
	case state.AppReady:
		p.line("ww", "ready in "+took(e.At.Sub(began)))
	case state.Notice:
		p.line("ww", e.Text)
	case state.ModeChanged:
		p.line("ww", e.String())
	case state.Planned:
		for line := range strings.Lines(e.Plan) {
			p.line("ww", "reload: "+strings.TrimRight(line, "\n"))
		}
	case state.Diagnosed:
		p.problems(e.List)
	}
}

// change says what a person should know of a component's new state: steady ones are quiet.
func (p *prefixed) change(old, c state.Component) {
	if old.State == c.State && old.Reason == c.Reason {
		return
	}
	switch c.State {
	case state.Failed:
		p.card(c)
	case state.Starting:
		if c.Reason != "" && !c.NextStart.IsZero() && old.NextStart != c.NextStart {
			p.line(c.Name, fmt.Sprintf("✗ %s; next start in %s", c.Reason, took(c.NextStart.Sub(p.now()))))
		}
	case state.Ready:
		if c.Restarts > old.Restarts || old.State == state.Failed || old.State == state.Starting && c.Restarts > 0 {
			p.line(c.Name, "● ready again")
		}
	}
}

// problems says what is wrong with files that were saved.
func (p *prefixed) problems(l diag.List) {
	if !l.HasErrors() {
		return
	}
	p.line("ww", "✗ the saved files cannot be run; the app goes on as it was")
	for _, d := range l {
		p.line("ww", "│ "+d.String())
	}
}

// card says everything about a failed component.
func (p *prefixed) card(c state.Component) {
	p.line(c.Name, "✗ failed: "+c.Reason)
	for _, l := range c.LastLines {
		p.line(c.Name, "│ "+l)
	}
	p.line(c.Name, fmt.Sprintf("what to do: correct it and start again; its whole log: ww logs %s", c.Name))
}

package cli

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
)

// patience is how long a component may take to stop before somebody is told.
const patience = 2 * time.Second

// stopPrinter says what happens while an app stops, on the normal screen.
type stopPrinter struct {
	w    io.Writer
	e    *engine.Engine
	done chan struct{}

	broken []state.Component // failed when the end began; to be read once done is closed
}

func newStopPrinter(w io.Writer, e *engine.Engine) *stopPrinter {
	return &stopPrinter{w: w, e: e, done: make(chan struct{})}
}

// run begins when serving ends and lasts as long as the run.
func (p *stopPrinter) run(living, serving context.Context) {
	defer close(p.done)
	<-serving.Done()
	began := time.Now()
	for _, c := range p.e.Picture().Components {
		if c.State == state.Failed {
			p.broken = append(p.broken, c)
		}
	}
	p.say("stopping %s… (ctrl+c again to kill)", counted(len(p.e.Picture().Components), "component"))
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	said := map[string]bool{}
	for {
		select {
		case <-living.Done():
			return
		case <-t.C:
			if time.Since(began) >= patience {
				p.slow(said, time.Since(began))
			}
		}
	}
}

// slow names, once, who has not stopped yet and why.
func (p *stopPrinter) slow(said map[string]bool, since time.Duration) {
	for _, c := range p.e.Picture().Components {
		why := ""
		switch {
		case c.State == state.Stopped || c.PIDs.Runner == 0:
			continue
		case c.InFlight > 0:
			why = "finishing " + counted(c.InFlight, "turn")
		case c.State == state.Draining:
			why = "✗ does not end"
			if n := len(c.LastLines); n > 0 {
				why += fmt.Sprintf(" — last line: %q", c.LastLines[n-1])
			}
		default:
			continue // its turn to stop has not come
		}
		if !said[c.Name+why] {
			said[c.Name+why] = true
			p.say("  %-8s %s (%s)", c.Name, why, took(since))
		}
	}
}

// summary is what a person reads at the very end.
func (p *stopPrinter) summary(s engine.Summary, o devOptions) {
	<-p.done
	text := fmt.Sprintf("stopped %d of %d, %s left.", s.Stopped, s.Components, counted(s.Left, "processe"))
	if s.Left == 1 {
		text = fmt.Sprintf("stopped %d of %d, 1 process left.", s.Stopped, s.Components)
	}
	if s.Turns > 0 {
		text += fmt.Sprintf(" %s, %d answered.", counted(s.Turns, "turn"), s.Answered)
	}
	if n, names := restarts(s.Restarts); n > 0 {
		text += fmt.Sprintf(" %s (%s).", counted(n, "restart"), names)
	}
	p.say("%s", text)
	p.unfinished(s.Unfinished)
	if o.UI == "tui" { // elsewhere they stand above
		p.errors(s)
	}
	p.say("logs: %s", near(s.Logs))
	if s.Turns > 0 {
		p.say("last session: ww chat --session %s", s.Session)
	}
}

// errors repeats what went wrong: the screen that showed it is gone.
func (p *stopPrinter) errors(s engine.Summary) {
	for _, c := range p.broken {
		p.say("✗ %s had failed: %s", c.Name, logbuf.Sanitize(c.Reason))
		for _, l := range c.LastLines[max(0, len(c.LastLines)-3):] {
			p.say("    %s", logbuf.Sanitize(l))
		}
	}
	for _, t := range s.Failed {
		p.say("✗ turn %s %s: %s", t.ID, t.End.Status, logbuf.Sanitize(t.End.Error))
	}
}

// mostListed is how many unfinished turns are shown one by one.
const mostListed = 10

func (p *stopPrinter) unfinished(turns []engine.Unfinished) { listUnfinished(turns, p.say) }

// listUnfinished says which turns have no answer yet: they are in the journals and go on at the next start.
func listUnfinished(turns []engine.Unfinished, say func(format string, args ...any)) {
	if len(turns) == 0 {
		return
	}
	say("%s unfinished; at the next start they go on, or end when their time is over:", isAre(len(turns), "turn"))
	for i, u := range turns {
		if i == mostListed {
			say("  … and %d more", len(turns)-i)
			break
		}
		say("  %s %s %s (accepted %s ago)", u.Turn, u.Session, quoted(u.Text), took(time.Since(u.At)))
	}
}

func isAre(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

func restarts(by map[string]int) (n int, names string) {
	list := make([]string, 0, len(by))
	for name, k := range by {
		n += k
		list = append(list, name)
	}
	sort.Strings(list)
	return n, strings.Join(list, ", ")
}

func (p *stopPrinter) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.w, format+"\n", args...) // a closed terminal has nobody to tell it to
}

package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
)

// maxLine is the longest turn that a line of standard input can hold.
const maxLine = 1 << 20

// stream is the face without a screen: answers on standard output, bare, everything else on standard error.
type stream struct {
	o      devOptions
	e      *engine.Engine
	begun  *report
	json   bool
	turns  int
	failed bool
	broken bool // nobody reads the answers any more
	stuck  stuck
	log    *prefixed
	shown  sync.WaitGroup
}

// run reads turns until there are no more, or the app stops.
func (s *stream) run(serving, living context.Context) int {
	s.log = newPrefixed(s.o.Err)
	if s.o.Background { // nobody sees it, and the diary has it
		s.log = newPrefixed(io.Discard)
	}
	snap, events := s.e.Subscribe(living)
	s.log.line("ww", fmt.Sprintf("%s: %s, local bus, %s", snap.App, counted(len(snap.Components), "component"), snap.Mode))
	if snap.ModeNote != "" {
		s.log.line("ww", snap.ModeNote)
	}
	if !s.json {
		s.log.widths(snap)
		if snap.Ready { // it was faster than its face
			s.log.line("ww", "ready in "+took(snap.ReadyAt.Sub(snap.StartedAt)))
		}
	}
	s.stuck.needs = s.e.Behind(s.inputName())
	up := newReadiness(snap)
	s.shown.Go(func() { s.show(events, up, snap) })
	if !s.json && !s.o.Background {
		s.shown.Go(func() { s.printed(living) })
	}
	status := s.talk(serving, living, up)
	if status == exitOK && s.failed {
		status = exitFailed
	}
	return status
}

// wait returns when the end of the run has been shown, too.
func (s *stream) wait() { s.shown.Wait() }

// talk is the conversation.
func (s *stream) talk(serving, living context.Context, up *readiness) int {
	select {
	case <-serving.Done():
		return exitOK
	case <-up.done:
	}
	if up.failed != nil {
		s.begun.broken(*up.failed)
		return exitFailed
	}
	s.begun.ready(s.e.Picture())
	if s.o.Background || isNull(s.o.In) {
		switch {
		case s.o.Debug != "":
			s.log.line("ww", "this terminal is the debugger's: talk to the app with ww chat from another one; ctrl+c ends it")
		case !s.o.Background:
			s.log.line("ww", "standard input is empty: serving until a signal (ww chat talks to it, ww down stops it)")
		}
		<-serving.Done()
		return exitOK
	}
	in := lines(serving, s.o.In)
	for text := range in {
		text = strings.TrimSpace(text)
		if text == "exit" || text == ";" {
			break
		}
		if text == "" {
			continue
		}
		s.turn(living, text, in)
		if s.broken || serving.Err() != nil {
			break
		}
	}
	return exitOK
}

// turn asks one turn and prints its answer.
func (s *stream) turn(ctx context.Context, text string, in <-chan string) {
	s.turns++
	session := s.e.Picture().Session
	s.log.line(s.inputName(), fmt.Sprintf("│ turn %d %s %s", s.turns, session, quoted(text)))
	ctx, done := s.stuck.turn(ctx)
	defer done()
	c := counsel{
		in:      func(event.UserQuestion) <-chan string { return in },
		show:    s.question,
		say:     func(ctx context.Context, a event.UserAnswer) error { return s.e.Say(ctx, session, a) },
		problem: func(err error) { s.log.line("ww", "✗ the answer did not arrive: "+err.Error()) },
	}
	follow, over := c.begin(ctx, turn.Follow{})
	end, err := s.e.Ask(ctx, session, text, follow)
	over()
	var waits *stuckError
	switch {
	case err != nil && errors.As(context.Cause(ctx), &waits):
		s.failed, s.broken = true, true
		s.log.line("ww", fmt.Sprintf("✗ turn %d: %v", s.turns, waits))
	case err != nil:
		s.failed = true
		s.log.line("ww", fmt.Sprintf("✗ turn %d: %v", s.turns, err))
	case end.Status != event.StatusOK:
		s.failed = true
		s.log.line(lastHop(end), fmt.Sprintf("│ ✗ turn %d %s: %s", s.turns, end.Status, end.Error))
	default:
		s.answer(end)
	}
}

// question shows what a component wants to know: the next line is the answer.
func (s *stream) question(q event.UserQuestion) {
	if s.json {
		return // its event says it
	}
	s.log.line(q.Component, fmt.Sprintf("│ ? turn %d asks: %s", s.turns, logbuf.Sanitize(q.Text)))
	s.log.line("ww", "the next line of the input is the answer")
}

func (s *stream) inputName() string {
	for _, c := range s.e.Picture().Components {
		if c.Kind == "input" {
			return c.Name
		}
	}
	return "ww"
}

// answer prints what the turn says. A reader that has gone ends the run in order.
func (s *stream) answer(end event.End) {
	if s.json {
		return // its events say it
	}
	text := end.Answer + "\n"
	for _, o := range end.Outputs {
		text += o.Text + "\n"
	}
	if _, err := io.WriteString(s.o.Out, text); err != nil {
		s.broken = true
		s.log.line("ww", "nobody reads the answers any more; stopping")
	}
}

func lastHop(end event.End) string {
	if n := len(end.Hops); n > 0 {
		return end.Hops[n-1].Component
	}
	return "ww"
}

// quoted is a text on one line, shortened.
func quoted(text string) string {
	const most = 60
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > most {
		return fmt.Sprintf("%q", string(r[:most-1])+"…")
	}
	return fmt.Sprintf("%q", string(r))
}

// lines reads a stream until its end or that of ctx. A read that blocks outlives ctx: it ends with the program.
func lines(ctx context.Context, in io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		s := bufio.NewScanner(in)
		s.Buffer(nil, maxLine)
		for s.Scan() {
			select {
			case out <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	merged := make(chan string)
	go func() {
		defer close(merged)
		for {
			select {
			case <-ctx.Done():
				return
			case text, ok := <-out:
				if !ok {
					return
				}
				select {
				case merged <- text:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return merged
}

// show prints what happens to the components.
func (s *stream) show(events <-chan []state.Event, up *readiness, snap state.State) {
	known := knownOf(snap)
	for batch := range events {
		for _, e := range batch {
			up.take(e)
			s.stuck.take(e)
			if s.json {
				s.event(e)
			} else {
				s.log.event(e, known, snap.StartedAt)
			}
		}
	}
}

// placeOf tells the instances of a component apart, whatever process they have.
func placeOf(c state.Component) string {
	return fmt.Sprintf("%s.%d@%d", c.Name, c.Ordinal, c.Generation)
}

// printed shows what user code prints. What ww itself notes about a component is in its log.
func (s *stream) printed(living context.Context) {
	q := logbuf.Query{Tail: -1}
	err := logbuf.FollowRun(living, s.e.Logs(), q, func(l logbuf.Line) error {
		if l.Stream == streamOut || l.Stream == streamErr {
			s.log.line(l.Component, "│ "+logbuf.Sanitize(l.Text))
		}
		return nil
	})
	if err != nil {
		s.log.line("ww", "the logs cannot be followed: "+err.Error())
	}
}

// event prints a change as a line of JSON: {"event": …, …}.
func (s *stream) event(e state.Event) {
	line := eventLine(e, time.Now())
	if line == nil {
		return
	}
	b, err := json.Marshal(line)
	if err != nil {
		return // plain data cannot fail
	}
	if _, err := s.o.Out.Write(append(b, '\n')); err != nil {
		s.broken = true
	}
}

// took writes a duration as "88 ms" or "1.9 s".
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

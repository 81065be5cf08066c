package scripted

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/component"
)

// stage is what the steps of a script act upon.
type stage struct {
	script  string
	attempt int
	chunk   func(string)
	ask     asking
	past    int // so many calls were made and answered before: what stands before them takes no time and leaves no trace
	log     io.Writer
	fatal   func(status int, reason error)
}

// play does the steps of a reply and returns the whole answer. Every say and stream after the first begins a new line.
func play(ctx context.Context, on stage, steps []Step, places Places) (string, error) {
	p := &player{stage: on, places: places}
	for _, s := range steps {
		if err := p.do(ctx, s); err != nil {
			return "", err
		}
	}
	return p.answer.String(), nil
}

// asking makes the call of a step; its body is JSON, or a text.
type asking func(ctx context.Context, s Step, body string) (component.Result, error)

type player struct {
	stage
	places Places
	answer strings.Builder
	spoken bool
	calls  int // made
}

func (p *player) do(ctx context.Context, s Step) error {
	text := s.Text.Fill(p.places)
	if p.calls < p.past && s.Verb != Call {
		return nil
	}
	switch s.Verb {
	case Say:
		p.add(p.line(text))
	case Stream:
		return p.stream(ctx, p.line(text), s.For)
	case Wait, Think:
		return wait(ctx, s.For)
	case Fail:
		return errScripted(text)
	case Call:
		return p.call(ctx, s, text)
	case Log:
		return p.note(text)
	case Crash:
		return p.crash(s)
	}
	return nil
}

// call asks and keeps the answer. Calls go out one after the other: a run that repeats after a crash numbers them the
// same and gets the answers it had.
func (p *player) call(ctx context.Context, s Step, body string) error {
	if p.ask == nil {
		return errNoAsk
	}
	r, err := p.ask(ctx, s, body)
	p.calls++
	var next *pendingCall
	switch {
	case errors.As(err, &next):
		next.said = p.answer.String()
		return err
	case err == nil:
		p.places.answer(s.To, string(r.Body))
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.Or == nil:
		return err
	}
	p.places.answer(s.To, s.Or.Fill(p.places))
	return nil
}

// note writes to the component's log, every line of it whole.
func (p *player) note(text string) error {
	if p.log == nil {
		return nil
	}
	_, err := io.WriteString(p.log, text+"\n")
	return err
}

// crash ends the process in the middle of this message.
func (p *player) crash(s Step) error {
	if s.Times > 0 && p.attempt > s.Times {
		return nil
	}
	err := errCrash(p.script, s.Span)
	if p.fatal != nil {
		p.fatal(1, err)
	}
	return err
}

func (p *player) line(text string) string {
	if p.spoken {
		text = "\n" + text
	}
	p.spoken = true
	return text
}

func (p *player) add(text string) {
	p.answer.WriteString(text)
	if p.chunk != nil && text != "" {
		p.chunk(text)
	}
}

// stream adds the text word by word, evenly, the last word when all the time is over. Each word has its time counted
// from the beginning, so that a slow machine delivers late words together instead of stretching the whole.
func (p *player) stream(ctx context.Context, text string, over time.Duration) error {
	pieces, begin := words(text), time.Now()
	due := func(i int) time.Duration { return time.Duration(float64(over) * float64(i+1) / float64(len(pieces))) }
	for i := 0; i < len(pieces); {
		if err := wait(ctx, due(i)-time.Since(begin)); err != nil {
			return err
		}
		first := i
		for i++; i < len(pieces) && due(i) <= time.Since(begin); i++ {
		}
		p.add(strings.Join(pieces[first:i], ""))
	}
	return wait(ctx, over-time.Since(begin))
}

func wait(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

// words splits a text in front of every word; put together again the pieces are the text.
func words(text string) []string {
	var out []string
	begin, inWord := 0, false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		blank := unicode.IsSpace(r)
		if blank && inWord {
			out = append(out, text[begin:i])
			begin = i
		}
		inWord = !blank
		i += size
	}
	if begin < len(text) {
		out = append(out, text[begin:])
	}
	return out
}

package scripted

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// play does the steps of a reply and returns the whole answer. Every say and stream after the first begins a new line.
func play(ctx context.Context, steps []Action, chunk func(string)) (string, error) {
	p := &player{chunk: chunk}
	for _, s := range steps {
		if err := p.do(ctx, s); err != nil {
			return "", err
		}
	}
	return p.answer.String(), nil
}

type player struct {
	chunk  func(string)
	answer strings.Builder
	spoken bool
}

func (p *player) do(ctx context.Context, s Action) error {
	switch s.Verb {
	case Say:
		p.add(p.line(s.Text))
	case Stream:
		return p.stream(ctx, p.line(s.Text), s.For)
	case Wait:
		return wait(ctx, s.For)
	case Fail:
		return errScripted(s.Text)
	}
	return nil
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

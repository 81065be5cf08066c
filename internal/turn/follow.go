package turn

import (
	"context"
	"encoding/json"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/stream"
)

// user is what a call says of who is behind it.
func (f Follow) user() int {
	if f.Question == nil {
		return 0
	}
	return 1
}

// pushed takes what comes before the end. What cannot be read is left out: the end says it all.
func (f Follow) pushed(m event.Message) {
	switch m.Type {
	case event.TypeChunk:
		read(m, f.Chunk)
	case event.TypeQuestion:
		read(m, f.Question)
	case event.TypeSay:
		read(m, f.Answered)
	}
}

func read[T any](m event.Message, take func(T)) {
	var v T
	if take != nil && json.Unmarshal(m.Body, &v) == nil {
		take(v)
	}
}

// once is f for a conversation that may be begun anew: a question that comes again is the same one.
func (f Follow) once() Follow {
	ask := f.Question
	if ask == nil {
		return f
	}
	seen := map[string]bool{}
	f.Question = func(q event.UserQuestion) {
		if !seen[q.ID] {
			seen[q.ID] = true
			ask(q)
		}
	}
	return f
}

// joined is f for a conversation that may be begun anew: of a piece that comes again only what is new is told, and of an
// attempt that is over nothing.
func (f Follow) joined(b *stream.Book) Follow {
	tell := f.Chunk
	if tell == nil {
		return f
	}
	f.Chunk = func(c event.Chunk) {
		if fresh, v := b.Skip(c); v == stream.Fresh { // what the way here has lost does not come again
			tell(fresh)
		}
	}
	return f
}

// Say answers a question of a turn; a nil error means that the answer is in a journal. It is said again until then, or
// until ctx ends. The first answer to a question stands.
func (c *Client) Say(ctx context.Context, t Turn, a event.UserAnswer) error {
	m := event.Message{Header: t.header(event.TypeSay), Body: event.Payload(a)}
	m.ID, m.DataContentType = a.ID+"/say", "application/json"
	say := asking{c: c, t: t, accepted: true}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		_, err := c.Bus.Call(ctx, t.To, m, nil)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !retry(err):
			return say.final(err)
		case say.gone():
			return &GoneError{Turn: t, Accepted: true}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

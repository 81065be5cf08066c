// Package turn asks a running app: it submits a turn to an input and stays with it until the turn has ended, whatever
// dies on the way.
//
// Whoever asks makes the turn's id, so asking again is harmless: an input that has accepted the id before says so
// again, and the end of a turn is the same whenever it is asked for. A client therefore needs no memory and no
// connection that lasts: on any loss it asks again with the same id.
package turn

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// Turn is one question.
type Turn struct {
	ID      string // made with NewID
	Session string
	Text    string
	To      string // the input component that takes it
}

// NewID returns the id of a new turn.
func NewID() string { return "t-" + token(12) }

// NewSession returns the id of a new session.
func NewSession() string { return "s-" + token(8) }

func token(n int) string { return strings.ToLower(rand.Text()[:n]) }

// Client asks turns over a seat on the bus. It may be used by many goroutines.
type Client struct {
	Bus bus.Bus
	// Alive says whether anything of the app is there to wait for; nil: always. It is asked after losses only.
	Alive func() bool
	// Patience is how long nothing of the app may be alive before Ask gives up. Default 2 s.
	Patience time.Duration
}

// The pauses between two tries.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// maxLost is how often an acceptor may say that it has never heard of a turn it accepted.
const maxLost = 3

// Follow is told of a turn's progress. Both functions may be nil; they are not called concurrently.
type Follow struct {
	Accepted func()            // the turn is in a journal; called once
	Chunk    func(event.Chunk) // a piece of the answer
}

// Ask submits a turn and waits for its end. An error means that there is no end yet: a *GoneError, a *RefusedError, or
// the error of ctx.
func (c *Client) Ask(ctx context.Context, t Turn, f Follow) (event.End, error) {
	a := asking{c: c, t: t, follow: f}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		end, err := a.once(ctx)
		if err == nil {
			return end, nil
		}
		if ctx.Err() != nil {
			return event.End{}, ctx.Err()
		}
		if !retry(err) {
			return event.End{}, a.final(err)
		}
		if a.gone() {
			return event.End{}, &GoneError{Turn: t, Accepted: a.accepted}
		}
		select {
		case <-ctx.Done():
			return event.End{}, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// asking is one Ask.
type asking struct {
	c        *Client
	t        Turn
	follow   Follow
	accepted bool
	told     bool // that it is accepted
	tried    bool // a submit may have arrived although its answer was lost
	lost     int
	goneAt   time.Time // since when nothing of the app is alive
}

func (a *asking) once(ctx context.Context) (event.End, error) {
	if !a.accepted {
		if err := a.submit(ctx); err != nil {
			return event.End{}, err
		}
	}
	end, err := a.c.Await(ctx, a.t, a.follow.Chunk)
	if code(err) == bus.Refused && a.accepted && a.lost < maxLost {
		a.lost++ // its journal was taken away: submit again
		a.accepted = false
		return event.End{}, &bus.Error{Code: bus.Busy, To: a.t.To, Reason: err.Error()}
	}
	return end, err
}

// submit hands the turn in. An input that is going away refuses, but it may have accepted the turn before.
func (a *asking) submit(ctx context.Context) error {
	_, err := a.c.Submit(ctx, a.t)
	switch {
	case err == nil:
		a.accepted = true
		a.tell()
		return nil
	case code(err) == bus.Draining && a.tried:
		a.lost, a.accepted = maxLost, true // so that a refusal by Await is the last word
		return nil
	}
	a.tried = true
	return err
}

func (a *asking) tell() {
	if !a.told && a.follow.Accepted != nil {
		a.follow.Accepted()
	}
	a.told = true
}

// gone reports whether there has been nothing to wait for, for too long.
func (a *asking) gone() bool {
	if a.c.Alive == nil || a.c.Alive() {
		a.goneAt = time.Time{}
		return false
	}
	patience := a.c.Patience
	if patience == 0 {
		patience = 2 * time.Second
	}
	if a.goneAt.IsZero() {
		a.goneAt = time.Now()
	}
	return time.Since(a.goneAt) >= patience
}

func (a *asking) final(err error) error {
	var e *bus.Error
	if errors.As(err, &e) {
		return &RefusedError{Turn: a.t, Code: e.Code, Reason: e.Reason}
	}
	return err
}

// retry reports whether asking again may help.
func retry(err error) bool {
	switch code(err) {
	case bus.PeerDied, bus.NoTarget, bus.Busy, bus.NotOwner, bus.Overloaded, bus.Deadline:
		return true
	}
	return false
}

func code(err error) bus.Code {
	var e *bus.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return bus.OK
}

// Submit hands a turn in once. It is accepted when the answer has come, and perhaps when none has.
func (c *Client) Submit(ctx context.Context, t Turn) (event.Accepted, error) {
	m := event.Message{Header: t.header(event.TypeSubmit), Body: []byte(t.Text)}
	m.DataContentType = "text/plain"
	reply, err := c.Bus.Call(ctx, t.To, m, nil)
	if err != nil {
		return event.Accepted{}, err
	}
	var acc event.Accepted
	if err := json.Unmarshal(reply.Body, &acc); err != nil {
		return event.Accepted{}, fmt.Errorf("%s: what it accepted cannot be read: %w", t.To, err)
	}
	return acc, nil
}

// Await waits once for the end of a turn that was accepted.
func (c *Client) Await(ctx context.Context, t Turn, onChunk func(event.Chunk)) (event.End, error) {
	reply, err := c.Bus.Call(ctx, t.To, event.Message{Header: t.header(event.TypeAwait)}, pieces(onChunk))
	if err != nil {
		return event.End{}, err
	}
	var end event.End
	if err := json.Unmarshal(reply.Body, &end); err != nil {
		return event.End{}, fmt.Errorf("%s: the end of the turn cannot be read: %w", t.To, err)
	}
	return end, nil
}

// pieces leaves out what cannot be read: the end says it all.
func pieces(onChunk func(event.Chunk)) func(event.Message) {
	if onChunk == nil {
		return nil
	}
	return func(m event.Message) {
		var c event.Chunk
		if m.Type == event.TypeChunk && json.Unmarshal(m.Body, &c) == nil {
			onChunk(c)
		}
	}
}

func (t Turn) header(typ string) event.Header {
	return event.Header{ID: t.ID + "/" + typ, Type: typ, Subject: t.To, Session: t.Session, Turn: t.ID}
}

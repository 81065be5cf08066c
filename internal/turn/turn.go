// Package turn asks a running app: it submits a turn to an input and stays with it until the turn has ended, whatever
// dies on the way.
//
// Whoever asks makes the turn's id, so asking again is harmless: an input that has accepted the id before says so
// again, and the end of a turn is the same whenever it is asked for. A client therefore needs no memory and no
// connection that lasts: on any loss it asks again with the same id.
package turn

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/stream"
)

// Turn is one question.
type Turn struct {
	ID      string // made with NewID
	Session string
	Text    string
	To      string // the input component that takes it
	Chain   string // the components it goes through, as event.MakeChain has them; empty: where each of them says

	RetryOf     string // the turn that this one tries again, if it does
	TraceParent string // W3C; Ask begins a trace when it is empty
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
	// Journaled says whether a turn is in the app's journals; nil: nobody can look. It is asked when nothing of the app is left to
	// say so, of a turn that may have been handed in.
	Journaled func(Turn) bool
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

// Follow is told of a turn's progress. Every function may be nil; they are not called concurrently, and must not wait.
type Follow struct {
	Accepted func()            // the turn is in a journal; called once
	Chunk    func(event.Chunk) // a piece of the answer
	// Question is a question to the user, once each; [Client.Say] answers it. Who sets it says that somebody is there to
	// answer.
	Question func(event.UserQuestion)
	Answered func(event.UserAnswer) // the question has an answer, by whomever
}

// Ask submits a turn and waits for its end. An error means that there is no end yet: a *GoneError, a *RefusedError, or
// a *LateError when ctx ended.
func (c *Client) Ask(ctx context.Context, t Turn, f Follow) (event.End, error) {
	if t.TraceParent == "" {
		t.TraceParent = event.NewTraceParent()
	}
	a := asking{c: c, t: t}
	a.follow = f.once().joined(&a.book)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		end, err := a.once(ctx)
		if err == nil {
			return end, nil
		}
		if ctx.Err() != nil {
			return event.End{}, a.late(ctx)
		}
		if !retry(err) {
			return event.End{}, a.final(err)
		}
		a.last = err
		if a.gone() {
			return event.End{}, &GoneError{Turn: t, Accepted: a.confirmed()}
		}
		select {
		case <-ctx.Done():
			return event.End{}, a.late(ctx)
		case <-time.After(pause):
		}
	}
}

// asking is one Ask.
type asking struct {
	c        *Client
	t        Turn
	follow   Follow
	book     stream.Book // what was streamed so far: a stream is resumed where it broke off
	accepted bool
	told     bool // that it is accepted
	tried    bool // a submit may have arrived although its answer was lost
	lost     int
	refused  error     // what an input that is going away said
	last     error     // why the last try came to nothing
	goneAt   time.Time // since when nothing of the app is alive
}

func (a *asking) once(ctx context.Context) (event.End, error) {
	if !a.accepted {
		f := a.follow
		f.Accepted = a.accept
		end, err := a.c.submit(ctx, a.t, f)
		if code(err) != bus.Draining || !a.tried {
			a.tried = true
			return end, err
		}
		// An input that is going away refuses, but it may have accepted the turn before. If not, that is the last word.
		a.refused, a.accepted = err, true
	}
	end, err := a.c.await(ctx, a.t, a.follow, a.book.Positions()...)
	if code(err) == bus.Refused && a.refused != nil {
		return end, a.refused
	}
	if code(err) == bus.Refused && a.lost < maxLost {
		a.lost++ // its journal was taken away: submit again
		a.accepted = false
		return event.End{}, &bus.Error{Code: bus.Busy, To: a.t.To, Reason: err.Error()}
	}
	return end, err
}

// accept may be called again after another try.
func (a *asking) accept() {
	a.accepted = true
	a.tell()
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

// confirmed reports whether the turn was accepted, now that nobody is left to ask: somebody said so, or it is in a journal, for its
// acceptor may have died in between.
func (a *asking) confirmed() bool {
	switch {
	case a.accepted && a.refused == nil:
	case a.c.Journaled == nil:
		return a.accepted
	case !a.c.Journaled(a.t):
		return false
	default:
		a.tell()
	}
	return true
}

func (a *asking) late(ctx context.Context) error {
	e := &LateError{Turn: a.t, Accepted: a.told, Err: ctx.Err()}
	var last *bus.Error
	if !a.told && errors.As(a.last, &last) {
		e.Reason = cmp.Or(last.Reason, string(last.Code))
	}
	return e
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

// submit hands a turn in once and waits for its end. An end that comes says that the turn was accepted, too. How long
// the caller waits is not how long the turn may take, so the bus does not learn of it.
func (c *Client) submit(ctx context.Context, t Turn, f Follow) (event.End, error) {
	ctx, stop := withoutDeadline(ctx)
	defer stop()
	m := event.Message{Header: t.header(event.TypeAsk), Body: []byte(t.Text)}
	m.DataContentType, m.CorrelationID, m.User = "text/plain", t.RetryOf, f.user()
	end, err := c.wait(ctx, m, func(m event.Message) {
		if m.Type == event.TypeAccepted {
			f.Accepted()
			return
		}
		f.pushed(m)
	})
	if err == nil {
		f.Accepted()
	}
	return end, err
}

// withoutDeadline ends with ctx but does not say when that will be.
func withoutDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	open, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	return open, func() {
		stop()
		cancel()
	}
}

// Await waits once for the end of a turn that was accepted.
func (c *Client) Await(ctx context.Context, t Turn, onChunk func(event.Chunk)) (event.End, error) {
	return c.await(ctx, t, Follow{Chunk: onChunk})
}

func (c *Client) await(ctx context.Context, t Turn, f Follow, have ...event.Position) (event.End, error) {
	m := event.Message{Header: t.header(event.TypeAwait)}
	m.User = f.user()
	if len(have) > 0 {
		m.Body, m.DataContentType = event.Payload(have), "application/json"
	}
	return c.wait(ctx, m, f.pushed)
}

// Cancel asks once that a turn ends. Only its end says whether it was canceled or was faster.
func (c *Client) Cancel(ctx context.Context, t Turn) error {
	_, err := c.Bus.Call(ctx, t.To, event.Message{Header: t.header(event.TypeCancel)}, nil)
	return err
}

func (c *Client) wait(ctx context.Context, m event.Message, onPush func(event.Message)) (event.End, error) {
	reply, err := c.Bus.Call(ctx, m.Subject, m, onPush)
	if err != nil {
		return event.End{}, err
	}
	end, err := event.ParseEnd(&reply)
	if err != nil {
		return event.End{}, fmt.Errorf("%s: the end of the turn cannot be read: %w", m.Subject, err)
	}
	return end, nil
}

func (t Turn) header(typ string) event.Header {
	return event.Header{ID: t.ID + "/" + typ, Type: typ, Subject: t.To, Session: t.Session, Turn: t.ID, Chain: t.Chain, TraceParent: t.TraceParent}
}

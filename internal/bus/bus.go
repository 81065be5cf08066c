// Package bus is what a component may ask of a bus, a registry and a session store: small interfaces that every
// backend implements and the conformance suite in bustest checks.
package bus

import (
	"context"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Code says why a message was not taken.
type Code string

// The codes of a NACK. Retry says which of them may be tried again.
const (
	OK          Code = ""
	Busy        Code = "BUSY"         // try again after RetryAfterMS
	NotOwner    Code = "NOT_OWNER"    // resolve the destination again
	Expect      Code = "EXPECT"       // a hole before this message: send from Seq on
	Rebase      Code = "REBASE"       // channel unknown here: start a new base at 1
	TooLarge    Code = "TOO_LARGE"    // final
	UnknownType Code = "UNKNOWN_TYPE" // final
	Draining    Code = "DRAINING"     // going away: resolve again
	Overloaded  Code = "OVERLOADED"   // admission refused before a turn exists
	Refused     Code = "REFUSED"      // final; Reason says why
)

// Verdict is a receiver's answer to one chain message. The zero value is an ACK: the message is in the journal.
type Verdict struct {
	Code         Code
	Reason       string
	Seq          uint64 // for Expect: the number that is wanted
	RetryAfterMS int
	Instance     string // for CalleeDied: which one
}

// Receiver is the component's side of the bus.
type Receiver interface {
	// Accept takes the chain messages that one read of a connection yielded, in order, and returns one verdict
	// each. It may wait for the disk and for nothing else.
	Accept(batch []event.Message) []Verdict
	// Call answers a request. It must not block: what takes time runs in a goroutine of its own and replies later.
	Call(req Request)
	// Event takes an at-most-once message. It must not block.
	Event(m event.Message)
}

// LateReceiver is a Receiver that may answer the messages of a batch one by one, while the connection is read on: where
// each waits for a disk, nobody has to wait for the slowest.
type LateReceiver interface {
	Receiver
	// AcceptLater takes a batch as Accept does. It calls answer, from any goroutine, until each message has its
	// verdict: at are places in the batch. When it returns false it has taken nothing: Accept is to be called.
	AcceptLater(batch []event.Message, answer func(at []int, verdicts []Verdict)) bool
}

// ErrCanceled is the cause of a context whose work is no longer wanted, because its turn was canceled. A call whose context
// ends so tells its callee.
var ErrCanceled = errors.New("canceled")

// Request is one call that waits for its reply.
type Request interface {
	// Context ends with the caller's deadline, cancel or connection. Its cause is ErrCanceled when nobody will ever want
	// the answer: else the caller may come back and ask again.
	Context() context.Context
	Message() event.Message
	From() string // instance of the caller, as its HELLO said
	// Push sends a piece of a streamed reply; it never blocks: a slow reader gets coalesced or dropped pieces.
	Push(m event.Message)
	// Reply ends the call. Only the first one counts.
	Reply(m event.Message)
	// Fail ends the call with an error that the caller sees as *Error.
	Fail(code Code, reason string)
	// Refuse is Fail with more to say: the caller also learns when to come back.
	Refuse(v Verdict)
}

// Link carries chain messages to one destination component, in order.
type Link interface {
	// Send queues a message and returns at once. done is called once, from another goroutine, when the receiver
	// has journaled or refused it, or the connection was lost (Verdict.Code == Busy with reason "connection lost"):
	// the caller still has the message in its journal and sends it again.
	Send(m event.Message, done func(Verdict))
}

// Bus is a process's seat on the bus.
type Bus interface {
	// Call sends a request to a component and waits for the reply, up to ctx's deadline. It fails at once when the
	// peer dies. onPush, when not nil, gets the pieces of a streamed reply in order.
	Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error)
	// Link returns the link to a component; the same one each time.
	Link(to string) Link
	// Cast sends an at-most-once message to a component, if there is one; it never blocks.
	Cast(to string, m event.Message)
}

// Error is why a call failed.
type Error struct {
	Code         Code
	To           string
	Reason       string
	RetryAfterMS int    // when the peer wants to hear of us again; 0: it did not say
	Echo         bool   // PeerDied: another call has told of this same death
	Instance     string // PeerDied, CalleeDied: who died; empty: not known
}

// RetryAfter is when the peer wants to hear of us again, 0 when it did not say.
func (e *Error) RetryAfter() time.Duration { return time.Duration(e.RetryAfterMS) * time.Millisecond }

// Error implements error.
func (e *Error) Error() string {
	s := e.To + ": " + string(e.Code)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// The codes of a call's answer beside those of a NACK.
const (
	UnknownOutcome Code = "UNKNOWN_OUTCOME" // the callee died in the middle of this call, and it changes the world
	Failed         Code = "FAILED"          // the callee did what it could, and says why it could not
	CalleeDied     Code = "CALLEE_DIED"     // who hands requests on: the callee went away in the middle of this call
	CalleeGone     Code = "CALLEE_GONE"     // who hands requests on: no such component is ready
)

// The codes of an *Error that no peer sent.
const (
	NoTarget Code = "NO_TARGET" // no such component is ready
	PeerDied Code = "PEER_DIED" // the peer went away in the middle of the call
	Deadline Code = "DEADLINE"  // the caller's deadline passed
)

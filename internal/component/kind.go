package component

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"

	"github.com/woodwork-lang/ww/internal/turn"
)

// Kind is what a component does with a turn. One value serves one instance for its whole life.
type Kind interface {
	// Start loads what the component needs; the instance is READY when it returns nil. It must not keep ctx: that
	// ends with the start.
	Start(ctx context.Context, env Env) (Traits, error)
	// Handle does this hop's part of a turn. It may be called from several goroutines, never twice at once for one
	// session. An error that wraps ErrCrashed blames the death of a process on this message; every other error is the
	// turn's failure.
	Handle(ctx context.Context, t Task) (Result, error)
	// Close ends what Start began. It returns when nothing of it is left.
	Close(ctx context.Context) error
}

// Env is what a kind may use of its runner.
type Env struct {
	Spec   Spec
	Log    *slog.Logger
	Stdout io.Writer // the component's log, as stream "out"; whole or partial lines
	Stderr io.Writer // the same as stream "err"
	// Fatal ends the runner with this exit status: the process it stands for is gone. It may be called more than once.
	Fatal func(status int, reason error)
	// Ask sends a request to another component outside of any turn: it is no step, it is sent once, and nothing repeats it.
	// It is there as soon as Start has returned.
	Ask func(ctx context.Context, q Request) (Result, error)
	// Turns asks turns of the app as a face does; only an acceptor needs it. It is there as soon as Start has returned.
	Turns *turn.Client
	// Emit tells an event of the user's code on the bus. It never waits.
	Emit func(session, name string, data json.RawMessage)
	// Processes publishes the user processes that were started, so that whoever cleans up after us finds them.
	Processes func(guard, child int, groups []int)
}

// Traits is what a kind says of itself once it is ready. Zero fields take the defaults of the kind table.
type Traits struct {
	Inline        bool // Handle is a pure function that never waits: it runs where the message is read, within its append
	Proxy         bool // requests that name another component are handed on to it: the task master
	SideEffects   bool // Answer changes the world: each request is answered once, from a receipt when it comes again
	Steps         bool // what Answer asks of others is journaled, so that a request that comes again is gone on with
	MaxConcurrent int  // turns at once, and requests at once; default 10
	Capabilities  []string
	InputEvents   []string
	OutputEvents  []string
}

// Task is one hop's part of a turn.
type Task struct {
	Turn, Session, Branch string
	Acceptor              string // the component that accepted the turn and owns its end
	Attempt               int
	ContentType           string
	Body                  []byte
	// Chunk streams a piece of the answer to whoever follows the turn. It never blocks and may lose pieces: the
	// Result is what counts.
	Chunk func(text string)
	// Restart says that what was streamed so far is no part of the answer: whoever shows it drops it.
	Restart func()
	// Ask sends a request to another component and returns its answer. It is a step of the turn: a handler that runs again
	// after a crash gets the answers it had, provided that it issues the same requests in the same order. It is not there
	// for kinds that are Inline.
	Ask func(ctx context.Context, q Request) (Result, error)
	// Issue is Ask in two parts, for requests that go on beside each other: it numbers and sends the request, and what it
	// returns waits for the answer. Requests must be issued in the same order on every run; their answers may come in any.
	Issue func(ctx context.Context, q Request) (wait func() (Result, error))
}

// Request is what a handler asks of another component.
type Request struct {
	To          string
	Type        string // process_request when empty
	ContentType string
	Body        []byte
	OnUnknown   OnUnknown
	// Chunk, when not nil, gets the pieces of the answer that the callee streams. It must not block. A request that was
	// answered before streams nothing.
	Chunk func(text string)
}

// OnUnknown says what to do about a request that changes the world when its callee died in the middle of it.
type OnUnknown string

// What to do when nobody knows whether a request took effect.
const (
	FailUnknown  OnUnknown = "fail" // the default: the request fails and says so
	RetryUnknown OnUnknown = "retry"
)

// Answerer is a Kind that other components may call.
type Answerer interface {
	// Answer does what is asked. It may be called from several goroutines.
	Answer(ctx context.Context, q Question) (Result, error)
}

// Describer is an Answerer that says what it can be asked for. The runner answers requests of type component.describe
// with it, at any time once the component is READY.
type Describer interface {
	Describe(ctx context.Context) (Result, error)
}

// Question is a request as its callee sees it.
type Question struct {
	ID            string // the same one when it is asked again
	From          string // the component that asks
	Acceptor      string // the component that accepted the turn; empty outside of turns
	Turn, Session string
	Type          string
	ContentType   string
	Body          []byte
	// Chunk streams a piece of the answer to the component that asks; it is a sign of life, also when it is empty. It
	// never blocks and may lose pieces.
	Chunk func(text string)
	// Ask sends a request to another component. It hangs on this question: its id is made from the question's and from
	// what is asked, so that a question that comes again after a crash asks under the same ids, and callees that keep
	// receipts do nothing twice.
	Ask func(ctx context.Context, q Request) (Result, error)
	// Issue is to Ask as in Task. With Traits.Steps both are steps of this question: when it comes again after a crash, they
	// give the answers they had.
	Issue func(ctx context.Context, q Request) (wait func() (Result, error))
}

// Result is what a hop hands to the next one, or what was answered to a request.
type Result struct {
	ContentType string
	Body        []byte
	Tokens      int     // that models read and wrote for it; of a hop only
	Cost        float64 // US dollars, as far as prices are known; of a hop only
	// Fallback is the kind of fallback that answered a request instead of the component: it is no ordinary success.
	Fallback string
}

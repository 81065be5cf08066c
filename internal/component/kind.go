package component

import (
	"context"
	"io"
	"log/slog"
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
	// Processes publishes the user processes that were started, so that whoever cleans up after us finds them.
	Processes func(guard, child int, groups []int)
}

// Traits is what a kind says of itself once it is ready. Zero fields take the defaults of the kind table.
type Traits struct {
	Inline        bool // Handle never waits: it runs where the message is read, without a goroutine of its own
	MaxConcurrent int  // turns at once; default 10
	Capabilities  []string
	InputEvents   []string
	OutputEvents  []string
}

// Task is one hop's part of a turn.
type Task struct {
	Turn, Session, Branch string
	Attempt               int
	ContentType           string
	Body                  []byte
	// Chunk streams a piece of the answer to whoever follows the turn. It never blocks and may lose pieces: the
	// Result is what counts.
	Chunk func(text string)
}

// Result is what a hop hands to the next one.
type Result struct {
	ContentType string
	Body        []byte
}

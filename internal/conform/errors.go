package conform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// skipError is a check that could not be tried.
type skipError struct{ why string }

func (e *skipError) Error() string { return e.why }

func verdict(err error) Result {
	var skip *skipError
	if errors.As(err, &skip) || errors.Is(err, context.Canceled) {
		return Skipped
	}
	return Failed
}

var (
	errNotRunning = &skipError{"it does not run any more"}
	errNoPing     = &skipError{`it does not name the capability "ping": only the deadline of its turns will tell that it hangs`}
)

// diedError is the end of the process when nobody asked for it.
type diedError struct {
	doing string
	exit  script.Exit
}

func (e *diedError) Error() string {
	return fmt.Sprintf("it ended (%s) %s: a component runs until it is told to shut down", e.exit, e.doing)
}

// silentError is an answer that does not come.
type silentError struct {
	what  string
	limit time.Duration
}

func (e *silentError) Error() string {
	return fmt.Sprintf("it did not answer %s within %s: every request wants one answer, also one that fails (and flush stdout after each line)", e.what, e.limit)
}

func errNoReady(limit time.Duration) error {
	return fmt.Errorf(`it did not say ready within %s: send {"jsonrpc":"2.0","method":"ready"} as a line of its own, and flush`, limit)
}

func errRefused(reason string) error {
	return fmt.Errorf("it refused to start: %s", reason)
}

func errReady(why string) error { return fmt.Errorf("what it says in ready cannot be used: %s", why) }

func errForm(what, raw, why string) error {
	return fmt.Errorf("its answer to %s is %s: %s", what, short(raw), why)
}

func errTwice(id, raw string) error {
	return fmt.Errorf("it answered request %s a second time (%s): the first answer counts, this one is dropped", id, short(raw))
}

func errStranger(id, raw string) error {
	return fmt.Errorf("it answered request %s, which nobody sent (%s): send back the id of the request as it came", id, short(raw))
}

func errLatePiece(id string) error {
	return fmt.Errorf("it sent a chunk for request %s, which is not open: pieces come before the answer, with the id of the request", id)
}

func errCall(why string) error { return fmt.Errorf("a call of it cannot be made: %s", why) }

func errMethod(name string) error {
	return fmt.Errorf("it sent %q, which means nothing here: there are ready, chunk, call, emit and log", name)
}

func errJunk(line string) error {
	return fmt.Errorf("it printed %s on stdout, where messages belong: print to stderr, which is the log", short(line))
}

func errLong(size int) error {
	return fmt.Errorf("it sent a line of %d bytes; a message has at most %d, longer ones are dropped", size, maxLine)
}

func errAtOnce(said, sent, answered int) error {
	return fmt.Errorf("it says max_concurrent %d; of %d requests at once it answered %d", said, sent, answered)
}

func errLingers(how string, grace time.Duration) error {
	return fmt.Errorf("it was still running %s after %s: it would be killed, and what it works on with it", grace, how)
}

func errStatus(how string, exit script.Exit) error {
	return fmt.Errorf("it ended with %s after %s: a component that was asked to end ends with 0", exit, how)
}

// short is the beginning of what was said, in quotes.
func short(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%.80q…", s)
	}
	return fmt.Sprintf("%q", s)
}

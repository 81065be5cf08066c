package httpinput

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"

	"github.com/woodwork-lang/ww/internal/port"
)

// What those who knock are told.
var (
	errNoInput  = errors.New("Input is required") //nolint:staticcheck // the words that old clients know
	errToken    = errors.New("a token is needed: Authorization: Bearer … (or ?token=… for a WebSocket); it is the property token of this door")
	errSession  = errors.New("session_id is at most 128 letters, digits and . _ : - @")
	errClosing  = errors.New("the app is stopping; the turn goes on when it is back")
	errNotTaken = errors.New("this door closes before anybody has said that the turn is taken; ask again")
)

func errJSON(err error) error {
	return fmt.Errorf(`the body is not JSON like {"input": "…"}: %w`, err)
}

func errBody(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fmt.Errorf("the body has more than %d bytes", long.Limit)
	}
	return fmt.Errorf("the body cannot be read: %w", err)
}

func errHost(host string) error {
	return fmt.Errorf("the request is for %q, and this door is for programs of this machine: call it as localhost, or give it a host and a token", host)
}

func errOrigin(origin string) error {
	return fmt.Errorf("pages of %s may not call this door; its property allow_origins names those that may", origin)
}

func (d *door) noSuch(r *http.Request) error {
	known := []string{"POST " + inputPath, "GET " + d.endpoint + " (WebSocket)", "GET /health", "GET /"}
	for path := range d.routes {
		known = append(known, "POST "+path)
	}
	return fmt.Errorf("there is no %s %s; there are: %s", r.Method, r.URL.Path, strings.Join(known, ", "))
}

// What whoever wrote the file is told.

// startError ends a runner with 78: starting again would not help.
type startError struct{ problem string }

func (e *startError) Error() string { return e.problem }

// ExitStatus is that of a wrong configuration.
func (*startError) ExitStatus() int { return 78 }

func errNoPort(n int) error {
	return fmt.Errorf("port %d: ports end at 65535", n)
}

func errOpen(host string) error {
	return fmt.Errorf(`host %q lets other machines in: set "token" to what they must present, as in token: $DOOR_TOKEN`, host)
}

func errRoute(path string) error {
	return fmt.Errorf("routes: %q must name a component, as in routes: { ask: agent }", path)
}

// errListen says who has the port. It may be free soon, so that starting again helps.
func errListen(n int, address string, err error) error {
	const advice = "end that one, or give this component another port"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		h, ok := port.HolderOf(n)
		switch {
		case ok && h.PID != 0:
			return fmt.Errorf("port %d is already in use by pid %d (%s): %s", n, h.PID, h.Command, advice)
		case ok:
			return fmt.Errorf("port %d is already in use by a process of user %d: %s", n, h.UID, advice)
		}
		return fmt.Errorf("port %d is already in use: %s", n, advice)
	case errors.Is(err, syscall.EACCES):
		return &startError{fmt.Sprintf("port %d is for the system's own programs: take one above 1023", n)}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return &startError{fmt.Sprintf("this machine has no address %s: leave host out, or take one of its own", address)}
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}

func errNoQuestion(id string) error {
	return fmt.Errorf("question %s is not open in this session: it has an answer, or its time is over", id)
}

// Why a connection ends.
var (
	errSlow    = errors.New("too slow: more than 1024 events are waiting; connect again")
	errLeaving = errors.New("the component is replaced; connect again")
	errUpgrade = errors.New("this is a WebSocket; to hand in a text use POST /input")
)

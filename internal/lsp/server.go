// Package lsp is the language server: it tells an editor what is wrong in a .ww file while it is written, what could come
// next, and what a word means.
//
// Start with [Serve]. The wire is written here (frame.go, message.go) and not taken from a library: a server needs 150 lines
// of it, sourcegraph/jsonrpc2 would end the session at the first message that is no JSON, and leave the stream out of step
// when one is cut short; the libraries with the types of the protocol cost every process of ww megabytes for what one verb
// uses.
//
// One goroutine reads, one does everything else, in the order of the messages; so the answer to a question is always about
// the text that the client had when it asked.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
)

// Options is the world that a server sees.
type Options struct {
	Env     project.Lookup // for $NAME in the files
	Names   []string       // the names in the environment, to complete them
	Version string         // of ww
	Log     io.Writer      // for what goes wrong inside; nil discards it
}

// Changes are checked when no other comes for a moment, but not put off for ever.
const (
	quiet   = 120 * time.Millisecond
	longest = time.Second
)

// ErrNoExit says that the client went away, or asked to end, without saying goodbye first.
var ErrNoExit = errors.New("the editor ended without saying so")

// Serve speaks with one client until it says exit or the input ends. It is nil after a proper goodbye: shutdown, then exit.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	s := &server{
		out: out, options: o, schema: schema.New(), docs: map[string]*document{}, encoding: utf16Units,
		timer: time.NewTimer(time.Hour),
	}
	defer s.timer.Stop()
	s.handlers = handlers()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	incoming := make(chan input, 100) // what has come can be seen before it is its turn
	go read(ctx, bufio.NewReader(in), incoming)
	return s.loop(ctx, incoming)
}

// input is one message, or why there are no more.
type input struct {
	body []byte
	err  error
}

// read hands on messages until there are no more. It may stay in a read after the end of Serve: a file cannot be told to
// stop, and the process ends then.
func read(ctx context.Context, r *bufio.Reader, to chan<- input) {
	for {
		body, err := readFrame(r)
		select {
		case to <- input{body, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// phase is how far a session is.
type phase uint8

const (
	created  phase = iota // before initialize
	running               //
	shutDown              // only exit may come
	ended
)

// server is one session. Only the goroutine of loop touches it.
type server struct {
	out      io.Writer
	options  Options
	schema   *schema.Schema
	handlers map[string]handler
	docs     map[string]*document
	timer    *time.Timer
	encoding encoding
	phase    phase
	snippets bool     // the client has fields to fill in
	versions bool     // it takes edits of a version
	waiting  []*input // what has come already, looked at for cancellations
	goodbye  error
	broken   error // of out: nobody listens any more
}

func (s *server) loop(ctx context.Context, incoming <-chan input) error {
	for s.phase != ended && s.broken == nil {
		in, ok := s.next(ctx, incoming)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case !ok: // the timer
			s.checkDue()
		case errors.Is(in.err, io.EOF) && s.phase == shutDown:
			return nil
		case errors.Is(in.err, io.EOF):
			return ErrNoExit
		case in.err != nil:
			return in.err
		default:
			s.message(in.body, incoming)
		}
	}
	return errors.Join(s.goodbye, s.broken)
}

// next is the next message. Not ok: it is time to check.
func (s *server) next(ctx context.Context, incoming <-chan input) (in input, ok bool) {
	if len(s.waiting) > 0 {
		in, s.waiting = *s.waiting[0], s.waiting[1:]
		return in, true
	}
	select {
	case in := <-incoming:
		return in, true
	case <-s.timer.C:
	case <-ctx.Done():
	}
	return input{}, false
}

func (s *server) message(body []byte, incoming <-chan input) {
	m, err := parseMessage(body)
	switch {
	case err != nil:
		s.answer(json.RawMessage("null"), nil, err)
	case m.Method == "": // an answer; we never ask
	case !m.request():
		s.notified(m)
	case s.canceled(m, incoming):
		s.answer(m.ID, nil, failure(codeCanceled, "canceled"))
	default:
		result, err := s.call(m)
		s.answer(m.ID, result, err)
	}
}

// canceled looks at what has come behind a request: nobody needs the answer when it was taken back meanwhile.
func (s *server) canceled(m *message, incoming <-chan input) bool {
	for more := true; more; {
		select {
		case in := <-incoming:
			s.waiting = append(s.waiting, &in)
		default:
			more = false
		}
	}
	return slices.ContainsFunc(s.waiting, func(in *input) bool {
		c, err := parseMessage(in.body)
		if in.err != nil || err != nil || c.Method != "$/cancelRequest" {
			return false
		}
		var p struct {
			ID json.RawMessage `json:"id"`
		}
		return json.Unmarshal(c.Params, &p) == nil && string(p.ID) == string(m.ID)
	})
}

// notified does what a notification says. Those that nobody knows are ignored, as the protocol wants.
func (s *server) notified(m *message) {
	if m.Method == "exit" {
		if s.phase != shutDown {
			s.goodbye = ErrNoExit
		}
		s.phase = ended
		return
	}
	if _, err := s.call(m); err != nil && s.phase == running {
		s.logf("%s: %v", m.Method, err)
	}
}

// call runs the handler of a message. A mistake in a handler costs one answer, not the session.
func (s *server) call(m *message) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.logf("%s: %v\n%s", m.Method, r, debug.Stack())
			err = failure(codeInternal, "%s failed inside of ww: %v", m.Method, r)
		}
	}()
	h, ok := s.handlers[m.Method]
	switch {
	case s.phase == created && m.Method != "initialize":
		return nil, failure(codeNotInitialized, "initialize comes first")
	case s.phase == shutDown:
		return nil, failure(codeInvalidRequest, "only exit can come after shutdown")
	case s.phase == running && m.Method == "initialize":
		return nil, failure(codeInvalidRequest, "initialize comes once")
	case !ok && m.request():
		return nil, failure(codeNoMethod, "there is no method %q", m.Method)
	case !ok:
		return nil, nil
	}
	return h(s, m.Params)
}

func (s *server) answer(id json.RawMessage, result any, err error) {
	r := response{JSONRPC: "2.0", ID: id}
	if err == nil {
		r.Result, err = json.Marshal(result)
	}
	if err != nil {
		var e *responseError
		if !errors.As(err, &e) {
			e = &responseError{codeInternal, err.Error()}
		}
		r.Result, r.Error = nil, e
	}
	s.send(r)
}

func (s *server) notify(method string, params any) {
	s.send(notification{JSONRPC: "2.0", Method: method, Params: params})
}

func (s *server) send(v any) {
	body, err := json.Marshal(v)
	if err == nil && s.broken == nil {
		err = writeFrame(s.out, body)
	}
	if err != nil {
		s.broken = err
	}
}

func (s *server) logf(format string, args ...any) {
	if s.options.Log != nil {
		fmt.Fprintf(s.options.Log, "ww lsp: "+format+"\n", args...)
	}
}

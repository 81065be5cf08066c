package conform

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// maxLine is the longest message.
const maxLine = 1 << 20

type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// A session is one life of the component.
type session struct {
	tree  *script.Tree
	ready chan script.Ready
	lines chan []byte // to the component
	wg    sync.WaitGroup

	mu       sync.Mutex
	last     int64
	open     map[string]chan message // by id
	done     map[string]bool         // ids that were answered
	said     script.Ready
	isReady  bool
	sins     []error // against answers
	junk     []error // against stdout
	asked    int     // calls that it made
	badReady error
}

func start(c script.Command) (*session, error) {
	tree, err := script.Start(c)
	if err != nil {
		return nil, err
	}
	s := &session{tree: tree, ready: make(chan script.Ready, 1), lines: make(chan []byte, 1024), open: map[string]chan message{}, done: map[string]bool{}}
	s.wg.Go(s.listen)
	s.wg.Go(s.write)
	return s, nil
}

// write sends lines until nil, which closes its stdin, or its end.
func (s *session) write() {
	in := s.tree.Stdin()
	defer in.Close()
	for {
		select {
		case b := <-s.lines:
			if b == nil {
				return
			}
			if _, err := in.Write(b); err != nil {
				return
			}
		case <-s.tree.Done():
			return
		}
	}
}

func (s *session) send(m message) {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		panic("conform: a message is plain data: " + err.Error())
	}
	select {
	case s.lines <- append(b, '\n'):
	case <-s.tree.Done():
	}
}

func params(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("conform: parameters are plain data: " + err.Error())
	}
	return b
}

func (s *session) notify(method string, v any) { s.send(message{Method: method, Params: params(v)}) }

// request sends a request; its answer comes on the channel.
func (s *session) request(method string, v any) (id int64, answer <-chan message) {
	s.mu.Lock()
	s.last++
	id = s.last
	c := make(chan message, 1)
	s.open[strconv.FormatInt(id, 10)] = c
	s.mu.Unlock()
	s.send(message{ID: params(id), Method: method, Params: params(v)})
	return id, c
}

// await waits for an answer. what names the request in errors.
func (s *session) await(ctx context.Context, answer <-chan message, what string, limit time.Duration) (message, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case m := <-answer:
		return m, nil
	case <-s.tree.Exited():
		select {
		case m := <-answer:
			return m, nil
		case <-s.tree.Done():
		}
		return message{}, &diedError{"while it was to answer " + what, s.tree.Exit()}
	case <-timer.C:
		return message{}, &silentError{what, limit}
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	}
}

// listen reads stdout to its end and judges every line.
func (s *session) listen() {
	r := bufio.NewReaderSize(s.tree.Stdout(), 64<<10)
	var line []byte
	size := 0
	for {
		piece, err := r.ReadSlice('\n')
		size += len(piece)
		if len(line) <= maxLine {
			line = append(line, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if size > 0 {
			s.hear(line, size)
		}
		line, size = line[:0], 0
		if err != nil {
			_, _ = io.Copy(io.Discard, r) // its end has come
			return
		}
	}
}

func (s *session) hear(line []byte, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size > maxLine+1 {
		s.junk = append(s.junk, errLong(size))
		return
	}
	var m message
	if json.Unmarshal(line, &m) != nil || m.Version != "2.0" {
		s.junk = append(s.junk, errJunk(string(line)))
		return
	}
	switch m.Method {
	case "":
		s.answered(m, string(line))
	case "ready":
		s.becomeReady(m)
	case "chunk":
		s.piece(m)
	case "call":
		s.called(m)
	case "emit", "log":
		if m.ID != nil {
			go s.send(message{ID: m.ID, Result: json.RawMessage("{}")})
		}
	default:
		s.sins = append(s.sins, errMethod(m.Method))
	}
}

func (s *session) answered(m message, raw string) {
	id := string(m.ID)
	c, ok := s.open[id]
	switch {
	case ok:
		delete(s.open, id)
		s.done[id] = true
		c <- m
	case s.done[id]:
		s.sins = append(s.sins, errTwice(id, raw))
	default:
		if id == "" {
			id = "(no id)"
		}
		s.sins = append(s.sins, errStranger(id, raw))
	}
}

func (s *session) becomeReady(m message) {
	if s.isReady {
		s.sins = append(s.sins, errReady("it is said twice"))
		return
	}
	s.isReady = true
	if len(m.Params) > 0 {
		if err := json.Unmarshal(m.Params, &s.said); err != nil {
			s.badReady = err
		}
	}
	s.said.MaxConcurrent = max(1, s.said.MaxConcurrent)
	s.ready <- s.said
}

func (s *session) piece(m message) {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(m.Params, &p); err != nil || s.open[string(p.ID)] == nil {
		id := string(p.ID)
		if id == "" {
			id = "(no id)"
		}
		s.sins = append(s.sins, errLatePiece(id))
	}
}

// called answers what the component asks of others: everybody it names exists and says this.
func (s *session) called(m message) {
	var p struct {
		ID        json.RawMessage `json:"id"`
		Component string          `json:"component"`
	}
	problem := ""
	switch err := json.Unmarshal(m.Params, &p); {
	case len(m.ID) == 0:
		problem = "it has no id, so that nobody can answer it"
	case err != nil:
		problem = err.Error()
	case p.Component == "":
		problem = `params lack "component", the name of the one that is asked`
	case p.ID != nil && s.open[string(p.ID)] == nil:
		problem = "params.id must be that of a process request that is not answered yet"
	}
	if problem != "" {
		s.sins = append(s.sins, errCall(problem))
		go s.send(message{ID: m.ID, Error: params(map[string]any{"code": -32602, "message": problem})})
		return
	}
	s.asked++
	go s.send(message{ID: m.ID, Result: params(map[string]any{"content_type": "text/plain", "data": "an answer of the test"})})
}

// take returns what was done wrong so far, and forgets it.
func (s *session) take(list *[]error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []error
	for _, err := range *list {
		same := func(other error) bool { return other.Error() == err.Error() }
		if len(told) < mostNamed && !slices.ContainsFunc(told, same) {
			told = append(told, err)
		}
	}
	*list = nil
	return errors.Join(told...)
}

// mostNamed is how many of the same sort are told.
const mostNamed = 3

// finish closes its stdin.
func (s *session) finish() {
	select {
	case s.lines <- nil:
	case <-s.tree.Done():
	}
}

// over waits until it has ended by itself.
func (s *session) over(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.tree.Exited():
		<-s.tree.Done()
		return true
	case <-timer.C:
		return false
	}
}

func (s *session) kill() {
	s.tree.Kill()
	<-s.tree.Done()
	s.tree.Stdout().Close() // a grandchild may have it
	s.wg.Wait()
}

// Package llmtest stands in for the services of models: it speaks their wire protocols, as their public references
// describe them, with everything that goes wrong on the way. Only tests use it.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Reply is what the server does with one request.
type Reply struct {
	Pieces []string // of the text
	Calls  []Call   // behind the text
	In     int      // tokens that it says it read; 0: it says nothing of tokens
	Out    int

	Status int // not 0: an error instead
	Error  string
	Header http.Header

	Stall time.Duration // after the first piece, or before anything when there is none
	Cut   bool          // the connection ends after the pieces
	Raw   string        // sent as it is, instead of everything above
	Whole bool          // all at once instead of a stream
}

// Call is a tool call of the model.
type Call struct{ ID, Name, Arguments string }

// Server answers with its replies, one after the other; the last one stays.
type Server struct {
	mu      sync.Mutex
	replies []Reply
	asked   []Request
}

// Request is what was asked.
type Request struct {
	Path   string
	Header http.Header
	Body   map[string]any
}

// New makes a server. It is an http.Handler.
func New(replies ...Reply) *Server { return &Server{replies: replies} }

// Asked are the requests so far.
func (s *Server) Asked() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.asked...)
}

func (s *Server) next(r Request) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	if len(s.replies) == 0 {
		return Reply{}
	}
	reply := s.replies[0]
	if len(s.replies) > 1 {
		s.replies = s.replies[1:]
	}
	return reply
}

// ServeHTTP implements http.Handler: /chat/completions of OpenAI and /messages of Anthropic, below any prefix.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	q := Request{Path: r.URL.Path, Header: r.Header}
	if err != nil || json.Unmarshal(raw, &q.Body) != nil {
		http.Error(w, "a request is JSON", http.StatusBadRequest)
		return
	}
	reply := s.next(q)
	for name, values := range reply.Header {
		w.Header()[name] = values
	}
	out := &stream{w: w, r: r, reply: reply}
	switch {
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		out.openAI(q.Body)
	case strings.HasSuffix(r.URL.Path, "/messages"):
		out.claude(q.Body)
	default:
		http.NotFound(w, r)
	}
}

type stream struct {
	w     http.ResponseWriter
	r     *http.Request
	reply Reply
}

func (s *stream) begin() bool {
	switch {
	case s.reply.Raw != "":
		s.w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(s.w, s.reply.Raw) //nolint:errcheck // the test sees what arrives
		return false
	case len(s.reply.Pieces) == 0 && s.reply.Stall > 0:
		s.stall()
	}
	if !s.reply.Whole {
		s.w.Header().Set("Content-Type", "text/event-stream")
	}
	return true
}

func (s *stream) stall() {
	select {
	case <-time.After(s.reply.Stall):
	case <-s.r.Context().Done():
	}
}

func (s *stream) event(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if name != "" {
		fmt.Fprintf(s.w, "event: %s\n", name)
	}
	fmt.Fprintf(s.w, "data: %s\n\n", b)
	s.w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
}

// cut ends the connection in the middle of the answer.
func (s *stream) cut() { panic(http.ErrAbortHandler) }

func (s *stream) json(status int, v any) {
	s.w.Header().Set("Content-Type", "application/json")
	s.w.WriteHeader(status)
	if err := json.NewEncoder(s.w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}

type object = map[string]any

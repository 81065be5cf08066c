package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// taker answers requests with one status after the other; the last one is for all that follow.
type taker struct {
	mu       sync.Mutex
	statuses []int
	bodies   []string
	headers  []http.Header
	paths    []string
}

func (s *taker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies, s.headers, s.paths = append(s.bodies, string(b)), append(s.headers, r.Header), append(s.paths, r.URL.Path)
	status := s.statuses[0]
	if len(s.statuses) > 1 {
		s.statuses = s.statuses[1:]
	}
	switch status {
	case 302:
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
		return
	case 429:
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	fmt.Fprint(w, "as you like")
}

// deliver posts one answer to a server that answers with these statuses.
func deliver(t *testing.T, config map[string]any, statuses ...int) (*taker, component.Result, error) {
	t.Helper()
	s := &taker{statuses: statuses}
	server := httptest.NewServer(s)
	defer server.Close()
	config["url"] = server.URL + "/hook?key=s3cret"
	if config["retry"] == nil {
		config["retry"] = map[string]any{"attempts": 3.0, "base": "1ms"}
	}
	kind, err := webhook.New(component.Spec{Name: "out", App: component.App{Name: "app"}, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	defer kind.Close(context.Background())
	if _, err := kind.Start(t.Context(), component.Env{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	res, err := kind.Handle(t.Context(), component.Task{Turn: "t-1", Session: "s-1", Attempt: 2, ContentType: "text/plain", Body: []byte("\nhello\n")})
	return s, res, err
}

func TestAnAnswerIsPosted(t *testing.T) {
	s, res, err := deliver(t, map[string]any{"secret": "k", "headers": map[string]any{"Authorization": "Bearer x"}}, 204)
	if err != nil || string(res.Body) != "hello" || len(s.bodies) != 1 {
		t.Fatalf("got %q, %v after %d requests", res.Body, err, len(s.bodies))
	}
	body := regexp.MustCompile(`"timestamp":[0-9.e+]+`).ReplaceAllString(s.bodies[0], `"timestamp":0`)
	if want := `{"turn":"t-1","session":"s-1","app":"app","component":"out","answer":"hello","attempt":2,"timestamp":0}`; body != want {
		t.Errorf("posted %s\nwant   %s", body, want)
	}
	h := s.headers[0]
	if h.Get("Authorization") != "Bearer x" || h.Get("Idempotency-Key") != "t-1" || h.Get("Content-Type") != "application/json" ||
		!regexp.MustCompile(`^sha256=[0-9a-f]{64}$`).MatchString(h.Get("X-WW-Signature")) {
		t.Errorf("headers %v", h)
	}
}

func TestWhenItIsTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		name     string
		statuses []int
		tries    int
		problem  string // empty: it was taken
	}{
		{"a server that comes back", []int{503, 500, 200}, 3, ""},
		{"one that is busy, and says for how long", []int{429, 200}, 2, ""},
		{"one that does not", []int{500}, 3, `did not take the answer, tried 3 times: 500 Internal Server Error ("as you like")`},
		{"a wrong address", []int{404}, 1, `tried once: 404 Not Found ("as you like")`},
		{"a redirection", []int{302}, 1, "tried once: 302 Found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _, err := deliver(t, map[string]any{}, tt.statuses...)
			if len(s.bodies) != tt.tries {
				t.Errorf("%d requests, want %d", len(s.bodies), tt.tries)
			}
			if (err == nil) != (tt.problem == "") || err != nil && (!strings.Contains(err.Error(), tt.problem) || !errors.Is(err, component.ErrSetAside)) {
				t.Errorf("got %v, want %q", err, tt.problem)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the reason holds a secret: %v", err)
			}
		})
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	kind, err := webhook.New(component.Spec{Name: "out", Config: map[string]any{"url": "http://127.0.0.1:1/x?key=s3cret", "retry": 1.0}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Start(t.Context(), component.Env{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	_, err = kind.Handle(t.Context(), component.Task{Turn: "t"})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1 did not take the answer, tried once: dial tcp 127.0.0.1:1: connect: connection refused") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestATurnThatEndsWhileItIsTried(t *testing.T) {
	kind, err := webhook.New(component.Spec{Name: "out", Config: map[string]any{"url": "http://127.0.0.1:1/", "retry": map[string]any{"base": "1h", "cap": "1h"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Start(t.Context(), component.Env{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = kind.Handle(ctx, component.Task{Turn: "t"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, component.ErrSetAside) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestDeclarationsThatCannotWork(t *testing.T) {
	for _, config := range []map[string]any{{}, {"url": "example.com/hook"}, {"url": "ftp://x/"}, {"url": "http://x/", "headers": 1.0}, {"url": "http://x/", "retry": map[string]any{"base": "soon"}}} {
		if _, err := webhook.New(component.Spec{Name: "out", Config: config}); err == nil {
			t.Errorf("%v is accepted", config)
		}
	}
}

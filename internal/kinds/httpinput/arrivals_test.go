package httpinput

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// A request that is half sent when the door closes is answered, and one that never comes is not waited for for ever.
func TestWhatIsBeingAskedIsHeard(t *testing.T) {
	var coming arrivals
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "heard") }), ReadHeaderTimeout: time.Minute}
	coming.watch(s)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\n"); err != nil {
		t.Fatal(err)
	}
	for !coming.some() { // until the server has taken the connection
		runtime.Gosched()
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if coming.wait(short); short.Err() == nil {
		t.Error("nobody was waited for")
	}
	heard := make(chan struct{})
	go func() {
		coming.wait(t.Context())
		close(heard)
	}()
	if _, err := io.WriteString(c, "Host: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); string(b) != "heard" {
		t.Errorf("got %q", b)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-heard
	<-served
}

func (a *arrivals) some() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.open) > 0
}

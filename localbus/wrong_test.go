package localbus

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// wrongCallee is a component llm that keeps to the protocol until somebody calls it. serve has its connections, one after
// the other.
func wrongCallee(t *testing.T, dir string, serve func(t *testing.T, c net.Conn)) {
	t.Helper()
	const instance = "llm-zzzz"
	if err := prepare(dir); err != nil {
		t.Fatal(err)
	}
	lease, err := takeLease(dir, instance)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(instancesDir(dir), instance+".s"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		_ = lease.release()
	})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			ours := hello{Min: 1, Max: 1, App: "0123abcd", Instance: instance, Component: "llm", Role: RoleComponent, MaxFrame: DefaultMaxFrame}
			if _, err := handshake(c, ours, false); err == nil {
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				serve(t, c)
			}
			_ = c.Close()
		}
	}()
	r := Record{
		V: RecordVersion, Instance: instance, Component: "llm", Role: RoleComponent, State: StateReady, Generation: 1, Socket: instance + ".s",
		RegisteredAt: time.Now(),
	}
	if err := writeRecord(dir, &r, nil); err != nil {
		t.Fatal(err)
	}
}

// calls are the requests that come on a connection, until it ends.
func calls(c net.Conn, each func(stream uint32, body string)) {
	var buf []byte
	for {
		f, n, _, err := parseFrame(buf, HardMaxFrame)
		if err != nil {
			return
		}
		if n > 0 {
			if f.typ == frameMsg {
				each(f.stream, string(f.body))
			}
			buf = buf[n:]
			continue
		}
		more := make([]byte, 64<<10)
		got, err := c.Read(more)
		if err != nil {
			return
		}
		buf = append(buf, more[:got]...)
	}
}

func reply(stream uint32, body string) []byte {
	m := event.Message{Header: event.Header{ID: "a", Type: "r", Source: "llm"}, Body: []byte(body)}
	b, _ := appendMessage(nil, frameStreamEnd, 0, stream, &m, DefaultMaxFrame)
	return b
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// What comes a second time, or for nobody, is dropped: each call has one answer, its own.
func TestWhoAnswersTwiceIsHeardOnce(t *testing.T) {
	dir := runDir(t)
	wrongCallee(t, dir, func(_ *testing.T, c net.Conn) {
		calls(c, func(stream uint32, body string) {
			all := append(reply(stream+1000, "for nobody"), reply(stream, body+" once")...)
			all = append(all, reply(stream, body+" twice")...)
			all = append(all, appendBare(nil, frameNack, 0, stream, []byte(`{"code":"REFUSED"}`), nil)...)
			_, _ = c.Write(all)
		})
	})
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	for _, body := range []string{"first", "second", "third"} {
		got, err := c.Call(within(t, 5*time.Second), "llm", msg("q", body), nil)
		if err != nil || string(got.Body) != body+" once" {
			t.Errorf("%s: %q (%v)", body, got.Body, err)
		}
	}
}

// The answer to a call that nobody waits for any more is dropped, and is not taken for that of the next one.
func TestALateAnswerIsNobodys(t *testing.T) {
	dir := runDir(t)
	wrongCallee(t, dir, func(_ *testing.T, c net.Conn) {
		var late []byte
		calls(c, func(stream uint32, body string) {
			if late == nil {
				late = reply(stream, "late: "+body)
				return
			}
			_, _ = c.Write(append(late, reply(stream, "in time: "+body)...))
		})
	})
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	var e *bus.Error
	if got, err := c.Call(within(t, 50*time.Millisecond), "llm", msg("q", "one"), nil); !errors.As(err, &e) || e.Code != bus.Deadline {
		t.Errorf("%q, %v, want the end of the time", got.Body, err)
	}
	for _, body := range []string{"two", "three"} {
		got, err := c.Call(within(t, 5*time.Second), "llm", msg("q", body), nil)
		if err != nil || string(got.Body) != "in time: "+body {
			t.Errorf("%s: %q (%v)", body, got.Body, err)
		}
	}
}

// A callee that dies in the middle of a frame has not answered: the call ends at once, and the next one finds whoever is there
// then. So it is for a caller that dies in the middle of its question.
func TestHalfAFrameIsNone(t *testing.T) {
	dir := runDir(t)
	died := false
	wrongCallee(t, dir, func(_ *testing.T, c net.Conn) {
		calls(c, func(stream uint32, body string) {
			whole := reply(stream, body)
			if !died {
				died = true
				_, _ = c.Write(whole[:len(whole)-1])
				_ = c.Close()
				return
			}
			_, _ = c.Write(whole)
		})
	})
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	var e *bus.Error
	if got, err := c.Call(within(t, 5*time.Second), "llm", msg("q", "one"), nil); !errors.As(err, &e) || e.Code != bus.PeerDied {
		t.Errorf("%q, %v, want %s", got.Body, err, bus.PeerDied)
	}
	if got, err := c.Call(within(t, 5*time.Second), "llm", msg("q", "two"), nil); err != nil || string(got.Body) != "two" {
		t.Errorf("%q (%v)", got.Body, err)
	}

	p := ready(t, join(t, Options{Dir: dir, Component: "tool", Receiver: part{call: func(r bus.Request) {
		if string(r.Message().Body) == "half" {
			t.Error("half a question was asked")
		}
		echo(r)
	}}}))
	m := msg("q", "half")
	half, _ := appendMessage(nil, frameMsg, flagCall, 1, &m, DefaultMaxFrame)
	s := stranger(t, dir, p.Instance())
	if _, err := s.Write(half[:len(half)-1]); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if got, err := c.Call(within(t, 5*time.Second), "tool", msg("q", "whole"), nil); err != nil || string(got.Body) != "whole" {
		t.Errorf("%q (%v)", got.Body, err)
	}
}

// A callee that writes its answer byte by byte is heard when it is done. One that does not get done in time holds up its
// caller until then, and nobody else.
func TestAnAnswerMayComeByteByByte(t *testing.T) {
	dir := runDir(t)
	goOn := make(chan struct{})
	defer close(goOn)
	wrongCallee(t, dir, func(_ *testing.T, c net.Conn) {
		calls(c, func(stream uint32, body string) {
			whole := reply(stream, body)
			for i := range whole {
				if body == "never done" && i == len(whole)/2 {
					<-goOn
				}
				_, _ = c.Write(whole[i : i+1])
			}
		})
	})
	ready(t, join(t, Options{Dir: dir, Component: "tool", Receiver: part{call: echo}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if got, err := c.Call(within(t, 5*time.Second), "llm", msg("q", "patience"), nil); err != nil || string(got.Body) != "patience" {
		t.Errorf("%q (%v)", got.Body, err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := c.Call(within(t, 300*time.Millisecond), "llm", msg("q", "never done"), nil)
		ended <- err
	}()
	for range 20 {
		if _, err := c.Call(within(t, 5*time.Second), "tool", msg("q", "x"), nil); err != nil {
			t.Errorf("somebody else is held up: %v", err)
		}
	}
	var e *bus.Error
	if err := <-ended; !errors.As(err, &e) || e.Code != bus.Deadline {
		t.Errorf("%v, want the end of the time", err)
	}
}

// A callee that streams without waiting for credit fills nobody's memory: what is too much is lost, and the answer counts.
func TestAFloodOfPiecesEndsInTheAnswer(t *testing.T) {
	dir := runDir(t)
	const flood = 20_000
	wrongCallee(t, dir, func(_ *testing.T, c net.Conn) {
		calls(c, func(stream uint32, body string) {
			m := event.Message{Header: event.Header{ID: "p", Type: "piece", Source: "llm"}, Body: []byte(strings.Repeat("x", 100))}
			var b []byte
			for range flood {
				b, _ = appendMessage(b, frameStream, 0, stream, &m, DefaultMaxFrame)
			}
			_, _ = io.Copy(c, strings.NewReader(string(append(b, reply(stream, body)...))))
		})
	})
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	pieces := 0
	got, err := c.Call(within(t, 10*time.Second), "llm", msg("q", "enough"), func(event.Message) {
		if pieces++; pieces == 1 {
			time.Sleep(50 * time.Millisecond) //nolint:forbidigo // whoever shows the pieces is slow
		}
	})
	if err != nil || string(got.Body) != "enough" || pieces > flood {
		t.Errorf("%q (%v) after %d pieces", got.Body, err, pieces)
	}
}

// Who connects and leaves without a word, as a client does that asks in passing, is nothing to warn of; half a HELLO is.
func TestWhoLeavesWithoutAWordIsNothingToWarnOf(t *testing.T) {
	for _, tt := range []struct{ said, want string }{{"", "level=DEBUG"}, {"\x00", "level=WARN"}} {
		dir := runDir(t)
		lines := make(chan string, 10)
		log := slog.New(slog.NewTextHandler(writer(func(b []byte) { lines <- string(b) }), &slog.HandlerOptions{Level: slog.LevelDebug}))
		p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}, Log: log}))
		c, err := net.Dial("unix", filepath.Join(instancesDir(dir), p.Instance()+".s"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(tt.said)); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		for line := ""; !strings.Contains(line, "connection refused"); {
			select {
			case line = <-lines:
			case <-t.Context().Done():
				t.Fatal("nothing is logged")
			}
			if strings.Contains(line, "connection refused") && !strings.Contains(line, tt.want) {
				t.Errorf("after %q: %s, want %s", tt.said, line, tt.want)
			}
		}
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}

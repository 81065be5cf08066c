package component

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fanout"
)

// earSeat is a seat that only hears.
type earSeat struct {
	bus.Bus
	deaf  bool
	mu    sync.Mutex
	heard []event.Message
}

func (s *earSeat) Announce(Announcement) error { return nil }
func (s *earSeat) Siblings() []Sibling         { return nil }
func (s *earSeat) Close() error                { return nil }
func (s *earSeat) Heard(string) bool           { return !s.deaf }

func (s *earSeat) Arrivals(context.Context, string, func()) {}

func (s *earSeat) Publish(m event.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, m)
}

func telling(t *testing.T, s *earSeat, hooks ...fanout.Subscriber) *Runner {
	t.Helper()
	r := newRunner(Deps{Spec: Spec{Name: "c", Kind: "llm", Instance: "c-1"}, Log: slog.New(slog.DiscardHandler)})
	r.ctx, r.seat = context.Background(), s
	if err := r.openEvents(hooks); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadyAndActiveAreToldFourTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &earSeat{}
		r := telling(t, s)
		r.tellState(0)
		r.setState(StateReady)
		r.slots.open(Traits{})
		r.slots.begin()
		for range 1000 { // two seconds
			r.slots.take()
			r.tellLoad()
			<-time.After(time.Millisecond)
			r.slots.release()
			r.tellLoad()
			<-time.After(time.Millisecond)
		}
		<-time.After(time.Second)
		r.closeEvents()
		if n := len(s.heard); n < 4 || n > 11 {
			t.Errorf("%d announcements in three seconds", n)
		}
		var last event.StateChanged
		for i, m := range s.heard {
			before := last.NewState
			if err := json.Unmarshal(m.Body, &last); err != nil || i > 0 && last.OldState != before {
				t.Errorf("%s after %s (%v)", m.Body, before, err)
			}
		}
		if last.NewState != StateReady {
			t.Errorf("in the end it is %s", last.NewState)
		}
	})
}

// tellAll makes every event that depends on a message.
func tellAll(r *Runner) {
	tellOf(r, &event.Message{Header: event.Header{Turn: "t", Session: "s"}, Body: []byte("x")})
}

func tellOf(r *Runner, m *event.Message) {
	r.tellLoad()
	r.tellRequest(m)
	r.tellOutcome(m, delivery.Outcome{Body: m.Body}, time.Millisecond)
	r.tellOutcome(m, delivery.Outcome{Err: "z"}, time.Millisecond)
	r.tellSession(m)
}

func TestWhatNobodyHearsIsNotMade(t *testing.T) {
	s := &earSeat{deaf: true}
	r := telling(t, s)
	m := &event.Message{Body: []byte("x")}
	if n := testing.AllocsPerRun(100, func() { tellOf(r, m) }); n > 0 {
		t.Errorf("%v allocations for nobody", n)
	}
	r.closeEvents()
	if len(s.heard) > 0 {
		t.Errorf("heard %v", s.heard)
	}
}

func TestHooksHearWithoutTheBus(t *testing.T) {
	var hooked []string
	r := telling(t, &earSeat{deaf: true}, fanout.Subscriber{Name: "hook", Pattern: "llm.*", Handle: func(m event.Message) {
		hooked = append(hooked, m.Type)
	}})
	tellAll(r)
	r.closeEvents()
	if len(hooked) != 2 || hooked[0] != "llm.request" || hooked[1] != "llm.output" {
		t.Errorf("hooked %v", hooked)
	}
}

func TestAHookThatCannotBeServedIsRefused(t *testing.T) {
	r := newRunner(Deps{Spec: Spec{Name: "c"}})
	r.seat = &earSeat{}
	if err := r.openEvents([]fanout.Subscriber{{Name: "hook", Pattern: "a..b", Handle: func(event.Message) {}}}); err == nil {
		t.Error("a pattern that means nothing was taken")
	}
}

func TestResultsOfCalls(t *testing.T) {
	for want, err := range map[string]error{
		"ok": nil, "BUSY": &bus.Error{Code: bus.Busy}, "DEADLINE": context.DeadlineExceeded, "FAILED": errors.New("x"),
	} {
		if got := callResult(err); got != want {
			t.Errorf("%v counts as %s, want %s", err, got, want)
		}
	}
}

func TestSessionsAreKnownUpToABound(t *testing.T) {
	var k knownSessions
	for n := range 3 * maxSessions {
		if !k.add(string(rune('a'+n%26)) + time.Duration(n).String()) {
			t.Fatal("a new session was known")
		}
	}
	if len(k) > maxSessions {
		t.Errorf("%d sessions are known", len(k))
	}
	if k.add("the last one"); k.add("the last one") {
		t.Error("a session was forgotten at once")
	}
}

func BenchmarkTellingNobody(b *testing.B) {
	r := newRunner(Deps{Spec: Spec{Name: "c", Kind: "llm"}})
	r.ctx, r.seat = context.Background(), &earSeat{deaf: true}
	if err := r.openEvents(nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	m := &event.Message{Body: []byte("x")}
	for b.Loop() {
		tellOf(r, m)
	}
	r.closeEvents()
}

func BenchmarkCountingAHop(b *testing.B) {
	r := newRunner(Deps{Spec: Spec{Name: "c", Kind: "llm"}})
	in := &inbox{r: r}
	recs := []delivery.Record{
		{Kind: delivery.Turn, Head: event.Message{Header: event.Header{Session: "s"}}},
		{Kind: delivery.Out, Head: event.Message{Header: event.Header{Trace: event.AppendHop("", event.Hop{Component: "c", Instance: "c-1", QueueMS: 1, ServiceMS: 2})}}},
		{Kind: delivery.End, Head: event.Message{Header: event.Header{DataContentType: "text/plain"}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		in.count(recs)
	}
}

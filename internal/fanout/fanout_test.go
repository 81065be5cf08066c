package fanout

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ev(typ, body string) event.Message {
	return event.Message{Header: event.Header{Type: typ}, Body: []byte(body)}
}

// open makes a fan-out that is closed, and must be closable, at the end of the test.
func open(t testing.TB, topics []string, subs ...Subscriber) *Fanout {
	t.Helper()
	f, err := New(topics, nil, subs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f
}

func emit(t testing.TB, f *Fanout, m event.Message) {
	t.Helper()
	if err := f.Emit(m); err != nil {
		t.Fatal(err)
	}
}

// heard collects bodies.
type heard struct {
	mu  sync.Mutex
	all []event.Message
}

func (h *heard) take(m event.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, m)
}

func (h *heard) bodies() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, m := range h.all {
		out = append(out, string(m.Body))
	}
	return out
}

func TestEachSubscriberHearsWhatItsPatternFits(t *testing.T) {
	topics := []string{"component.started", "component.failed", "session.ended", "a.b", "xa.by", "deep.er.still"}
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"component.*", []string{"component.started", "component.failed"}},
		{"a.b", []string{"a.b"}}, // and not xa.by, which an unanchored matcher would take
		{"*.b", []string{"a.b"}},
		{">", topics},
		{"*", nil},
		{"deep.>", []string{"deep.er.still"}},
		{"deep.*", nil},
		{"deep.er.still.>", nil},
		{"*.*.*", []string{"deep.er.still"}},
		{"[a-z]+.b", nil}, // no regular expressions
	} {
		t.Run(c.pattern, func(t *testing.T) {
			var h heard
			f, err := New(topics, nil, Subscriber{Name: "s", Pattern: c.pattern, Handle: h.take})
			if err != nil {
				t.Fatal(err)
			}
			for _, topic := range topics {
				emit(t, f, ev(topic, topic))
			}
			if err := f.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := h.bodies(); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := f.Stats()[0]; got.Topics != len(c.want) || got.Handled != uint64(len(c.want)) {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

func TestABadSubscriberIsAnError(t *testing.T) {
	ok := Subscriber{Name: "ok", Pattern: ">", Handle: func(event.Message) {}}
	for name, s := range map[string]Subscriber{
		"empty pattern":      {Name: "s", Handle: ok.Handle},
		"empty token":        {Name: "s", Pattern: "a..b", Handle: ok.Handle},
		"dot at the end":     {Name: "s", Pattern: "a.", Handle: ok.Handle},
		"rest in the middle": {Name: "s", Pattern: "a.>.b", Handle: ok.Handle},
		"part of a word":     {Name: "s", Pattern: "a.b*", Handle: ok.Handle},
		"not UTF-8":          {Name: "s", Pattern: "a.\xff", Handle: ok.Handle},
		"no name":            {Pattern: ">", Handle: ok.Handle},
		"name taken":         ok,
		"no function":        {Name: "s", Pattern: ">"},
	} {
		f, err := New([]string{"a"}, nil, ok, s)
		var se *SubscriberError
		if !errors.As(err, &se) || f != nil {
			t.Errorf("%s: got %v, %v", name, f, err)
		}
	}
	for _, topic := range []string{"", "a..b", "a.*", "a>"} {
		var te *TopicError
		if _, err := New([]string{topic}, nil, ok); !errors.As(err, &te) {
			t.Errorf("topic %q: got %v", topic, err)
		}
	}
}

func TestAnUnknownEventIsAnError(t *testing.T) {
	f := open(t, []string{"a"})
	if err := f.Emit(ev("b", "")); !errors.Is(err, ErrUnknownTopic) || !strings.Contains(err.Error(), `"b"`) {
		t.Fatalf("err = %v", err)
	}
	emit(t, f, ev("a", ""))
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Emit(ev("a", "")); !errors.Is(err, ErrClosed) {
		t.Fatalf("after Close: %v", err)
	}
}

func TestASlowSubscriberBlocksNobodyAndIsToldWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var slow, quick heard
		f := open(t, []string{"e"},
			Subscriber{Name: "slow", Pattern: "e", Queue: 3, Handle: func(m event.Message) { <-gate; slow.take(m) }},
			Subscriber{Name: "quick", Pattern: "e", Queue: 3, Handle: quick.take})
		for i := range 10 {
			emit(t, f, ev("e", strconv.Itoa(i)))
			synctest.Wait() // all that can happen has happened
		}
		if got := len(quick.bodies()); got != 10 {
			t.Errorf("the quick one heard %d of 10 while the slow one was busy", got)
		}
		if s := f.Stats()[0]; s.Dropped != 6 || s.Waiting != 3 {
			t.Errorf("stats of the slow one: %+v", s)
		}
		close(gate)
		synctest.Wait()
		if got, want := slow.bodies(), []string{"0", "7", "8", "9"}; !slices.Equal(got, want) {
			t.Fatalf("the slow one heard %q, want %q", got, want)
		}
		for i, want := range []int{0, 6, 0, 0} {
			if got := slow.all[i].Dropped; got != want {
				t.Errorf("message %d says that %d were dropped before it, want %d", i, got, want)
			}
		}
	})
}

func TestCountsOfEarlierDropsAreCarriedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var h heard
		f := open(t, []string{"e"}, Subscriber{Name: "s", Pattern: "e", Queue: 1, Handle: func(m event.Message) { <-gate; h.take(m) }})
		for i := range 4 {
			m := ev("e", strconv.Itoa(i))
			m.Dropped = 10 // lost on the way to us
			emit(t, f, m)
			synctest.Wait()
		}
		close(gate)
		synctest.Wait()
		// 1 and 2 were dropped here, with the ten each that they stood for; 3 has ten of its own.
		if got := h.all[len(h.all)-1]; string(got.Body) != "3" || got.Dropped != 32 {
			t.Fatalf("%q says that %d were dropped, want 3 and 32", got.Body, got.Dropped)
		}
	})
}

func TestOrderHoldsForEverySubscriberAndEmitter(t *testing.T) {
	const emitters, each = 4, 500
	var subs []Subscriber
	logs := make([]heard, 3)
	for i := range logs {
		subs = append(subs, Subscriber{Name: strconv.Itoa(i), Pattern: "e.>", Queue: emitters * each, Handle: logs[i].take})
	}
	f, err := New([]string{"e.0", "e.1", "e.2", "e.3"}, nil, subs...)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for e := range emitters {
		wg.Go(func() {
			for i := range each {
				if err := f.Emit(ev("e."+strconv.Itoa(e), strconv.Itoa(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range logs {
		next := map[string]int{}
		for _, m := range logs[i].all {
			if want := strconv.Itoa(next[m.Type]); string(m.Body) != want {
				t.Fatalf("subscriber %d: %s brought %q, want %q", i, m.Type, m.Body, want)
			}
			next[m.Type]++
		}
		if len(logs[i].all) != emitters*each {
			t.Fatalf("subscriber %d heard %d of %d", i, len(logs[i].all), emitters*each)
		}
	}
}

func TestAPanicIsReportedAndTheSubscriberLivesOn(t *testing.T) {
	var reports []*PanicError
	var h, other heard
	f, err := New([]string{"e"}, func(p *PanicError) { reports = append(reports, p) },
		Subscriber{Name: "hook", Pattern: "e", Handle: func(m event.Message) {
			if string(m.Body) == "bad" {
				panic("cannot")
			}
			h.take(m)
		}},
		Subscriber{Name: "other", Pattern: "e", Handle: other.take})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"a", "bad", "b"} {
		emit(t, f, ev("e", body))
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.bodies(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the hook heard %q", got)
	}
	if len(other.bodies()) != 3 {
		t.Errorf("the other heard %q", other.bodies())
	}
	if len(reports) != 1 || reports[0].Subscriber != "hook" || reports[0].Topic != "e" || reports[0].Value != "cannot" ||
		!strings.Contains(string(reports[0].Stack), "fanout_test.go") {
		t.Errorf("reports: %+v", reports)
	}
	if s := f.Stats()[0]; s.Panics != 1 || s.Handled != 3 {
		t.Errorf("stats %+v", s)
	}
}

func TestASubscriberMayEmit(t *testing.T) {
	var h heard
	made := make(chan *Fanout, 1)
	echoed := make(chan struct{})
	f, err := New([]string{"ask", "answer"}, nil,
		Subscriber{Name: "echo", Pattern: "ask", Queue: 1, Handle: func(m event.Message) {
			f := <-made
			for range 3 {
				if err := f.Emit(ev("answer", string(m.Body))); err != nil {
					t.Error(err)
				}
			}
			close(echoed)
		}},
		Subscriber{Name: "log", Pattern: "*", Handle: h.take})
	if err != nil {
		t.Fatal(err)
	}
	made <- f
	emit(t, f, ev("ask", "x"))
	<-echoed
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.bodies(); len(got) != 4 {
		t.Fatalf("heard %q", got)
	}
}

func TestEmitAllocatesNothing(t *testing.T) {
	f := open(t, []string{"e"}, Subscriber{Name: "s", Pattern: "e", Queue: 64, Handle: func(event.Message) {}})
	m := ev("e", "x")
	for range 200 {
		emit(t, f, m) // the ring has its size
	}
	if got := testing.AllocsPerRun(200, func() { _ = f.Emit(m) }); got > 0.5 {
		t.Errorf("%v allocations per event", got)
	}
}

func BenchmarkEmit(b *testing.B) {
	for _, n := range []int{0, 1, 10} {
		b.Run(strconv.Itoa(n)+"subscribers", func(b *testing.B) {
			var subs []Subscriber
			for i := range n {
				subs = append(subs, Subscriber{Name: strconv.Itoa(i), Pattern: "e", Handle: func(event.Message) {}})
			}
			f := open(b, []string{"e"}, subs...)
			m := ev("e", "x")
			b.ReportAllocs()
			for b.Loop() {
				_ = f.Emit(m)
			}
		})
	}
}

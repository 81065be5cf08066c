package breaker

import (
	"context"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"
)

func TestCallsCostNoMemory(t *testing.T) {
	closed := New(Settings{Timeout: -1})
	opened := New(Settings{})
	opened.ForceOpen("x", "y", 0)
	g := NewGroup(func(Route) Settings { return Settings{} })
	for name, f := range map[string]func(){
		"success": func() { tok, _ := closed.Allow(0); tok.Done(Success) },
		"ignored": func() { tok, _ := closed.Allow(time.Second); tok.Done(Ignored) },
		"refusal": func() {
			if _, err := opened.Allow(0); err == nil {
				t.Error("let in")
			}
		},
		"group": func() { g.Get(Route{"llm", "process"}) },
		"do":    func() { closed.Do(context.Background(), ok) },
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	br := New(Settings{})
	b.ReportAllocs()
	for b.Loop() {
		t, err := br.Allow(0)
		if err != nil {
			b.Fatal(err)
		}
		t.Done(Success)
	}
}

func BenchmarkRefusal(b *testing.B) {
	br := New(Settings{})
	for range 5 {
		t, _ := br.Allow(0)
		t.Done(Failure)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := br.Allow(0); err == nil {
			b.Fatal("let in")
		}
	}
}

func BenchmarkCallParallel(b *testing.B) {
	br := New(Settings{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if t, err := br.Allow(0); err == nil {
				t.Done(Success)
			}
		}
	})
}

func BenchmarkGroupCall(b *testing.B) {
	g := NewGroup(func(Route) Settings { return Settings{} })
	b.ReportAllocs()
	for b.Loop() {
		t, err := g.Get(Route{"llm", "process_request"}).Allow(0)
		if err != nil {
			b.Fatal(err)
		}
		t.Done(Success)
	}
}

func BenchmarkDo(b *testing.B) {
	br := New(Settings{Timeout: -1})
	b.ReportAllocs()
	for b.Loop() {
		if err := br.Do(b.Context(), ok); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGobreaker is the same call in sony/gobreaker, for comparison.
func BenchmarkGobreaker(b *testing.B) {
	br := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{})
	b.ReportAllocs()
	for b.Loop() {
		done, err := br.Allow()
		if err != nil {
			b.Fatal(err)
		}
		done(nil)
	}
}

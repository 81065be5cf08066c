package session_test

import (
	"fmt"
	"testing"

	"github.com/woodwork-lang/ww/internal/session"
)

// A turn is two lines. What the runner pays is BenchmarkTake; the writer's cost runs beside it.
func BenchmarkTurn(b *testing.B) {
	for _, sessions := range []int{1, 64, 1000} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) {
			s := open(b, session.Options{Dir: b.TempDir(), Queue: 1 << 20, Bytes: 1 << 30})
			b.ReportAllocs()
			for i := range b.N {
				id, sess := fmt.Sprint("t-", i), fmt.Sprint("s-", i%sessions)
				feed(s, []record{turnRecord(id, sess, "hello", t0), endRecord(id, sess, "hello", t0)}, false)
			}
			s.Flush()
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkTake(b *testing.B) {
	s := open(b, session.Options{Dir: b.TempDir()})
	turn, end := turnRecord("t-1", "s-1", "hello", t0), endRecord("t-1", "s-1", "hello", t0)
	b.ReportAllocs()
	for b.Loop() {
		s.Accepted(turn.m, turn.at, false)
		s.Ended(end.m, end.at, false)
	}
	b.StopTimer()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

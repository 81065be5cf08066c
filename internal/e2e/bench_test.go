package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// BenchmarkTurn is a whole turn through three processes, journals and END included, beside a raw ring of three processes
// that passes as many bytes.
func BenchmarkTurn(b *testing.B) {
	p := newProject(b, "in = input command_line { to: model }\nmodel = llm echo { to: out }\nout = output console {}\n")
	p.must("dev", "-d")
	b.Cleanup(func() { p.must("down"); p.nothing() })
	run, err := os.ReadFile(one(b, filepath.Join(p.dir, ".ww", "*", "run")))
	if err != nil {
		b.Fatal(err)
	}
	dir := strings.TrimSpace(string(run))
	seat, err := localbus.Join(b.Context(), localbus.Options{Dir: dir, App: filepath.Base(dir), Component: "bench", Role: localbus.RoleClient})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { seat.Close() })
	self := func(args ...string) *exec.Cmd { return p.command(append([]string{"bench-child"}, args...)...) }
	raw, done, err := bench.RawRing(b.Context(), self, p.run, 3, 1280)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = done() })
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			if err := raw(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		client := turn.Client{Bus: seat}
		session, text := turn.NewSession(), strings.Repeat("x", 1024)
		for b.Loop() {
			end, err := client.Ask(b.Context(), turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: "in"}, turn.Follow{})
			if err != nil || end.Status != event.StatusOK {
				b.Fatalf("%+v, %v", end, err)
			}
		}
	})
}

// one is the only file that fits a pattern.
func one(tb testing.TB, pattern string) string {
	tb.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		tb.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

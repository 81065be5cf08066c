package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Who interrupts a test, a verification or a replay in the middle of a turn waits for nothing, and nothing is left of it: no
// process, no state, no half of a report.
func TestAnAppOnAStageIsGoneWhenItIsInterrupted(t *testing.T) {
	for _, tc := range []struct {
		sig  syscall.Signal
		args []string
	}{
		{syscall.SIGINT, []string{"test", "--junit", "report.xml"}},
		{syscall.SIGTERM, []string{"migrate", "--mode", "centralized", "--measure=false", "--verify", "--turns", "turns.txt"}},
	} {
		t.Run(tc.args[0], func(t *testing.T) {
			t.Parallel()
			p := newProject(t, hello)
			p.write("slow.test.toml", "[[turn]]\nask = \"very slow\"\n")
			p.write("turns.txt", "very slow\n")
			f := p.startVerb(tc.args...)
			p.until("the turn is worked on", func() bool { return p.journaled("very slow") })
			f.signal(tc.sig)
			if r := f.end(); r.status != 130 {
				t.Errorf("status %d\n%s%s", r.status, r.out, r.err)
			}
			p.nothing()
			left, err := filepath.Glob(filepath.Join(p.dir, ".ww", "*", "*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left: %v %v", left, err)
			}
			reports, err := filepath.Glob(filepath.Join(p.dir, "*junit*"))
			if hidden, _ := filepath.Glob(filepath.Join(p.dir, ".*junit*")); err != nil || len(reports)+len(hidden) > 0 {
				t.Errorf("left: %v %v %v", reports, hidden, err)
			}
		})
	}
}

// journaled reports whether a text stands in a journal of the app: somebody took it.
func (p *project) journaled(text string) bool {
	p.t.Helper()
	journals, err := filepath.Glob(filepath.Join(p.dir, ".ww", "*", "j", "brain", "*", "*"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range journals {
		if b, err := os.ReadFile(name); err == nil && strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}

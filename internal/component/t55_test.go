package component_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/component"
)

// open counts the descriptors of this process.
func open(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	return len(entries)
}

// TestT55NothingIsLeftOfRunners: runners that have taken turns and have drained leave neither goroutines nor descriptors
// behind, their journals and locks included.
func TestT55NothingIsLeftOfRunners(t *testing.T) {
	busy := func() {
		a := &app{t: t, net: newNet(), state: t.TempDir()}
		out := a.start("out", handler{traits: component.Traits{Inline: true}, handle: pass("")})
		in := a.start("in", handler{handle: pass("")}, "out")
		for i := range 20 {
			a.ask(fmt.Sprint("t", i), fmt.Sprint("s", i), "x")
		}
		for _, r := range []running{in, out} {
			close(r.stop)
			<-r.done
		}
	}
	busy()
	ignore, before := goleak.IgnoreCurrent(), open(t)
	for range 3 {
		busy()
	}
	if err := goleak.Find(ignore); err != nil {
		t.Error(err)
	}
	if after := open(t); after != before {
		t.Errorf("%d descriptors are open, %d were before", after, before)
	}
}

//go:build soak

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// T54: two hundred components start at once. All of them become ready, nobody has to be started twice, and a turn passes
// through all of them.
func TestT54TwoHundredComponentsStartAtOnce(t *testing.T) {
	const n = 60 // in one chain: a turn has at most 64 hops
	var source strings.Builder
	source.WriteString("you = input command_line { to: m1 }\nscreen = output console {}\n")
	for i := 1; i <= 198; i++ {
		to := "screen"
		if i < n {
			to = fmt.Sprintf("m%d", i+1)
		}
		fmt.Fprintf(&source, "m%d = llm echo { to: %s }\n", i, to)
	}
	p := newProject(t, source.String())
	began := time.Now()
	p.must("dev", "-d", "--timing", "grace=5s") // otherwise as people run it: the pings of these tests would be the load
	t.Logf("ready after %s", time.Since(began))
	for name, r := range p.ps() {
		if r.State != "ready" || r.Restarts != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if got := p.must("chat", "hi"); got.out != "hi\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
}

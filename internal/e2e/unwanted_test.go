package e2e

import (
	"strings"
	"testing"
	"time"
)

// Nobody waits for a component that does not come back by itself: whoever calls it learns at once, and why.
func TestNobodyWaitsForWhatWasStopped(t *testing.T) {
	p := newProject(t, withTools)
	p.write("keeper.script", keeperScript)
	p.write("files.script", filesScript)
	p.must("dev", "-d")
	p.must("stop", "files")
	began := time.Now()
	got := p.ww("chat", "empty attic")
	if got.status != 1 || !strings.Contains(got.err, "stopped by hand") || !strings.Contains(got.err, "ww start files") {
		t.Errorf("status %d after %s\n%s", got.status, time.Since(began), got.err)
	}
	p.must("start", "files")
	if got := p.must("chat", "empty attic"); got.out != "attic is empty\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
}

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

const fragile = `
you = input command_line { to: helper }
helper = custom process { command: ["sh", "helper.sh"] }
`

// fragileScript says that it is ready, and falls over at once when there is a file "broken".
const fragileScript = `
echo '{"jsonrpc":"2.0","method":"ready"}'
test -e broken && exit 3
while IFS= read -r line; do :; done
`

// A pipe does not wait ten minutes for the deadline of a turn whose component will not come back by itself.
func TestAPipeDoesNotWaitForAComponentThatHasFailed(t *testing.T) {
	p := newProject(t, fragile)
	p.write("helper.sh", fragileScript)
	dev := p.dev("--trust")
	p.write("broken", "")
	p.kill(p.ps()["helper"].PIDs.Child, syscall.SIGKILL)
	p.until("helper has failed", func() bool { return p.ps()["helper"].State == "failed" })
	fmt.Fprintln(dev.stdin, "anybody there?")
	r := dev.end()
	if r.status != 1 || !strings.Contains(r.err, "it waits for helper, which failed") {
		t.Errorf("status %d\n%s", r.status, r.err)
	}
	p.nothing()
	if v := p.verified(); v.Pending != 1 {
		t.Errorf("journals: %+v, want the turn pending", v)
	}
}

// An app whose component cannot start was never ready, and does not say so while it is stopped.
func TestWhatNeverWasReadyDoesNotSaySoAtItsEnd(t *testing.T) {
	t.Parallel()
	p := newProject(t, strings.Replace(fragile, `"helper.sh"]`, `"helper.sh"], restart: never`, 1))
	p.write("helper.sh", "exit 3\n")
	if got := p.ww("dev", "-d", "--trust"); got.status != 1 || !strings.Contains(got.err, "helper cannot start: exit status 3") {
		t.Errorf("status %d: %s%s", got.status, got.out, got.err)
	}
	p.nothing()
	if log := p.must("logs", "ww").out; strings.Contains(log, "ready in") || !strings.Contains(log, "stopped 3 of 3") {
		t.Errorf("the log of ww:\n%s", log)
	}
}

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

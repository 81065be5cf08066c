package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

const withTools = `
you = input command_line { to: keeper }
keeper = agent scripted {
    script: "keeper.script"
    tools: [files]
    to: screen
}
files = custom scripted {
    script: "files.script"
    side_effects: true
}
screen = output console {}
`

const keeperScript = `
when "empty *"
    call files "look at {1}"
    call files "empty {1}"
    say "{last}"
`

const filesScript = `
when "look at *"
    log "looked at {1}"
    say "dust"
when "empty *"
    log "begins with {1}"
    wait 3s
    log "emptied {1}"
    say "{1} is empty"
`

// logged counts the lines of a component's log that end with a text.
func (p *project) logged(name, text string) int {
	p.t.Helper()
	return strings.Count(p.log(name), text+"\n")
}

// log is the newest part of a component's log.
func (p *project) log(name string) string {
	p.t.Helper()
	log, err := os.ReadFile(filepath.Join(p.dir, ".ww", "logs", name+".log"))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(log)
}

// An agent that dies while a tool changes the world does not have it changed twice, however often it dies.
func TestAKilledAgentDoesNotRepeatItsCalls(t *testing.T) {
	p := newProject(t, withTools)
	p.write("keeper.script", keeperScript)
	p.write("files.script", filesScript)
	p.must("dev", "-d")
	chat := p.later("chat", "empty attic")
	p.until("files is at work", func() bool { return p.logged("files", "begins with attic") > 0 })
	for range 2 {
		before := p.ps()["keeper"]
		p.kill(before.PIDs.Runner, syscall.SIGKILL)
		p.until("keeper is back", func() bool {
			now := p.ps()["keeper"]
			return now.PIDs.Runner > 0 && now.PIDs.Runner != before.PIDs.Runner && now.Load.InFlight > 0
		})
		if p.logged("files", "emptied attic") > 0 {
			t.Error("the tool was done before the agent was back: the kill hit nothing")
		}
	}
	if got := chat(); got.out != "attic is empty\n" || got.status != 0 {
		t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
	}
	p.must("down")
	p.nothing()
	for _, line := range []string{"looked at attic", "begins with attic", "emptied attic"} {
		if n := p.logged("files", line); n != 1 {
			t.Errorf("the tool says %q %d times, want once", line, n)
		}
	}
	if r := p.verified(); r.Accepted != 1 || r.Ended[event.StatusOK] != 1 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 1 turn, answered", r)
	}
}

package e2e

import (
	"encoding/json"
	"fmt"
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

const tenSteps = `
you = input command_line { to: ag }
brain = llm openai { api_key: "none" }
ag = agent llm { model: brain, tools: [tool, inner] }
inner = agent llm { model: brain, tools: [tool], breaker: { failure_threshold: 20 } }
tool = custom scripted { script: "tool.script" }
`

// The tool keeps no receipts: what is asked of it twice, it does twice.
const toolScript = `
when /"n": *"([a-z0-9]+)"/
    log "does {1}"
    wait 30ms
    log "did {1}"
    say "{1}"
`

// ten is a text that wants ten calls, and the answer to it.
func ten(run string) (text, answer string) {
	var calls, answers []string
	for n := range 10 {
		calls = append(calls, fmt.Sprintf(`call tool {"n":"%sx%d"}`, run, n))
		answers = append(answers, fmt.Sprintf("tool answered: %sx%d", run, n))
	}
	return strings.Join(calls, " "), strings.Join(answers, "\n") + "\n"
}

// An agent is killed between any two steps of a turn of ten, once a run, and after every step of the same turn; and so is
// one that another agent calls.
func TestAnAgentThatIsKilledBetweenAnyTwoStepsRepeatsNone(t *testing.T) {
	p := newProject(t, tenSteps)
	p.write("tool.script", toolScript)
	p.must("dev", "-d", "--offline")
	kill := func(name string) {
		before := p.ps()[name]
		p.kill(before.PIDs.Runner, syscall.SIGKILL)
		p.until(name+" is back", func() bool {
			now := p.ps()[name]
			return now.PIDs.Runner > 0 && now.PIDs.Runner != before.PIDs.Runner
		})
	}
	turn := func(run, agent string, dies func(n int) bool) {
		text, answer := ten(run)
		if agent != "ag" {
			b, err := json.Marshal(map[string]string{"action": text})
			if err != nil {
				t.Fatal(err)
			}
			text, answer = "call "+agent+" "+string(b), agent+" answered: "+answer
		}
		chat := p.later("chat", text)
		for n := range 10 {
			if dies(n) {
				p.until("the step is made", func() bool { return p.logged("tool", fmt.Sprintf("did %sx%d", run, n)) > 0 })
				kill(agent)
			}
		}
		if got := chat(); got.out != answer || got.status != 0 {
			t.Errorf("%s: answer %q, status %d\n%s", run, got.out, got.status, got.err)
		}
		again, kills := 0, 0
		for n := range 10 {
			made := p.logged("tool", fmt.Sprintf("did %sx%d", run, n))
			if made == 0 {
				t.Errorf("%s: step %d was not made", run, n)
			}
			again += made - 1
			if dies(n) {
				kills++
			}
		}
		// The one call that was under way when the agent died is asked again: its callee keeps no receipt.
		if again > kills {
			t.Errorf("%s: %d steps were made again after %d kills", run, again, kills)
		}
	}
	for n := range 10 {
		turn(fmt.Sprint("one", n), "ag", func(k int) bool { return k == n })
	}
	for _, agent := range []string{"ag", "inner"} {
		turn("all"+agent, agent, func(int) bool { return true })
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != 12 || r.Ended[event.StatusOK] != 12 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 12 turns, answered", r)
	}
}

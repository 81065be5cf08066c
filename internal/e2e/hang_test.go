package e2e

import (
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// TestT10AStoppedProcessIsForgivenOrReplaced: one that goes on in time has lost nothing and is not touched; one that does
// not is taken for hung, and its turn runs elsewhere.
func TestT10AStoppedProcessIsForgivenOrReplaced(t *testing.T) {
	t.Parallel()
	t.Run("for a moment", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, hello)
		p.timing = "heartbeat=100ms,hang=20s"
		p.must("dev", "-d")
		c := p.client("you")
		before := c.ready("brain")
		a := c.start("s", "slow")
		c.working("brain")
		p.kill(before, syscall.SIGSTOP)
		<-time.After(time.Second) // ten signs of life are missed
		p.kill(before, syscall.SIGCONT)
		a.ended(t, event.StatusOK)
		if after := p.ps()["brain"]; after.PIDs.Runner != before || after.Restarts != 0 {
			t.Errorf("it was replaced: %+v, before it was %d", after, before)
		}
		p.must("down")
		p.nothing()
		p.verified()
	})
	t.Run("for good", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, hello)
		p.must("dev", "-d")
		c := p.client("you")
		before := c.ready("brain")
		a := c.start("s", "slow")
		c.working("brain")
		p.kill(before, syscall.SIGSTOP)
		a.ended(t, event.StatusOK)
		if !zombie(before) {
			t.Error("the stopped process was not killed")
		}
		p.must("down")
		p.nothing()
		if r := p.verified(); r.Ended[event.StatusOK] != 1 || r.Dead != 0 {
			t.Errorf("journals: %+v, want one turn, answered", r)
		}
	})
}

// TestT11WhoGetsNoProcessorIsNotDead: twice as many busy processes as there are processors do not make anybody look hung.
func TestT11WhoGetsNoProcessorIsNotDead(t *testing.T) {
	p := newProject(t, hello)
	p.timing = "heartbeat=100ms,hang=2s"
	p.must("dev", "-d")
	c := p.client("you")
	before := map[string]int{"you": c.ready("you"), "brain": c.ready("brain"), "screen": c.ready("screen")}
	var busy sync.WaitGroup
	end := time.Now().Add(4 * time.Second) // how long it lasts is what is tested
	for range 2 * runtime.NumCPU() {
		busy.Go(func() {
			cmd := p.command()
			cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", "while :; do :; done"}
			if err := cmd.Start(); err != nil {
				t.Error(err)
				return
			}
			time.AfterFunc(time.Until(end), func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait() // killed
		})
	}
	for time.Now().Before(end) {
		c.start("s", "hello").ended(t, event.StatusOK)
	}
	busy.Wait()
	for name, pid := range before {
		if row := p.ps()[name]; row.PIDs.Runner != pid || row.Restarts != 0 {
			t.Errorf("%s was replaced: %+v", name, row)
		}
	}
	p.must("down")
	p.nothing()
	p.verified()
}

const stuckProcess = `
you = input command_line { to: bot }
bot = custom process { command: ["sh", "bot.sh"] }
`

// stuckBot answers at once, but to "loop", which it never leaves, and to "wait", which it waits in for ever.
const stuckBot = `
echo '{"jsonrpc":"2.0","method":"ready"}'
while IFS= read -r line; do
    case $line in
    *'"loop"'*) while :; do :; done ;;
    *'"wait"'*) sleep 1000 ;;
    *'"method":"process"'*)
        id=${line#*'"id":'}
        echo '{"jsonrpc":"2.0","id":'"${id%%,*}"',"result":"at once"}' ;;
    esac
done
`

// TestT12AHandlerThatNeverEnds: its process answers, so only the deadline of its turn can end it; and it does, also when
// nothing is left to work on other turns.
func TestT12AHandlerThatNeverEnds(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"loop", "wait"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, stuckProcess)
			p.timing = "turn=2s"
			p.write("bot.sh", stuckBot)
			p.must("dev", "-d", "--trust")
			c := p.client("you")
			c.start("s", "before").ended(t, event.StatusOK)
			a := c.start("s", how)
			a.ended(t, event.StatusTimeout, event.StatusDead)
			p.must("down")
			p.nothing()
			if r := p.verified(); r.Ended[event.StatusOK] != 1 || r.Pending != 0 {
				t.Errorf("journals: %+v", r)
			}
			if strings.Contains(p.log("bot"), "panic") {
				t.Errorf("log:\n%s", p.log("bot"))
			}
		})
	}
}

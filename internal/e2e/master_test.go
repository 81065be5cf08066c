package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// mixedApp has a part that goes by way of the task master, and one beside it that does not.
const mixedApp = `
you = input command_line { to: brain }
brain = agent scripted { script: "clerk.script", tools: [looker], to: screen }
looker = llm scripted { script: "looker.script" }
screen = output console { orchestration_mode: "centralized" }
straight = llm scripted { script: "looker.script", to: paper }
paper = output console {}
`

// outage is a storm over the task master alone.
type outage struct {
	*client
	t       *testing.T
	rng     *rand.Rand
	n       int
	through []*asked // turns that need it
	beside  []*asked // turns that do not
	slowest time.Duration
}

// The task master is killed, and stopped so that it neither works nor dies, under load, also while nobody supervises. Every
// time the part beside it goes on, turn by turn, while the part that needs it waits; a hang is found; then all is answered, once, in order.
func TestAnOutageOfTheTaskMasterStallsNobodyElse(t *testing.T) {
	seed := stormSeed(t)
	p := newProject(t, mixedApp)
	p.movedScripts()
	p.must("dev", "-d")
	for n := range 4 {
		p.must("sessions", "create", "--chain", "you,straight,paper", fmt.Sprintf("beside%d", n))
	}
	o := &outage{client: p.client("you"), t: t, rng: rand.New(rand.NewPCG(seed, 5))}
	o.patience = 2 * time.Minute
	over, rained := make(chan struct{}), make(chan []*asked, 1)
	go func() { rained <- o.drizzle(over) }()
	kinds := map[string]int{}
	for end := time.Now().Add(stormLength(t)); time.Now().Before(end) || len(kinds) < 4; {
		kind := []string{"killed", "stopped", "hung", "hung alone"}[o.n%4]
		o.suffer(kind)
		kinds[kind]++
	}
	close(over)
	turns := append(<-rained, o.through...)
	for _, a := range append(turns, o.beside...) {
		a.ended(t, event.StatusOK)
		if a.end.Answer != a.Text {
			t.Errorf("%q was answered %q (%s)", a.Text, a.end.Answer, a.end.Error)
		}
	}
	all := len(turns) + len(o.beside)
	p.must("down")
	p.nothing()
	p.inOrder("you")
	if r := p.verified(); r.Accepted != all || r.Ended[event.StatusOK] != all || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered, none set aside", r, all)
	}
	t.Logf("%d turns, outages %v; during them %d turns beside, the slowest took %v", all, kinds, len(o.beside), o.slowest.Round(time.Millisecond))
}

// suffer is one outage: it begins, the part beside goes on and the other waits, it ends.
func (o *outage) suffer(kind string) {
	o.t.Helper()
	master := o.master()
	<-time.After(time.Duration(o.rng.IntN(200)) * time.Millisecond)
	if kind == "hung alone" {
		pid := o.p.supervisor()
		o.p.kill(pid, syscall.SIGKILL)
		o.p.until("the supervisor is gone", func() bool { return zombie(pid) })
	}
	sig := syscall.SIGSTOP
	if kind == "killed" {
		sig = syscall.SIGKILL
	}
	o.p.kill(master, sig)
	if sig == syscall.SIGSTOP { // its threads learn it one after the other
		o.p.until("the task master is stopped", func() bool { return stopped(master) })
	}
	waits := o.start("through", fmt.Sprintf("wait %d 2", o.n))
	o.through = append(o.through, waits)
	o.goesOn()
	switch kind {
	case "stopped":
		if waits.over() {
			o.t.Errorf("%s: a turn went by way of a task master that is stopped", kind)
		}
		o.p.kill(master, syscall.SIGCONT)
	case "hung alone":
		if waits.over() {
			o.t.Errorf("%s: a turn went by way of a task master that is stopped", kind)
		}
		o.p.must("dev", "-d")
		fallthrough
	default:
		if o.replaced("task_master", master, patience) == 0 {
			o.t.Errorf("%s: no other task master", kind)
		}
	}
	waits.ended(o.t, event.StatusOK)
}

// stopped says whether all threads of a process have stopped.
func stopped(pid int) bool {
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range all {
		b, rerr := os.ReadFile(path)
		if rest := b[bytes.LastIndexByte(b, ')')+1:]; rerr == nil && (len(rest) < 2 || rest[1] != 'T') {
			return false
		}
	}
	return err == nil && len(all) > 0
}

// goesOn asks turns beside the task master, one after the other: each is answered.
func (o *outage) goesOn() {
	for range 5 {
		began := time.Now()
		a := o.start(fmt.Sprintf("beside%d", o.n%4), fmt.Sprintf("beside %d 2", o.n))
		a.ended(o.t, event.StatusOK)
		o.slowest = max(o.slowest, time.Since(began))
		o.beside, o.n = append(o.beside, a), o.n+1
	}
}

// master is the process of the task master that is ready.
func (o *outage) master() (pid int) {
	o.p.until("the task master is ready", func() bool {
		pid = o.ready("task_master")
		return pid != 0
	})
	return pid
}

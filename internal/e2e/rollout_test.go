package e2e

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// T45: a new version that dies within its first two seconds gives everything back to the old one.
func TestT45ANewVersionThatCrashesAtOnceGivesWayToTheOldOne(t *testing.T) {
	p := newProject(t, hello)
	p.says("one")
	dev := p.dev()
	before := p.pids()
	p.says("two")
	p.until("the new text counts", p.answered("two"))
	for _, r := range p.all("brain") {
		if r.Generation == 2 {
			p.kill(r.PIDs.Runner, syscall.SIGKILL)
		}
	}
	p.until("the old text counts again", p.answered("one"))
	p.until("the new one is gone", func() bool { return len(p.all("brain")) == 1 })
	p.same(before)
	if said := dev.said(); !strings.Contains(said, "generation 1 of brain serves again") {
		t.Errorf("it does not say so:\n%s", said)
	}
	p.says("three") // the old one can be replaced, and restarted, like any other
	p.until("the next text counts", p.answered("three"))
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

// T45: the supervisor is killed at some instant of a reload. The next one finishes it; nothing is there twice.
func TestT45AReloadWhoseSupervisorIsKilledIsFinishedByTheNext(t *testing.T) {
	p := newProject(t, hello)
	p.says("v0")
	p.must("dev", "-d")
	stop := p.busy()
	for n, after := range []time.Duration{40, 80, 110, 140, 180, 250} {
		word := fmt.Sprintf("v%d", n+1)
		pid := p.supervisor()
		p.says(word)
		time.Sleep(after * time.Millisecond) //nolint:forbidigo // an instant that nobody can wait for
		p.kill(pid, syscall.SIGKILL)
		p.until("the supervisor is gone", func() bool { return zombie(pid) })
		p.must("dev", "-d")
		p.until(word+" counts", p.answered(word))
		p.until("there is one of each", func() bool {
			return len(p.all("brain")) == 1 && len(p.all("you")) == 1 && len(p.all("screen")) == 1
		})
	}
	stop()
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

// T45: who orders something while a reload is under way has it done afterwards, to the version that serves then.
func TestT45AnOrderDuringAReloadIsCarriedOutAfterIt(t *testing.T) {
	p := newProject(t, hello)
	p.says("one")
	dev := p.dev()
	during := func(save func(), order ...string) result {
		t.Helper()
		reloads := strings.Count(dev.said(), "reload:")
		save()
		p.until("a reload has begun", func() bool { return strings.Count(dev.said(), "reload:") > reloads })
		return p.ww(order...)
	}
	serves := func(word string, instances int) {
		t.Helper()
		p.until(fmt.Sprintf("there are %d of them", instances), func() bool { return len(p.all("brain")) == instances })
		if !p.answered(word)() {
			t.Errorf("%s does not serve", word)
		}
	}
	broken := func() { p.write("brain.script", "when \"x\" nonsense\n") }

	if got := during(func() { p.says("two") }, "scale", "brain=2"); got.status != 0 {
		t.Errorf("scale: status %d\n%s", got.status, got.err)
	}
	serves("two", 2)
	if got := during(func() { p.says("three") }, "stop", "brain.1"); got.status != 0 {
		t.Errorf("stop: status %d\n%s", got.status, got.err)
	}
	p.until("one of them is stopped", func() bool {
		all := p.all("brain")
		return len(all) == 2 && (all[0].State == string(state.Stopped)) != (all[1].State == string(state.Stopped))
	})
	serves("three", 2)

	// A version that does not become ready: more instances would not, either.
	if got := during(broken, "scale", "brain=3"); got.status != 1 || !strings.Contains(got.err, "brain.2 does not start: exit status 1") {
		t.Errorf("scale to a broken version: status %d\n%s", got.status, got.err)
	}
	serves("three", 2)
	if got := during(func() { p.write("brain.script", "when \"y\" nonsense\n") }, "down"); got.status != 0 {
		t.Errorf("down: status %d\n%s", got.status, got.err)
	}
	dev.end()
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

// supervisor is the pid of the one that runs the app.
func (p *project) supervisor() int {
	p.t.Helper()
	var o struct{ PID int }
	decode(p.t, p.lock(), &o)
	return o.PID
}

// busy asks turns, whose answers nobody looks at, until it is stopped; none may fail.
func (p *project) busy() (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ; n++ {
			select {
			case <-over:
				return
			default:
			}
			if got := p.ww("chat", fmt.Sprint(n)); got.status != 0 {
				p.t.Errorf("turn %d: status %d\n%s", n, got.status, got.err)
			}
		}
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() { close(over) })
		<-ended
	}
	p.t.Cleanup(stop)
	return stop
}

// Instances share the work; fewer of them finish what they have first, and what a person ordered outlives the supervisor.
func TestScaleUpAndDown(t *testing.T) {
	p := newProject(t, strings.Replace(hello, "to: screen }\n", "to: screen, replicas: 2 }\n", 1))
	p.must("dev", "-d")
	if n := len(p.all("brain")); n != 2 {
		t.Fatalf("%d instances, want 2", n)
	}
	p.must("scale", "brain=4")
	ready := func(n int) func() bool {
		return func() bool {
			all := p.all("brain")
			for _, r := range all {
				if r.State != "ready" && r.State != "active" {
					return false
				}
			}
			return len(all) == n
		}
	}
	p.until("there are 4", ready(4))
	instances := map[string]bool{}
	var waits []func() result
	for n := range 12 {
		waits = append(waits, p.later("chat", "--json", "--session", fmt.Sprintf("s-%d", n), "slow"))
	}
	p.until("all of them work", func() bool {
		for _, r := range p.all("brain") {
			if r.Load.InFlight > 0 {
				instances[r.Instance] = true
			}
		}
		return len(instances) == 4
	})
	p.must("scale", "brain=1")
	for _, wait := range waits {
		var a struct{ Answer, Status string }
		got := wait()
		decode(t, got.out, &a)
		if a.Status != "ok" || a.Answer+"\n" != slowAnswer {
			t.Errorf("a turn during the scale: %s%s", got.out, got.err)
		}
	}
	p.until("1 is left", ready(1))
	pid := p.supervisor()
	p.kill(pid, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(pid) })
	p.must("dev", "-d")
	if n := len(p.all("brain")); n != 1 {
		t.Errorf("after an adoption there are %d", n)
	}
	p.must("stop", "brain.0")
	p.must("start", "brain")
	p.must("scale", "brain=3")
	p.must("stop", "brain.1")
	for n := range 8 { // its partitions are its siblings' now
		if got := p.must("chat", "--session", fmt.Sprintf("s-%d", n), "hi"); got.out != "you said hi\n" {
			t.Errorf("answer %q", got.out)
		}
	}
	if got := p.ww("scale", "brain=0"); got.status != 2 {
		t.Errorf("ww scale brain=0: status %d", got.status)
	}
	if got := p.ww("scale", "brian=2"); got.status != 2 || !strings.Contains(got.err, `did you mean "brain"`) {
		t.Errorf("ww scale brian=2: status %d, %s", got.status, got.err)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

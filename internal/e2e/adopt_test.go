package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// pids are the runners of an app by component.
func (p *project) pids() map[string]int {
	p.t.Helper()
	by := map[string]int{}
	for name, r := range p.ps() {
		by[name] = r.PIDs.Runner
	}
	return by
}

// same reports components whose process is another one.
func (p *project) same(before map[string]int) {
	p.t.Helper()
	for name, pid := range p.pids() {
		if pid != before[name] {
			p.t.Errorf("%s: pid %d before, %d after the adoption", name, before[name], pid)
		}
	}
}

// load asks turns one after the other until it is stopped; every one must be answered.
func (p *project) load(n int) (stop func() int) {
	over := make(chan struct{})
	answered := make([]chan int, n)
	for i := range answered {
		answered[i] = make(chan int, 1)
		go func() {
			done := 0
			for k := 0; ; k++ {
				select {
				case <-over:
					answered[i] <- done
					return
				default:
				}
				want := fmt.Sprintf("you said %d/%d\n", i, k)
				if got := p.ww("chat", fmt.Sprintf("%d/%d", i, k)); got.out != want || got.status != 0 {
					p.t.Errorf("answer %q, status %d, want %q\n%s", got.out, got.status, want, got.err)
				}
				done++
			}
		}()
	}
	return func() (all int) {
		close(over)
		for _, c := range answered {
			all += <-c
		}
		return all
	}
}

// T02: the supervisor is killed under load, and a new one takes its place. No process changes, no turn fails.
func TestT02ANewSupervisorAdoptsWhatAKilledOneLeft(t *testing.T) {
	p := newProject(t, hello)
	first := p.dev()
	before := p.pids()
	stop := p.load(2)
	first.signal(syscall.SIGKILL)
	first.end()
	slow := p.later("chat", "steady")
	p.until("the turn is at work", func() bool { return p.ps()["brain"].Load.InFlight > 0 })
	began := time.Now()
	second := p.dev()
	t.Logf("ready again after %s", time.Since(began))
	p.same(before)
	time.Sleep(2500 * time.Millisecond) //nolint:forbidigo // longer than an orphan lives: nothing is to happen, so there is no event
	p.same(before)
	if got := slow(); got.out != slowAnswer {
		t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
	}
	n := stop()
	second.signal(syscall.SIGINT)
	if got := second.end(); got.status != 130 || !strings.Contains(got.err, "stopped 3 of 3, 0 processes left") {
		t.Errorf("status %d\n%s", got.status, got.err)
	}
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != n+1 || r.Pending != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, n+1)
	}
}

// T03: the supervisor is killed and never comes back.
func TestT03WithoutASupervisorEverythingEndsAfterTheGrace(t *testing.T) {
	p := newProject(t, hello)
	dev := p.dev()
	p.later("chat", "very slow")
	p.working("brain")
	dev.signal(syscall.SIGKILL)
	p.nothing()
	if r := p.verified(); r.Pending != 1 {
		t.Errorf("journals: %+v, want 1 turn that is pending", r)
	}
}

// T04: the supervisor and all runners are killed at once. The next ww finds what they left, and the turn goes on.
func TestT04WhatIsLeftOfATotalKillIsFoundByTheNextRun(t *testing.T) {
	p := newProject(t, hello)
	dev := p.dev()
	chat := p.later("chat", "steady")
	p.working("brain")
	victims := p.pids()
	dev.signal(syscall.SIGKILL)
	for _, pid := range victims {
		p.kill(pid, syscall.SIGKILL)
	}
	dev.end()
	again := p.dev()
	p.until("the turn has ended", func() bool { return p.ps()["brain"].Load.InFlight == 0 })
	chat() // it may have given up meanwhile
	again.signal(syscall.SIGTERM)
	again.end()
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 1 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 1 turn, answered", r)
	}
}

// Runners that died while nobody looked are started again, what a person stopped stays stopped.
func TestAnAdopterGoesOnFromWhatWasWanted(t *testing.T) {
	p := newProject(t, hello+"spare = llm echo {}\n")
	var s struct{ PID int }
	decode(t, p.must("dev", "-d", "--json").out, &s)
	p.must("stop", "spare")
	before := p.ps()
	if before["spare"].State != "stopped" {
		t.Errorf("after ww stop: %+v", before["spare"])
	}
	p.kill(s.PID, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(s.PID) })
	p.kill(before["brain"].PIDs.Runner, syscall.SIGKILL)
	p.until("brain is gone", func() bool { return zombie(before["brain"].PIDs.Runner) })
	p.must("dev", "-d")
	after := p.ps()
	if after["spare"].State != "stopped" || after["spare"].PIDs.Runner != 0 {
		t.Errorf("what was stopped: %+v", after["spare"])
	}
	if after["brain"].State != "ready" || after["brain"].PIDs.Runner == before["brain"].PIDs.Runner {
		t.Errorf("what had died: %+v", after["brain"])
	}
	if after["you"].PIDs.Runner != before["you"].PIDs.Runner {
		t.Errorf("what lived: %+v before, %+v after", before["you"], after["you"])
	}
	p.kill(after["screen"].PIDs.Runner, syscall.SIGKILL) // an adopted one that dies is started again
	p.until("screen is back", func() bool {
		now := p.ps()["screen"]
		return now.State == "ready" && now.PIDs.Runner != after["screen"].PIDs.Runner && now.Restarts == 1
	})
	p.must("start", "spare")
	if now := p.all("spare"); len(now) != 1 || now[0].State != "ready" {
		t.Errorf("after ww start: %+v", now)
	}
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
}

// Who adopts decides whether the app outlives him: one that was started in the background and is looked after in the
// foreground ends when that is killed, and the other way round it serves on.
func TestWhoAdoptsDecidesWhetherTheAppOutlivesHim(t *testing.T) {
	p := newProject(t, hello)
	p.must("dev", "-d")
	before := p.pids()
	pid := p.supervisor()
	p.kill(pid, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(pid) })
	dev := p.dev()
	p.same(before)
	dev.signal(syscall.SIGKILL)
	dev.end()
	p.must("dev", "-d") // in time: within the grace
	p.same(before)
	pid = p.supervisor()
	p.kill(pid, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(pid) })
	time.Sleep(2500 * time.Millisecond) //nolint:forbidigo // longer than an orphan lives: nothing is to happen, so there is no event
	p.same(before)
	dev = p.dev()
	p.same(before)
	dev.signal(syscall.SIGKILL)
	p.nothing()
}

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

// Whatever component dies in the middle of a turn, the turn is answered, once.
func TestAKilledComponentCostsNoTurn(t *testing.T) {
	p := newProject(t, hello)
	p.must("dev", "-d")
	for _, victim := range []string{"you", "brain", "screen"} {
		chat := p.later("chat", "slow")
		p.working("brain")
		before := p.ps()[victim]
		p.kill(before.PIDs.Runner, syscall.SIGKILL)
		if got := chat(); got.out != slowAnswer || got.status != 0 {
			t.Errorf("%s killed: answer %q, status %d\n%s", victim, got.out, got.status, got.err)
		}
		p.until(victim+" is back", func() bool { return p.ps()[victim].State == "ready" })
		after := p.ps()[victim]
		if after.PIDs.Runner == before.PIDs.Runner || after.Restarts != before.Restarts+1 {
			t.Errorf("%s: %+v before, %+v after the kill", victim, before, after)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != 3 || r.Ended[event.StatusOK] != 3 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 3 turns, all answered", r)
	}
}

// The supervisor is not in the way of a turn, and its death ends the app only after a grace.
func TestAKilledSupervisorLeavesAnAnswerAndThenNothing(t *testing.T) {
	p := newProject(t, hello)
	dev := p.dev()
	chat := p.later("chat", "slow")
	p.working("brain")
	dev.signal(syscall.SIGKILL)
	if got := chat(); got.out != slowAnswer || got.status != 0 {
		t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
	}
	p.nothing()
	if got := p.ww("ps"); got.status != 3 {
		t.Errorf("ww ps: status %d, want 3 (not running)", got.status)
	}
	if r := p.verified(); r.Ended[event.StatusOK] != 1 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 1 turn, answered", r)
	}
}

// What a killed foreground could not finish is finished by the next run, with nobody asking again.
func TestAnUnfinishedTurnWaitsForTheNextRun(t *testing.T) {
	p := newProject(t, strings.Replace(hello, "brain.script", "later.script", 1))
	p.write("later.script", "otherwise\n    wait 60s\n    say \"too late\"\n")
	dev := p.dev()
	chat := p.later("chat", "anything")
	p.working("brain")
	dev.signal(syscall.SIGKILL)
	if got := chat(); got.status != 4 || !strings.Contains(got.err, "pending in its journal") {
		t.Errorf("status %d, want 4: pending\n%s", got.status, got.err)
	}
	p.nothing()
	if r := p.verified(); r.Pending != 1 {
		t.Errorf("journals: %+v, want 1 turn that is pending", r)
	}
	p.write("later.script", "otherwise\n    say \"in time\"\n")
	p.must("dev", "-d")
	p.must("chat", "the next one") // of another session: it overtakes nobody
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 2 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 2 turns, both answered", r)
	}
}

// A supervisor that is stopped holds up nobody.
func TestAStoppedSupervisorHoldsUpNobody(t *testing.T) {
	p := newProject(t, hello)
	dev := p.dev()
	dev.signal(syscall.SIGSTOP)
	for n := range 3 {
		want := fmt.Sprintf("you said %d\n", n)
		if got := p.must("chat", fmt.Sprint(n)); got.out != want {
			t.Errorf("answer %q, want %q", got.out, want)
		}
	}
	got := p.ww("ps")
	if got.status != 0 || !strings.Contains(got.err, "does not answer") || !strings.Contains(got.out, "ready") {
		t.Errorf("ww ps: status %d\n%s%s", got.status, got.out, got.err)
	}
	if got := p.ww("down"); got.status != 1 || !strings.Contains(got.err, "does not answer") {
		t.Errorf("ww down: status %d\n%s", got.status, got.err)
	}
	dev.signal(syscall.SIGCONT)
	p.must("down")
	dev.end()
	p.nothing()
}

// A component that neither answers nor works is hung: it is killed and its turn goes on elsewhere in time.
func TestAHungComponentIsReplaced(t *testing.T) {
	p := newProject(t, hello)
	p.must("dev", "-d")
	chat := p.later("chat", "steady")
	p.working("brain")
	before := p.ps()["brain"]
	p.kill(before.PIDs.Runner, syscall.SIGSTOP)
	if got := chat(); got.out != slowAnswer || got.status != 0 {
		t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
	}
	if after := p.ps()["brain"]; after.PIDs.Runner == before.PIDs.Runner {
		t.Error("the hung process still serves")
	}
	p.must("down")
	p.nothing()
}

// A detached app serves without its supervisor, and the next ww dev takes its place.
func TestADetachedAppOutlivesItsSupervisor(t *testing.T) {
	p := newProject(t, hello)
	var s struct{ PID int }
	decode(t, p.must("dev", "-d", "--json").out, &s)
	p.kill(s.PID, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(s.PID) })
	if got := p.must("chat", "still there"); got.out != "you said still there\n" {
		t.Errorf("answer %q", got.out)
	}
	if got := p.must("ps"); !strings.Contains(got.err, "no supervisor since") {
		t.Errorf("ww ps does not say that there is no supervisor: %q", got.err)
	}
	chat := p.later("chat", "slow")
	p.working("brain")
	p.must("dev", "-d")
	if got := chat(); got.out != slowAnswer || got.status != 0 {
		t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 2 {
		t.Errorf("journals: %+v, want 2 turns, both answered", r)
	}
}

// ww down works without a supervisor, too.
func TestDownWithoutASupervisor(t *testing.T) {
	p := newProject(t, hello)
	var s struct{ PID int }
	decode(t, p.must("dev", "-d", "--json").out, &s)
	p.kill(s.PID, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(s.PID) })
	p.must("down")
	p.nothing()
}

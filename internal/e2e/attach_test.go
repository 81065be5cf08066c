package e2e

import (
	"strings"
	"syscall"
	"testing"
)

// attach starts ww attach; its standard input stays open.
func (p *project) attach() *foreground {
	p.t.Helper()
	return p.startVerb("attach", "--ui=stream")
}

// Somebody joins an app that runs in the background, and leaves again; the app does not notice.
func TestAttachJoinsAndLeaves(t *testing.T) {
	p := newProject(t, hello)
	if got := p.ww("attach"); got.status != 3 {
		t.Errorf("nothing runs: status %d\n%s", got.status, got.err)
	}
	p.must("dev", "-d")
	before := p.pids()
	a := p.attach()
	if _, err := a.stdin.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	p.until("it is answered", func() bool { return a.out.String() == "you said hello\n" })
	p.kill(before["brain"], syscall.SIGKILL)
	p.until("it shows what happens", func() bool { return strings.Contains(a.said(), "ready again") })
	before = p.pids()
	if err := a.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if got := a.end(); got.status != 0 || !strings.Contains(got.err, "goes on; to stop it: ww down") {
		t.Errorf("status %d\n%s", got.status, got.err)
	}
	p.same(before)
	b := p.attach()
	p.until("it is there", func() bool { return strings.Contains(b.said(), "ready in") })
	p.must("down")
	if got := b.end(); !strings.Contains(got.err, "the app has ended") {
		t.Errorf("status %d\n%s", got.status, got.err)
	}
	p.nothing()
}

// Without a supervisor ww attach becomes one.
func TestAttachTakesOverWhatHasNoSupervisor(t *testing.T) {
	p := newProject(t, hello)
	p.must("dev", "-d")
	before := p.pids()
	pid := p.supervisor()
	p.kill(pid, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(pid) })
	a := p.attach()
	p.until("it has taken over", func() bool { return strings.Contains(a.said(), "ready in") })
	p.same(before)
	a.signal(syscall.SIGTERM)
	if got := a.end(); !strings.Contains(got.err, "stopped 3 of 3, 0 processes left") {
		t.Errorf("status %d\n%s", got.status, got.err)
	}
	p.nothing()
}

// Several apps, and several of one file, run side by side and do not meet.
func TestAppsAndInstancesRunSideBySide(t *testing.T) {
	p := newProject(t, hello)
	p.write("other.ww", strings.ReplaceAll(hello, "brain.script", "other.script"))
	p.write("other.script", "otherwise\n    say \"the other one\"\n")
	p.must("dev", "-d")
	p.must("dev", "-d", "--instance", "two")
	p.must("dev", "-d", "other.ww")
	if got := p.ww("dev", "-d", "--instance", "two"); got.status != 1 || !strings.Contains(got.err, "already running") {
		t.Errorf("twice the same: status %d\n%s", got.status, got.err)
	}
	for want, args := range map[string][]string{
		"you said hi\n":   {"chat", "hi"},
		"you said ho\n":   {"chat", "--instance", "two", "ho"},
		"the other one\n": {"chat", "-f", "other.ww", "hi"},
	} {
		if got := p.must(args...); got.out != want {
			t.Errorf("%v: %q, want %q", args, got.out, want)
		}
	}
	p.must("down", "--instance", "two")
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("after the end of the other instance: %q", got.out)
	}
	if got := p.ww("ps", "--instance", "two"); got.status != 3 {
		t.Errorf("the instance that was stopped: status %d", got.status)
	}
	p.must("down", "-f", "other.ww")
	p.must("down")
	p.nothing()
}

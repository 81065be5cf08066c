package e2e

import (
	"strings"
	"syscall"
	"testing"
)

const withFallback = `
you = input command_line { to: keeper }
keeper = agent scripted { script: "keeper.script", tools: [weather], to: screen }
weather = custom scripted { script: "weather.script", fallback: "first" }
screen = output console {}
`

// What is written about calls counts after the save, in the processes that run and in those that come after them, and
// nobody is replaced for it.
func TestASavedCallPolicyReplacesNobody(t *testing.T) {
	p := newProject(t, withFallback)
	p.write("keeper.script", "otherwise\n    call weather \"x\"\n    say \"{last}\"\n")
	p.write("weather.script", "otherwise\n    fail \"no\"\n")
	p.must("dev", "-d")
	if got := p.must("chat", "go").out; got != "first\n" {
		t.Errorf("before the save: %q", got)
	}
	before := p.pids()
	p.write("main.ww", strings.Replace(withFallback, `"first"`, `"second", breaker: { failure_threshold: 9 }, retry: 2`, 1))
	p.until("the saved text stands in", func() bool { return p.must("chat", "go").out == "second\n" })
	r, _ := p.reload("--dry-run")
	if r.Changed {
		t.Errorf("there is something left to do: %+v", r)
	}
	for name, pid := range p.pids() {
		if pid != before[name] {
			t.Errorf("%s was replaced", name)
		}
	}
	p.kill(before["keeper"], syscall.SIGKILL)
	p.until("a new keeper", func() bool { r := p.ps()["keeper"]; return r.State == "ready" && r.PIDs.Runner != before["keeper"] })
	if got := p.must("chat", "go").out; got != "second\n" {
		t.Errorf("after a restart: %q", got)
	}
	p.must("down")
	p.nothing()
}

// A setting of the whole file counts after the save, and the plan says for whom.
func TestASavedSettingOfTheFileCounts(t *testing.T) {
	p := newProject(t, hello)
	p.must("dev", "-d")
	before := p.pids()
	p.must("chat", "hi", "--session", "kept")
	p.until("the session is kept", func() bool { return p.ww("sessions", "show", "kept").status == 0 })
	p.write("main.ww", "recording = off\nsession_ttl = 90\n"+hello)
	r, got := p.reload()
	if got.status != 0 {
		t.Fatalf("status %d: %s%s", got.status, got.out, got.err)
	}
	p.noted("ww", "(changed: recording, session_ttl)", "(changed: recording)")
	for name, pid := range p.pids() {
		if pid == before[name] {
			t.Errorf("%s runs on: %+v", name, r)
		}
	}
	p.must("chat", "hi", "--session", "unkept")
	p.must("down") // what is to be written is written by now
	if got := p.ww("sessions", "show", "unkept"); got.status == 0 {
		t.Errorf("recording is off, and the session is kept:\n%s", got.out)
	}
	p.nothing()
}

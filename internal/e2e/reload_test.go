package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

// says writes a script for brain that answers with a word.
func (p *project) says(word string) {
	p.write("brain.script", fmt.Sprintf("when \"slow\"\n    stream 1500ms \"%s\"\notherwise\n    say \"%s {text}\"\n", word, word))
}

// generation is that of the app, as its supervisor says.
func (p *project) answered(word string) func() bool {
	return func() bool { return p.must("chat", "hi").out == word+" hi\n" }
}

// reloaded is the JSON of ww reload.
type reloaded struct {
	Generation int
	Changed    bool
	Steps      []struct{ Op, Component, Cause string }
	Error      string
	Problems   string
	Broken     bool
}

func (p *project) reload(args ...string) (reloaded, result) {
	p.t.Helper()
	var r reloaded
	got := p.ww(append([]string{"reload", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		p.t.Fatalf("%v: %s%s", err, got.out, got.err)
	}
	return r, got
}

// A saved script is a new generation of just that component; turns that run end where they began.
func TestASaveReplacesWhatUsesTheFile(t *testing.T) {
	p := newProject(t, hello)
	p.says("one")
	dev := p.dev()
	before := p.pids()
	slow := p.later("chat", "slow")
	p.working("brain")
	p.says("two")
	p.until("the new text counts", p.answered("two"))
	if got := slow(); got.out != "one\n" {
		t.Errorf("the turn that ran: %q, status %d\n%s", got.out, got.status, got.err)
	}
	p.until("the old one is gone", func() bool { return len(p.all("brain")) == 1 })
	now := p.pids()
	if now["brain"] == before["brain"] || now["you"] != before["you"] || now["screen"] != before["screen"] {
		t.Errorf("pids %v before, %v after", before, now)
	}
	if said := dev.said(); !strings.Contains(said, "replace  brain  (brain.script saved)") || !strings.Contains(said, "reload 2 done") {
		t.Errorf("it does not say what it did and why:\n%s", said)
	}
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

// all are the rows of a component, one for each instance.
func (p *project) all(name string) []row {
	p.t.Helper()
	var rows, found []row
	if err := json.Unmarshal([]byte(p.must("ps", "--json").out), &rows); err != nil {
		p.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Name == name {
			found = append(found, r)
		}
	}
	return found
}

// T45: whatever is wrong with what was saved, the old version serves on, and the reason is said.
func TestT45ABadSaveChangesNothing(t *testing.T) {
	p := newProject(t, hello)
	p.says("one")
	dev := p.dev()
	before := p.pids()
	still := func(what string) {
		t.Helper()
		if got := p.must("chat", "hi"); got.out != "one hi\n" {
			t.Errorf("%s: answer %q", what, got.out)
		}
		p.same(before)
		if got := p.must("ps"); !strings.Contains(got.err, "the last reload failed: ") {
			t.Errorf("%s: ww ps says nothing of it: %q", what, got.err)
		}
	}
	said := func(text string) {
		t.Helper()
		p.until("it says "+text, func() bool { return strings.Contains(dev.said(), text) })
	}

	p.write("main.ww", hello+"oops = llm {{\n")
	said("the saved files cannot be run")
	still("a syntax error")
	if r, got := p.reload(); !r.Broken || r.Problems == "" || got.status != 2 {
		t.Errorf("ww reload of it: %+v, status %d", r, got.status)
	}

	p.write("main.ww", strings.Replace(hello, "to: screen", "to: scren", 1))
	said("scren")
	still("an unknown name")

	p.write("main.ww", strings.Replace(hello, "script:", "scirpt:", 1))
	said("scirpt")
	still("an unknown key")

	p.write("main.ww", hello)
	p.write("brain.script", "when \"x\" nonsense\n")
	said("generation 1 goes on")
	still("a version that does not become ready")
	if n := len(p.all("brain")); n != 1 {
		t.Errorf("%d instances of brain are left", n)
	}
	tries := strings.Count(dev.said(), "goes on")
	p.write("brain.script", "when \"x\" nonsense\n")
	p.must("chat", "hi")
	if now := strings.Count(dev.said(), "goes on"); now != tries {
		t.Errorf("the same content was tried again")
	}

	p.says("one")
	p.write("main.ww", hello+"# a comment\n\n")
	if r, got := p.reload(); r.Changed || len(r.Steps) != 0 || got.status != 0 {
		t.Errorf("an edit that changes nothing: %+v, status %d\n%s", r, got.status, got.err)
	}
	p.same(before)

	p.says("two")
	p.until("the next good text counts", p.answered("two"))
	p.until("ww ps has nothing to say of it", func() bool { return p.must("ps").err == "" })
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

// ww reload says what it does, and with --dry-run only what it would do; components come and go.
func TestReloadAddsRemovesAndReplaces(t *testing.T) {
	p := newProject(t, hello+"extra = llm echo {}\n")
	p.must("dev", "-d")
	p.write("main.ww", strings.Replace(hello, "to: screen", "to: more", 1)+"more = llm echo { to: screen }\n")
	want := []string{"add more", "replace brain", "remove extra"}
	if r, _ := p.reload("--dry-run"); !equalSteps(r, want) || r.Changed {
		t.Errorf("dry run: %+v", r)
	}
	p.until("it is carried out", func() bool { return p.ps()["more"].State == "ready" })
	p.until("what was removed is gone", func() bool { return len(p.all("extra")) == 0 })
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
}

func equalSteps(r reloaded, want []string) bool {
	if len(r.Steps) != len(want) {
		return false
	}
	for i, s := range r.Steps {
		if s.Op+" "+s.Component != want[i] {
			return false
		}
	}
	return true
}

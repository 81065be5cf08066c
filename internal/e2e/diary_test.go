package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// What happened to the components is in the logs, whatever face the run had: a death, a return, a plan and its cause, a
// broken save, the end.
func TestTheLogsTellOfTheRun(t *testing.T) {
	for _, face := range []string{"stream", "json", "tui", "detached"} {
		t.Run(face, func(t *testing.T) {
			p := newProject(t, hello)
			end := p.runAs(face)
			p.must("wait", "ready")
			before := p.ps()["brain"]
			p.kill(before.PIDs.Runner, syscall.SIGKILL)
			p.noted("brain", "killed by SIGKILL", "brain", "ready again")
			p.write("main.ww", strings.Replace(hello, "brain.script", "nosuch.script", 1))
			p.noted("ww", "the saved files cannot be run", "nosuch.script")
			p.write("main.ww", strings.Replace(hello, "screen = output console {}", "screen = output console { max_retries: 3 }", 1))
			p.noted("ww", "reload:", "max_retries", "reload 2 done")
			end()
			p.noted("ww", "ready in", "stopping ", ", 0 processes left")
			p.nothing()
		})
	}
}

// runAs starts the app with one of its faces; end ends it.
func (p *project) runAs(face string) (end func()) {
	p.t.Helper()
	switch face {
	case "detached":
		p.must("dev", "-d")
		return func() { p.must("down") }
	case "tui":
		cmd := p.command("dev", "--ui=tui")
		cmd.Env = append(cmd.Env, "TERM=xterm-256color")
		tty, err := pty.Start(cmd)
		if err != nil {
			p.t.Fatal(err)
		}
		go func() { // a terminal takes what is written to it
			b := make([]byte, 4096)
			for _, err := tty.Read(b); err == nil; _, err = tty.Read(b) {
			}
		}()
		return func() {
			p.must("down")
			_ = cmd.Wait() // its status is not what this is about
			_ = tty.Close()
		}
	}
	dev := p.startVerb("dev", "--ui="+face)
	return func() {
		dev.signal(syscall.SIGTERM)
		dev.end()
	}
}

// noted waits until ww logs ww has lines with these texts.
func (p *project) noted(texts ...string) {
	p.t.Helper()
	var out string
	defer func() {
		if p.t.Failed() {
			p.t.Log(out)
		}
	}()
	p.until("the log has "+strings.Join(texts, ", "), func() bool {
		out = p.ww("logs", "ww").out
		for _, text := range texts {
			if !strings.Contains(out, text) {
				return false
			}
		}
		return true
	})
}

package e2e

import (
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// typed runs ww on a terminal: it waits for a text, types the answer, and returns everything that was shown.
func (p *project) typed(waitFor, answer string, args ...string) (shown func() string, wait func()) {
	p.t.Helper()
	cmd := p.command(args...)
	tty, err := pty.Start(cmd)
	if err != nil {
		p.t.Fatal(err)
	}
	var out buffer
	shown = out.String
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&out, tty) // until the terminal is gone
	}()
	p.until("it asks", func() bool { return strings.Contains(shown(), waitFor) })
	if _, err := tty.WriteString(answer); err != nil {
		p.t.Fatal(err)
	}
	return shown, func() {
		_ = cmd.Wait() // its status is not what this is about
		<-done
		_ = tty.Close()
	}
}

// On a terminal the commands of a project are asked about, once; a changed one is asked about again.
func TestT53CommandsAreAskedAboutOnATerminal(t *testing.T) {
	p := newUserProject(t)
	const question = "Start them? [y/N]"

	shown, wait := p.typed(question, "no\n", "dev", "--ui=stream")
	wait()
	if got := shown(); !strings.Contains(got, "bot: sh bot.sh") || !strings.Contains(got, "nothing was started") {
		t.Errorf("asked and refused:\n%s", got)
	}
	p.nothing()

	_, wait = p.typed(question, "y\n", "dev", "--ui=stream")
	p.must("wait", "ready")
	p.must("down")
	wait()

	shown, wait = p.typed("ready in", "exit\n", "dev", "--ui=stream")
	wait()
	if strings.Contains(shown(), question) {
		t.Errorf("asked again:\n%s", shown())
	}

	p.write("main.ww", strings.Replace(withUserCode, `"bot.sh"`, `"-e", "bot.sh"`, 1))
	shown, wait = p.typed(question, "\n", "dev", "--ui=stream")
	wait()
	if got := shown(); !strings.Contains(got, "- bot: sh bot.sh") || !strings.Contains(got, "+ bot: sh -e bot.sh") {
		t.Errorf("a changed command is not asked about, with what it was:\n%s", got)
	}
	p.nothing()
}

// The screen gives the terminal back as it was.
func TestTheScreenGivesTheTerminalBack(t *testing.T) {
	p := newProject(t, hello)
	cmd := p.command("dev")
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var out buffer
	shown := out.String
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(&out, tty) // until the terminal is gone
	}()
	p.until("all is ready", func() bool { return strings.Contains(shown(), "3 ready") })
	if _, err := tty.WriteString("hi there\r"); err != nil {
		t.Fatal(err)
	}
	p.until("the answer is on the screen", func() bool { return strings.Contains(shown(), "you said hi there") })
	p.kill(cmd.Process.Pid, syscall.SIGTERM)
	_ = cmd.Wait() // its status is not what this is about
	<-drained
	got := shown()
	for what, code := range map[string]string{"the normal screen": "\x1b[?1049l", "the cursor": "\x1b[?25h", "line wrap": "\x1b[?7h"} {
		if !strings.Contains(got, code) {
			t.Errorf("%s was not given back", what)
		}
	}
	if i := strings.LastIndex(got, "\x1b[?1049l"); !strings.Contains(got[max(i, 0):], "stopped 3 of 3, 0 processes left.") {
		t.Errorf("no summary on the normal screen: %q", got[max(i, 0):])
	}
	p.nothing()
}

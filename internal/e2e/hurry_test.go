package e2e

import (
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/woodwork-lang/ww/internal/event"
)

// On the screen the first ctrl+c is a key and the second one, when the screen is gone, a signal: it kills at once all the
// same, and the turn that was running stays in its journal.
func TestTheSecondCtrlCOnAScreenDoesNotWait(t *testing.T) {
	p := newProject(t, hello)
	cmd := p.command("dev")
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "WW_TIMING="+strings.Replace(timing, "drain=4s", "drain=5m", 1))
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var shown buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(&shown, tty) // until the terminal is gone
		_ = cmd.Wait()              // its status is not what this is about
	}()
	p.until("it is ready", func() bool { return p.ww("wait", "ready", "--timeout", "1s").status == 0 })
	p.press(tty, "very slow\r")
	p.working("brain")
	p.press(tty, "\x03")
	p.until("it is stopping", func() bool { return strings.Contains(shown.String(), "stopping 3 components") })
	p.press(tty, "\x03")
	p.nothing()
	<-ended
	if !strings.Contains(shown.String(), "0 processes left") {
		t.Errorf("no summary:\n%s", shown.String())
	}
	if r := p.verified(); r.Pending != 1 || r.Ended[event.StatusOK] != 0 {
		t.Errorf("journals: %+v, want the turn pending", r)
	}
}

func (p *project) press(tty io.Writer, keys string) {
	p.t.Helper()
	if _, err := io.WriteString(tty, keys); err != nil {
		p.t.Fatal(err)
	}
}

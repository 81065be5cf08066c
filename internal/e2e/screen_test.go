package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/woodwork-lang/ww/localbus"
)

// glass is a terminal with a screen of ww in it.
type glass struct {
	p    *project
	term vt10x.Terminal
	cmd  *exec.Cmd
	tty  *os.File
}

// look starts a verb with its screen on a terminal of 120×40.
func (p *project) look(args ...string) *glass {
	p.t.Helper()
	cmd := p.command(append(args, "--ui=tui")...)
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "LANG=C.UTF-8")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		p.t.Fatal(err)
	}
	g := &glass{p: p, term: vt10x.New(vt10x.WithSize(120, 40), vt10x.WithWriter(tty)), cmd: cmd, tty: tty}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for out := bufio.NewReader(tty); g.term.Parse(out) == nil; {
		}
	}()
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill() // most are gone
		_ = cmd.Wait()
		_ = tty.Close()
		<-read
	})
	return g
}

// row is what the fleet shows of a component; empty when it has none.
func (g *glass) row(name string) string {
	for l := range strings.SplitSeq(g.term.String(), "\n") {
		fleet, _, _ := strings.Cut(strings.TrimPrefix(l, "│"), "│")
		if f := strings.Fields(fleet); len(f) > 1 && (f[1] == name || strings.HasSuffix(f[0], "›"+name)) {
			return fleet
		}
	}
	return ""
}

func (g *glass) until(name, what string) {
	g.p.t.Helper()
	g.p.until("the row of "+name+" has "+what, func() bool { return strings.Contains(g.row(name), what) })
}

// TestAPeerThatJoinsByItselfIsSeen: the screen shows who is there, not whom the supervisor has started.
func TestAPeerThatJoinsByItselfIsSeen(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	g := p.look("dev")
	g.until("brain", "ready")
	c := p.client("you")
	guest, err := localbus.Join(t.Context(), localbus.Options{Dir: c.dir, App: c.app, Component: "stranger"})
	if err != nil {
		t.Fatal(err)
	}
	if err := guest.Announce(localbus.Record{State: localbus.StateReady, Kind: "probe"}); err != nil {
		t.Fatal(err)
	}
	g.until("stranger", "ready")
	if row := p.ps()["stranger"]; row.State != "ready" {
		t.Errorf("ww ps says %+v", row)
	}
	far := p.look("attach")
	far.until("stranger", "ready")
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	for _, g := range []*glass{g, far} {
		p.until("it is gone", func() bool { return g.row("stranger") == "" && g.row("brain") != "" })
	}
	p.must("down")
	p.nothing()
}

// TestWhoIsStoppedIsSeenWithoutASupervisor: what a screen says of a component is what the component says of itself.
func TestWhoIsStoppedIsSeenWithoutASupervisor(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.must("dev", "-d")
	g := p.look("attach")
	g.until("brain", "♥")
	before, supervisor := p.pids(), p.supervisor()
	p.kill(supervisor, syscall.SIGSTOP)
	p.kill(before["brain"], syscall.SIGSTOP)
	p.until("brain is suspect, and nobody else", func() bool {
		return strings.Contains(g.row("brain"), "! ") && strings.Contains(g.row("you"), "♥") && strings.Contains(g.row("screen"), "♥")
	})
	p.kill(before["brain"], syscall.SIGCONT)
	g.until("brain", "♥")
	p.kill(supervisor, syscall.SIGCONT)
	p.must("down")
	p.nothing()
}

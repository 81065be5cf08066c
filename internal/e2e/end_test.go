package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

func decode(t testing.TB, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// However a run is ended, the running turn is answered, a summary says how it went, and nothing is left.
func TestSignalsEndARunInOrder(t *testing.T) {
	for sig, status := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 0, syscall.SIGHUP: 0} {
		t.Run(sig.String(), func(t *testing.T) {
			p := newProject(t, hello)
			dev := p.dev()
			chat := p.later("chat", "slow")
			p.working("brain")
			dev.signal(sig)
			if got := chat(); got.out != slowAnswer || got.status != 0 {
				t.Errorf("answer %q, status %d\n%s", got.out, got.status, got.err)
			}
			got := dev.end()
			if got.status != status {
				t.Errorf("status %d, want %d", got.status, status)
			}
			if !strings.Contains(got.err, "stopped 3 of 3, 0 processes left.") {
				t.Errorf("no summary:\n%s", got.err)
			}
			if left := p.alive(); len(left) > 0 {
				t.Errorf("%d processes are alive after the summary", len(left))
			}
		})
	}
}

// The second Ctrl-C does not wait for anybody.
func TestTheSecondInterruptKills(t *testing.T) {
	p := newProject(t, hello)
	dev := p.dev()
	chat := p.later("chat", "very slow")
	p.working("brain")
	dev.signal(syscall.SIGINT)
	p.until("it says that it stops", func() bool { return strings.Contains(dev.said(), "stopping 3 components") })
	began := time.Now()
	dev.signal(syscall.SIGINT)
	got := dev.end()
	if took := time.Since(began); took > 3*time.Second { // the drain alone would take four
		t.Errorf("killing took %v", took)
	}
	if left := p.alive(); len(left) > 1 { // the chat still waits
		t.Errorf("%d processes are alive:\n%s", len(left), got.err)
	}
	if got := chat(); got.status != 4 {
		t.Errorf("the chat ends with status %d, want 4: pending\n%s", got.status, got.err)
	}
	p.nothing()
}

// A terminal that is closed takes its app along.
func TestAClosedTerminalEndsTheRun(t *testing.T) {
	p := newProject(t, hello)
	cmd := p.command("dev", "--ui=stream")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	// Nobody reads it: what ww says fits into the terminal's buffer, and a blocked reader would keep it open.
	p.must("wait", "ready")
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("ww dev does not end")
	}
	p.nothing()
}

// go run keeps signals to itself: when it is killed, ww finds out by itself.
func TestARunWithoutItsGoRunEnds(t *testing.T) {
	p := newProject(t, hello)
	bin := t.TempDir()
	for name, to := range map[string]string{"go": "/bin/sh", "ww": p.exe} { // a shell that is called go waits for ww
		if err := os.Symlink(to, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	parent := p.command()
	parent.Path = filepath.Join(bin, "go")
	parent.Args = []string{parent.Path, "-c", filepath.Join(bin, "ww") + " dev --ui=stream; :"}
	stdin, err := parent.StdinPipe() // stays open: its end would be a reason to stop, too
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	p.must("wait", "ready")
	p.kill(parent.Process.Pid, syscall.SIGKILL)
	_ = parent.Wait() // killed
	p.nothing()
}

// The binary may be deleted while it runs, as go run does and as an upgrade does.
func TestADeletedBinaryStillStartsComponents(t *testing.T) {
	p := newProject(t, hello)
	kept := p.exe
	p.exe = filepath.Join(t.TempDir(), "ww")
	data, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.exe, data, 0o700); err != nil {
		t.Fatal(err)
	}
	p.must("dev", "-d")
	if err := os.Remove(p.exe); err != nil {
		t.Fatal(err)
	}
	p.exe = kept
	before := p.ps()["brain"]
	p.kill(before.PIDs.Runner, syscall.SIGKILL)
	p.until("brain is back", func() bool {
		now := p.ps()["brain"]
		return now.State == "ready" && now.PIDs.Runner != before.PIDs.Runner
	})
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("answer %q", got.out)
	}
	p.must("down")
	p.nothing()
}

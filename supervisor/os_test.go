//go:build linux

package supervisor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nonce is a tag for every test of every run: several may run side by side.
func nonce(t *testing.T) string {
	return fmt.Sprintf("test-%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
}

func newOS(t *testing.T) *OS {
	t.Helper()
	o, err := NewOS(OSOptions{Tag: nonce(t)})
	if err != nil {
		t.Fatal(err)
	}
	o.groups = cgroups{} // a test that wants them says so: the others hold without
	t.Cleanup(o.Close)
	return o
}

// startPlayer starts a player without a supervisor around it and makes sure that nothing of it survives the test.
func startPlayer(t *testing.T, o *OS, spec Spec) Process {
	t.Helper()
	p, err := o.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = Sweep(context.Background(), o.options.Tag) })
	return p
}

func end(t *testing.T, p Process) Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	e, err := p.Wait(ctx)
	if err != nil {
		t.Fatalf("it does not end: %v", err)
	}
	return e
}

// supervised runs a supervisor of real processes for a test.
func supervised(t *testing.T) *Supervisor {
	t.Helper()
	s := New(Options{Starter: newOS(t), Linger: time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return s
}

func await(t *testing.T, s *Supervisor, phase Phase) Event {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case e := <-s.Events():
			if e.To == phase {
				return e
			}
		case <-late:
			t.Fatalf("never %v", phase)
		}
	}
}

func mustBeDead(t *testing.T, who string, pid int) {
	t.Helper()
	if _, err := PidStart(pid); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("%s %d is alive", who, pid)
	}
}

func TestExitIsReported(t *testing.T) {
	t.Parallel()
	o := newOS(t)
	shell := func(script string) Spec { return Spec{Path: "/bin/sh", Argv: []string{"sh", "-c", script}} }
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{playerSpec("exit", "0"), "exit status 0"},
		{playerSpec("exit", "1"), "exit status 1"},
		{playerSpec("exit", "78"), "exit status 78"},
		{shell("kill -SEGV $$"), "killed by SIGSEGV"},
		{shell("kill -KILL $$"), "killed by SIGKILL"},
		{shell("exec /nowhere/python3"), "exit status 127"},
	} {
		if got := end(t, startPlayer(t, o, c.spec)).String(); got != c.want {
			t.Errorf("%q: %s, want %s", c.spec.Argv, got, c.want)
		}
	}
}

func TestStartErrorsNameTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain, lost := filepath.Join(dir, "plain.py"), filepath.Join(dir, "lost.py")
	for name, text := range map[string]string{plain: "print()", lost: "#!/nowhere/python3\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(lost, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec  Spec
		words []string
	}{
		{Spec{Path: "/nowhere/tool"}, []string{"/nowhere/tool", "install it"}},
		{Spec{Path: plain}, []string{plain, "chmod +x"}},
		{Spec{Path: lost}, []string{lost, "interpreter in its first line", "install it"}},
		{Spec{Path: "/bin/sh", Dir: "/nowhere/dir"}, []string{"/nowhere/dir", "correct the path"}},
	} {
		s := supervised(t)
		c.spec.Name, c.spec.Argv = "tool", []string{"tool"}
		if err := s.Start(t.Context(), c.spec); err != nil {
			t.Fatal(err)
		}
		e := await(t, s, Failed)
		for _, word := range c.words {
			if !strings.Contains(e.Reason, word) {
				t.Errorf("%v: reason %q does not say %q", c.spec.Path, e.Reason, word)
			}
		}
	}
}

func TestStopKillsTheDeaf(t *testing.T) {
	t.Parallel()
	stopWithSurvivor(t, "deaf", "up")
}

// TestStopKillsAGroupMember: the leader obeys, a member of its group does not.
func TestStopKillsAGroupMember(t *testing.T) {
	t.Parallel()
	stopWithSurvivor(t, "leader", "up")
}

// TestStopKillsADaemon in a session of its own, twice removed.
func TestStopKillsADaemon(t *testing.T) {
	t.Parallel()
	stopWithSurvivor(t, "daemon", "up")
}

func stopWithSurvivor(t *testing.T, role, line string) {
	t.Helper()
	s, tp := supervised(t), newTape(t)
	spec := playerSpec(role)
	spec.LogPath = tp.path
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	survivor := tp.until(line)
	began := time.Now()
	if err := s.Stop(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	mustBeDead(t, "survivor", survivor)
	if took := time.Since(began); took < spec.Policy.Grace || took > 5*time.Second {
		t.Errorf("stop took %v with a grace of %v", took, spec.Policy.Grace)
	}
}

// TestT07AForkBombEnds while it is still forking: every process starts two more, up to five hundred.
func TestT07AForkBombEnds(t *testing.T) {
	t.Parallel()
	s := supervised(t)
	started := filepath.Join(t.TempDir(), "started")
	const bomb = `f() { if [ $1 -gt 7 ]; then exec sleep 1000; fi; f $(($1+1)) & f $(($1+1)) & wait; }; f 0 & echo >"$0"; wait`
	spec := Spec{Name: "bomb", Path: "/bin/sh", Argv: []string{"sh", "-c", bomb, started}, Env: os.Environ(), Policy: Policy{Grace: 50 * time.Millisecond}}
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) { //nolint:forbidigo // between two looks at another process
		if _, err := os.Stat(started); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the bomb never starts")
		}
	}
	if err := s.Stop(t.Context(), "bomb"); err != nil {
		t.Fatal(err)
	}
	if killed, err := Sweep(t.Context(), nonce(t)); err != nil || len(killed) != 0 {
		t.Errorf("left %v, %v", killed, err)
	}
}

// TestT07StopEndsABomb of sixty processes, half of them in sessions of their own.
func TestT07StopEndsABomb(t *testing.T) {
	t.Parallel()
	s, tp := supervised(t), newTape(t)
	spec := playerSpec("bomb")
	spec.LogPath = tp.path
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	tp.until("exploded")
	if err := s.Stop(t.Context(), "bomb"); err != nil {
		t.Fatal(err)
	}
	if killed, err := Sweep(t.Context(), nonce(t)); err != nil || len(killed) != 0 {
		t.Errorf("left %v, %v", killed, err)
	}
}

// TestCrashEndsWhatItLeft before the next one starts.
func TestCrashEndsWhatItLeft(t *testing.T) {
	t.Parallel()
	s, tp := supervised(t), newTape(t)
	spec := playerSpec("vanish")
	spec.LogPath = tp.path
	ms := time.Millisecond
	spec.Policy.Delays = []time.Duration{ms, ms, ms, ms}
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	left := map[int]bool{}
	for range 5 {
		left[await(t, s, Starting).PID] = true
	}
	e := await(t, s, Failed)
	if !strings.HasPrefix(e.Reason, "exit status 3; crash 5") {
		t.Errorf("reason %q", e.Reason)
	}
	if err := s.Stop(t.Context(), "vanish"); err != nil {
		t.Fatal(err)
	}
	for pid := range left {
		if in, err := GroupMembers(pid); err != nil || len(in) != 0 {
			t.Errorf("group %d still has %v, %v", pid, in, err)
		}
	}
}

// TestT08WaitDoesNotHangOnAPipe that a grandchild holds.
func TestT08WaitDoesNotHangOnAPipe(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("vanish")
	spec.LogPath = tp.path
	p := startPlayer(t, o, spec)
	if e := end(t, p); e.Code != 3 {
		t.Errorf("%v", e)
	}
	tp.until("up") // and its log is complete, and the grandchild lives
	in, err := GroupMembers(p.PID())
	if err != nil || len(in) != 1 {
		t.Fatalf("members %v, %v", in, err)
	}
	kill, cancel := context.WithCancel(t.Context())
	cancel()
	p.Drain(kill)
	mustBeDead(t, "grandchild", in[0])
}

func TestWaitCanBeCalledOff(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("obey")
	spec.LogPath = tp.path
	p := startPlayer(t, o, spec)
	tp.until("up")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := PidStart(p.PID()); err != nil {
		t.Errorf("and the process is gone: %v", err)
	}
}

// TestConfigArrives on descriptor 3, larger than a pipe takes, and nowhere else.
func TestConfigArrives(t *testing.T) {
	t.Parallel()
	o := newOS(t)
	for _, body := range [][]byte{nil, []byte("{}"), []byte(strings.Repeat("secret ", 200_000))} {
		tp := newTape(t)
		spec := playerSpec("config")
		spec.LogPath, spec.Config = tp.path, body
		p := startPlayer(t, o, spec)
		_, got := tp.next()
		if want := fmt.Sprintf("%d %x <nil> [player]", len(body), sha256.Sum256(body)); got != want {
			t.Errorf("child read %s, want %s", got, want)
		}
		end(t, p)
	}
}

func TestStdinIsEmpty(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("stdin")
	spec.LogPath = tp.path
	end(t, startPlayer(t, o, spec))
	if _, got := tp.next(); got != "0 <nil>" {
		t.Errorf("stdin gave %s", got)
	}
}

func TestComponentsSleepALittleLonger(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("slack")
	spec.LogPath = tp.path
	end(t, startPlayer(t, o, spec))
	if _, got := tp.next(); got != "200000 <nil>" {
		t.Errorf("timer slack of a child: %s ns", got)
	}
}

func TestLogIsAppended(t *testing.T) {
	t.Parallel()
	o, log := newOS(t), filepath.Join(t.TempDir(), "log")
	for range 2 {
		spec := playerSpec("stdin")
		spec.LogPath = log
		end(t, startPlayer(t, o, spec))
	}
	body, err := os.ReadFile(log)
	if st, _ := os.Stat(log); err != nil || strings.Count(string(body), "\n") != 2 || st.Mode().Perm() != 0o600 {
		t.Errorf("log holds %q, %v", body, err)
	}
}

// TestChildLeadsItsSession so that a Ctrl-C in the terminal reaches the supervisor alone.
func TestChildLeadsItsSession(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("obey")
	spec.LogPath = tp.path
	pid := startPlayer(t, o, spec).PID()
	tp.until("up")
	p, err := lookup(pid, true)
	if err != nil || p.sid != pid || p.pgid != pid || p.ppid != os.Getpid() || !p.tagged(nonce(t)) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestT09ChildOutlivesTheSpawner: the thread that started it ends, the child learns it from its lifeline and goes on.
func TestT09ChildOutlivesTheSpawner(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("lifeline")
	spec.LogPath = tp.path
	p := startPlayer(t, o, spec)
	tp.until("up")
	o.Close()
	if pid := tp.until("lifeline 0 EOF"); pid != p.PID() {
		t.Errorf("%d spoke, not %d", pid, p.PID())
	}
	if _, err := o.Start(spec); !errors.Is(err, errClosed) {
		t.Errorf("a closed starter answers %v", err)
	}
	_ = p.Signal(SIGKILL)
	end(t, p)
}

// TestKillWithUs: the kernel ends the child of a supervisor that was killed, without a lifeline.
func TestKillWithUs(t *testing.T) {
	t.Parallel()
	tp := newTape(t)
	h := startHost(t, "/proc/self/exe", "deaf", tp.path)
	child := tp.until("up")
	w := openWaiter(child)
	defer w.close()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.dead(ctx); err != nil {
		t.Errorf("child %d: %v", child, err)
	}
}

// TestLifelineTellsOfAKilledSupervisor, at once.
func TestLifelineTellsOfAKilledSupervisor(t *testing.T) {
	t.Parallel()
	tp := newTape(t)
	h := startHost(t, "/proc/self/exe", "lifeline", tp.path)
	child := tp.until("up")
	began := time.Now()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	tp.until("lifeline 0 EOF")
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("told after %v", took)
	}
	if err := KillGroup(t.Context(), child, 0); err != nil {
		t.Error(err)
	}
}

// TestBinaryMayBeDeleted: go run does it, and an upgrade. The next start still finds it.
func TestBinaryMayBeDeleted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "copy")
	copyFile(t, "/proc/self/exe", path)
	tp := newTape(t)
	h := startHost(t, path, "obey", tp.path)
	first := tp.until("up")
	if _, err := h.stdin.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	h.tape.until("deleted")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the binary is still there: %v", err)
	}
	if err := Kill(first, SIGKILL); err != nil {
		t.Fatal(err)
	}
	if second := tp.until("up"); second == first {
		t.Errorf("the same process %d twice", first)
	}
}

type hosted struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	tape  *tape
}

func startHost(t *testing.T, path, role, log string) hosted {
	t.Helper()
	tp := newTape(t)
	out, err := os.OpenFile(tp.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(path, role, log)
	cmd.Env = append(os.Environ(), roleEnv+"=host")
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		below, _ := Descendants(cmd.Process.Pid)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for _, pid := range below {
			_ = Kill(pid, SIGKILL)
		}
	})
	return hosted{cmd: cmd, stdin: stdin, tape: tp}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOrphansAreKilledAndReaped: a daemon that no mark leads to becomes our child when its parents are dead.
func TestOrphansAreKilledAndReaped(t *testing.T) {
	t.Parallel()
	tp := newTape(t)
	cmd := exec.Command("/proc/self/exe", tp.path)
	cmd.Env = append(os.Environ(), roleEnv+"=reaper")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	daemon := tp.until("up")
	if _, err := stdin.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), " children [] ") {
		t.Errorf("it has %q", out)
	}
	mustBeDead(t, "daemon", daemon)
}

// TestStackDumpOfTheHung goes to the log before the kill.
func TestStackDumpOfTheHung(t *testing.T) {
	t.Parallel()
	s, tp := supervised(t), newTape(t)
	spec := playerSpec("lifeline")
	spec.LogPath = tp.path
	spec.Policy.DumpTime = 10 * time.Second
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	await(t, s, Starting)
	tp.until("up")
	s.Fail("lifeline", "hung")
	if _, line := tp.next(); !strings.HasPrefix(line, "SIGQUIT: quit") {
		t.Errorf("log holds %q", line)
	}
	if e := await(t, s, Backoff); e.Reason != "hung" || e.Exit.Code != 2 {
		t.Errorf("%+v", e)
	}
}

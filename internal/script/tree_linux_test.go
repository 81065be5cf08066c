package script

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// soon is how long a test waits for what must come; it is far more than it takes.
const soon = 20 * time.Second

func newTag(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%s-%d-%d", strings.ReplaceAll(t.Name(), "/", "-"), os.Getpid(), time.Now().UnixNano())
}

// tagged returns the living processes that have this tag in their environment, but for guards, which have it too.
func tagged(tag string) []int {
	var out []int
	for _, p := range processes() {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.pid))
		args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.pid))
		if err == nil && p.alive() && slices.Contains(strings.Split(string(env), "\x00"), TagVariable+"="+tag) && strings.Contains(string(args), "\x00child\x00") {
			out = append(out, p.pid)
		}
	}
	return out
}

// A family is a running runner and what it said of its guard and children.
type pids struct {
	runner        *exec.Cmd
	guard         int
	child, member int
	daemons       []int
	out           *bufio.Scanner
	tag           string
}

// startFamily runs runner → guard → child → {member of the group, daemon of another session}.
func startFamily(t *testing.T) *pids {
	t.Helper()
	f := &pids{tag: newTag(t)}
	f.runner = exec.Command(self(), "runner", "family")
	f.runner.Env = append(os.Environ(), TagVariable+"="+f.tag)
	f.runner.Stderr = os.Stderr
	out, err := f.runner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.runner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.runner.Process.Kill()
		f.runner.Wait()
		for _, pid := range tagged(f.tag) {
			unix.Kill(pid, unix.SIGKILL)
		}
	})
	f.out = bufio.NewScanner(out)
	f.hear(t, "guard=%d", &f.guard)
	f.hear(t, "family=%d,%d", &f.child, &f.member)
	for _, pid := range tagged(f.tag) {
		if pid != f.child && pid != f.member && pid != f.runner.Process.Pid {
			f.daemons = append(f.daemons, pid)
		}
	}
	if len(f.daemons) != 1 {
		t.Fatalf("found %d daemons, want 1", len(f.daemons))
	}
	return f
}

func (f *pids) hear(t *testing.T, form string, into ...any) {
	t.Helper()
	for f.out.Scan() {
		if n, _ := fmt.Sscanf(f.out.Text(), form, into...); n == len(into) {
			return
		}
	}
	t.Fatalf("the runner never said %s", form)
}

// gone waits for the death of processes, which the kernel tells.
func gone(t *testing.T, want map[string]int) {
	t.Helper()
	for name, pid := range want {
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			continue // no such process
		}
		for deadline := time.Now().Add(soon); ; {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(time.Until(deadline).Milliseconds()))
			if err == unix.EINTR {
				continue
			}
			if n == 0 {
				t.Errorf("%s (%d) is alive", name, pid)
			}
			break
		}
		unix.Close(fd)
	}
}

func (f *pids) all() map[string]int {
	return map[string]int{"child": f.child, "member of its group": f.member, "daemon": f.daemons[0], "guard": f.guard}
}

func TestKilledRunnerLeavesNothing(t *testing.T) {
	t.Parallel()
	f := startFamily(t)
	f.runner.Process.Kill()
	gone(t, f.all())
}

func TestKilledGuardLeavesNothing(t *testing.T) {
	t.Parallel()
	f := startFamily(t)
	unix.Kill(f.guard, unix.SIGKILL)
	gone(t, f.all())
	left, lost := -1, ""
	f.hear(t, "left=%d lost=%s", &left, &lost)
	if left != 0 || lost != "true" {
		t.Errorf("the runner says left=%d lost=%s, want 0 and true", left, lost)
	}
}

// With both dead nobody is left who knows: the kernel ends the direct child, the tag leads to the rest.
func TestKilledRunnerAndGuardLeaveOnlyWhatTheTagFinds(t *testing.T) {
	t.Parallel()
	f := startFamily(t)
	unix.Kill(f.runner.Process.Pid, unix.SIGSTOP) // so that it cannot do anything between the two
	for {                                         // a signal is on its way for a moment
		err := unix.Waitid(unix.P_PID, f.runner.Process.Pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == nil {
			break
		}
		if err != unix.EINTR {
			t.Fatal(err)
		}
	}
	unix.Kill(f.guard, unix.SIGKILL)
	f.runner.Process.Kill()
	gone(t, map[string]int{"child": f.child, "guard": f.guard})
	left := tagged(f.tag)
	slices.Sort(left)
	want := []int{f.member, f.daemons[0]}
	slices.Sort(want)
	if !slices.Equal(left, want) {
		t.Errorf("the tag finds %v, want %v", left, want)
	}
}

func TestStoppedGuardIsNoWayOut(t *testing.T) {
	t.Parallel()
	tree := startTree(t, Command{Argv: childArgv("sleep")})
	unix.Kill(tree.Guard(), unix.SIGSTOP)
	tree.Kill()
	waitDone(t, tree)
}

func startTree(t *testing.T, c Command) *Tree {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	tree, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tree.Kill()
		<-tree.Done()
		tree.Stdin().Close()
		tree.Stdout().Close()
	})
	return tree
}

func waitDone(t *testing.T, tree *Tree) {
	t.Helper()
	select {
	case <-tree.Done():
		if left := tree.Left(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	case <-time.After(soon):
		t.Fatal("the tree does not end")
	}
}

func said(text string) Request { return Request{Role: "hop", Payload: Payload{Body: []byte(text)}} }

func readLine(t *testing.T, tree *Tree) string {
	t.Helper()
	line, err := bufio.NewReader(tree.Stdout()).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func TestExitsAreToldAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role   []string
		want   Exit
		status int
		says   string
	}{
		{[]string{"exit", "0"}, Exit{}, 0, "exit status 0"},
		{[]string{"exit", "3"}, Exit{Code: 3}, 3, "exit status 3"},
		{[]string{"die"}, Exit{Signal: 9}, 137, "killed by SIGKILL"},
	} {
		tree := startTree(t, Command{Argv: childArgv(c.role...)})
		waitDone(t, tree)
		if got := tree.Exit(); got != c.want || got.Status() != c.status || got.String() != c.says {
			t.Errorf("%v: got %+v, %d, %s", c.role, got, got.Status(), got)
		}
	}
}

func TestTermGoesThroughAndKillNeedsNoConsent(t *testing.T) {
	t.Parallel()
	mild := startTree(t, Command{Argv: childArgv("sleep")})
	mild.Terminate()
	waitDone(t, mild)
	if got := mild.Exit(); got.Signal != int(syscall.SIGTERM) {
		t.Errorf("got %v, want SIGTERM", got)
	}
	stubborn := startTree(t, Command{Argv: childArgv("stubborn")})
	readLine(t, stubborn)
	stubborn.Terminate()
	select {
	case <-stubborn.Exited():
		t.Fatal("it was to ignore TERM")
	default:
	}
	stubborn.Kill()
	waitDone(t, stubborn)
	if got := stubborn.Exit(); got.Signal != int(syscall.SIGKILL) {
		t.Errorf("got %v, want SIGKILL", got)
	}
}

// A chain of processes of which each starts the next and ends: no list of pids is ever true for long.
func TestRunawaysAreCaught(t *testing.T) {
	t.Parallel()
	tree := startTree(t, Command{Argv: childArgv("chased")})
	readLine(t, tree)
	tree.Kill()
	waitDone(t, tree)
	tree.stdout.SetReadDeadline(time.Now().Add(soon))
	if _, err := io.Copy(io.Discard, tree.Stdout()); err != nil {
		t.Errorf("one of them still holds the pipe: %v", err)
	}
}

func TestOrphansGoWithTheirProgram(t *testing.T) {
	t.Parallel()
	tag := newTag(t)
	tree := startTree(t, Command{Argv: childArgv("parent"), Env: []string{TagVariable + "=" + tag}})
	waitDone(t, tree)
	if left := tagged(tag); len(left) > 0 || tree.Exit() != (Exit{}) {
		t.Errorf("left %v after %v", left, tree.Exit())
	}
}

func TestUserCodeSeesWhatItShould(t *testing.T) {
	secret, err := os.CreateTemp(t.TempDir(), "lease")
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	unix.FcntlInt(secret.Fd(), unix.F_SETFD, 0) // one that somebody forgot to close on exec
	t.Setenv("SECRET_KEY", "x")
	t.Setenv("LANG", "C.UTF-8")
	t.Setenv("TMPDIR", "/tmp")
	t.Setenv("HOME", "/h")
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	tree := startTree(t, Command{Argv: childArgv("look"), Dir: dir, Env: Environment(map[string]string{"HOME": "/other", "MINE": "1", "WW_TAG": "forged"}, "tag")})
	var got struct {
		Env   []string
		Dir   string
		Pipes []int
		Leads bool
	}
	if err := json.Unmarshal([]byte(readLine(t, tree)), &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"HOME=/other", "LANG=C.UTF-8", "MINE=1", "PATH=" + os.Getenv("PATH"), "PYTHONFAULTHANDLER=1", "PYTHONUNBUFFERED=1", "PYTHONUTF8=1", "TMPDIR=/tmp", "WW_TAG=tag"}
	if d := cmp.Diff(want, got.Env); d != "" {
		t.Error(d)
	}
	if got.Dir != dir || !slices.Equal(got.Pipes, []int{0, 1, 2}) || !got.Leads {
		t.Errorf("got %+v, want directory %s, pipes 0 1 2 and a group of its own", got, dir)
	}
}

func TestUserCodeSleepsAsLongAsItSays(t *testing.T) {
	runtime.LockOSThread() // whose slack the guard inherits, as a runner's
	defer runtime.UnlockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1_000_000, 0, 0, 0)
	defer unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
	tree := startTree(t, Command{Argv: []string{"/bin/cat", "/proc/self/timerslack_ns"}})
	if got := readLine(t, tree); got != "50000" {
		t.Errorf("timer slack of user code: %s ns", got)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"plain": "x", "odd": "no program", "lost": "#!/no/such/interpreter\n"} {
		mode := os.FileMode(0o755)
		if name == "plain" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		c      Command
		status int
		says   string
	}{
		{Command{}, 78, `property "command" is missing`},
		{Command{Argv: []string{""}, Dir: dir}, 78, `property "command" is missing`},
		{Command{Argv: []string{"no-such-program"}, Dir: dir, Env: []string{"PATH=/bin:/usr/bin"}}, 127, "no such program on the PATH"},
		{Command{Argv: []string{"./none"}, Dir: dir}, 127, "it is not there"},
		{Command{Argv: []string{"./lost"}, Dir: dir}, 127, "the interpreter its first line names is not"},
		{Command{Argv: []string{"./plain"}, Dir: dir}, 126, "chmod +x"},
		{Command{Argv: []string{"plain"}, Dir: dir, Env: []string{"PATH=."}}, 126, "chmod +x"},
		{Command{Argv: []string{"odd"}, Dir: dir, Env: []string{"PATH=" + dir}}, 126, "begins with a line like #!"},
		{Command{Argv: []string{dir}, Dir: dir}, 126, "may not be run"},
		{Command{Argv: []string{"true"}, Dir: filepath.Join(dir, "none")}, 78, "is not a directory"},
	} {
		_, err := Start(c.c)
		var start *StartError
		if !errors.As(err, &start) || start.ExitStatus() != c.status || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: got %v, want status %d, …%s…", c.c.Argv, err, c.status, c.says)
		}
	}
}

func TestGuardByHandSaysWhatItIs(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(self(), "guard")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "only its runners start") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestOrdersMayBeLarge(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 100<<10) // more than a pipe holds
	tree := startTree(t, Command{Argv: childArgv("look"), Env: []string{"BIG=" + big}})
	if line, err := io.ReadAll(tree.Stdout()); err != nil || !strings.Contains(string(line), big) {
		t.Errorf("got %d bytes, %v", len(line), err)
	}
}

func TestComponentInAnotherProcess(t *testing.T) {
	t.Parallel()
	var log lockedLog
	ended := make(chan int, 1)
	started := make(chan [2]int, 1)
	w, err := Open(t.Context(), Options{
		Command:    Command{Argv: childArgv("component"), Dir: t.TempDir(), Stderr: &log},
		Initialize: map[string]any{"config": map[string]string{"mood": "good"}},
		Started:    func(guard, child int) { started <- [2]int{guard, child} },
		Ended:      func(status int, _ error) { ended <- status },
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := <-started; p[0] <= 1 || p[1] <= 1 || w.Ready().Name != "stranger" {
		t.Errorf("pids %v, ready %+v", p, w.Ready())
	}
	if err := w.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	var pieces []string
	got, err := w.Process(t.Context(), said("upper grüße"), Listener{Chunk: func(s string) { pieces = append(pieces, s) }})
	if err != nil || string(got.Body) != "GRÜSSE" && string(got.Body) != "GRÜßE" || !slices.Equal(pieces, []string{string(got.Body)}) {
		t.Errorf("got %s, %q, %v", got.Body, pieces, err)
	}
	if _, err := w.Process(t.Context(), said("fail because"), Listener{}); err == nil || err.Error() != "because" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Process(ctx, said("nothing"), Listener{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	var crash *CrashError
	if _, err := w.Process(t.Context(), said("exit 3"), Listener{}); !errors.As(err, &crash) || crash.End.Exit.Code != 3 {
		t.Errorf("got %v", err)
	}
	if status := <-ended; status != 3 {
		t.Errorf("Ended was told %d, want 3", status)
	}
	if err := w.Stop(t.Context()); err != nil || log.String() != "config good\n" {
		t.Errorf("%v, log %q", err, log.String())
	}
}

func TestStopOfAPoliteComponentTakesNoGrace(t *testing.T) {
	t.Parallel()
	w, err := Open(t.Context(), Options{
		Command: Command{Argv: childArgv("component"), Dir: t.TempDir()},
		Ended:   func(int, error) { t.Error("an end that was asked for was reported") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if e := w.tree.Exit(); e != (Exit{}) {
		t.Errorf("it ended by %s: closing its stdin must be enough", e)
	}
}

func TestCPUOfATreeIsTold(t *testing.T) {
	t.Parallel()
	tree := startTree(t, Command{Argv: []string{"/bin/sh", "-c", "while :; do :; done"}})
	for deadline := time.Now().Add(soon); ; {
		if used, known := tree.CPU(); known && used > 50*time.Millisecond {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a busy loop uses no CPU")
		}
	}
}

func TestStatOfOddNames(t *testing.T) {
	t.Parallel()
	p, ok := parseStat([]byte("123 (a) b (c) S 7 123 123 0 -1 4194560 1 2 3 4 50 60 0 0 20 0 1 0 100"))
	if want := (process{parent: 7, state: 'S', ticks: 110}); !ok || p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}
	for _, bad := range []string{"", "1 (x", "1 (x) S", "1 (x) "} {
		if _, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestDescendantsStopAtKeptOnesAndCircles(t *testing.T) {
	t.Parallel()
	all := []process{{pid: 2, parent: 1}, {pid: 3, parent: 2}, {pid: 4, parent: 3}, {pid: 5, parent: 1}, {pid: 6, parent: 5}, {pid: 1, parent: 4}}
	var got []string
	for _, p := range descendants(1, all, []int{5}) {
		got = append(got, strconv.Itoa(p.pid))
	}
	if d := cmp.Diff([]string{"2", "3", "4", "1"}, got); d != "" {
		t.Error(d)
	}
}

//go:build linux

package supervisor

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// TestKillRefusesNumbersThatMeanOthers: 0 is our own group, -1 everybody, 1 the machine.
func TestKillRefusesNumbersThatMeanOthers(t *testing.T) {
	t.Parallel()
	for _, pid := range []int{1, 0, -1, -4711} {
		for what, err := range map[string]error{
			"Kill":         Kill(pid, 0),
			"SignalGroup":  SignalGroup(pid, 0),
			"KillGroup":    KillGroup(t.Context(), pid, 0),
			"signalProc":   signalProc(proc{pid: pid}, 0),
			"GroupMembers": func() error { _, err := GroupMembers(pid); return err }(),
			"Adopt":        func() error { _, err := new(OS).Adopt(Spec{}, pid, 0); return err }(),
		} {
			if err == nil || !strings.Contains(err.Error(), "refused") {
				t.Errorf("%s(%d): %v", what, pid, err)
			}
		}
	}
	if err := Kill(os.Getpid(), 0); err != nil {
		t.Errorf("a real process: %v", err)
	}
}

// stranger starts a player that no Starter knows of.
func stranger(t *testing.T, role string, env ...string) (*exec.Cmd, int) {
	t.Helper()
	tp := newTape(t)
	out, err := os.OpenFile(tp.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), append(env, roleEnv+"="+role)...)
	cmd.Stdout = out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, tp.until("up")
}

func TestSweepFindsItsTagAndNoOther(t *testing.T) {
	t.Parallel()
	tag := nonce(t)
	_, app := stranger(t, "deaf", TagEnv+"="+tag)
	_, component := stranger(t, "deaf", TagEnv+"="+tag+".01")
	_, similar := stranger(t, "deaf", TagEnv+"="+tag+"b")
	_, other := stranger(t, "deaf", "OTHER="+TagEnv+"="+tag)
	killed, err := Sweep(t.Context(), tag)
	slices.Sort(killed)
	want := []int{app, component}
	slices.Sort(want)
	if err != nil || !slices.Equal(killed, want) {
		t.Errorf("killed %v, %v; want %v", killed, err, want)
	}
	mustBeDead(t, "tagged", app)
	mustBeDead(t, "tagged", component)
	for _, pid := range []int{similar, other} {
		if _, err := PidStart(pid); err != nil {
			t.Errorf("%d was not ours: %v", pid, err)
		}
	}
}

func TestSweepRefusesAShortTag(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"", "a", "1234567"} {
		if _, err := Sweep(t.Context(), tag); !errors.Is(err, errShortTag) {
			t.Errorf("%q: %v", tag, err)
		}
	}
	if _, err := NewOS(OSOptions{Tag: "1234567"}); !errors.Is(err, errShortTag) {
		t.Errorf("NewOS: %v", err)
	}
}

// TestStraysSpareUsAndOurAncestors: a ww that a component started must not end itself.
func TestStraysSpareUsAndOurAncestors(t *testing.T) {
	t.Parallel()
	me, uid := os.Getpid(), os.Getuid()
	all := []proc{
		{pid: me, ppid: 50, uid: uid, tag: "nonce-one"},
		{pid: 50, ppid: 51, uid: uid, tag: "nonce-one"},
		{pid: 51, ppid: 50, uid: uid, tag: "nonce-one"}, // a circle: listed while numbers changed hands
		{pid: 60, ppid: me, uid: uid, tag: "nonce-one"},
		{pid: 61, ppid: me, uid: uid + 1, tag: "nonce-one"},
		{pid: 62, ppid: me, uid: uid, tag: "nonce-one", dead: true},
		{pid: 63, ppid: me, uid: uid},
	}
	if got := pids(strays(all, "nonce-one"), func(proc) bool { return true }); !slices.Equal(got, []int{60}) {
		t.Errorf("strays %v, want only 60", got)
	}
	if got := strays(all, ""); len(got) != 0 {
		t.Errorf("no tag found %v", got)
	}
}

// TestZombiesAreNotAlive although kill(-pgid, 0) still finds their group.
func TestZombiesAreNotAlive(t *testing.T) {
	t.Parallel()
	cmd, pid := stranger(t, "deaf")
	in, err := GroupMembers(pid)
	if err != nil || !slices.Equal(in, []int{pid}) {
		t.Fatalf("members %v, %v", in, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	w := openWaiter(pid)
	defer w.close()
	if err := w.dead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if groupGone(pid) {
		t.Fatal("the zombie has been reaped: this test shows nothing")
	}
	if in, err := GroupMembers(pid); err != nil || len(in) != 0 {
		t.Errorf("members %v, %v", in, err)
	}
	if err := KillGroup(t.Context(), pid, 0); err != nil {
		t.Errorf("KillGroup waits for a zombie: %v", err)
	}
	mustBeDead(t, "zombie", pid)
}

// TestGroupNumberGivenAway: what runs under the number now is not ours.
func TestGroupNumberGivenAway(t *testing.T) {
	t.Parallel()
	all := []proc{{pid: 40, pgid: 40, start: 9}, {pid: 41, pgid: 40, start: 10}}
	if got := (group{pgid: 40, start: 5}).members(all); len(got) != 0 {
		t.Errorf("members %v", got)
	}
	if got := (group{pgid: 40, start: 9}).members(all); len(got) != 2 {
		t.Errorf("members %v", got)
	}
	_, pid := stranger(t, "deaf")
	began, err := PidStart(pid)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := KillGroup(ctx, pid, began-1); err != nil {
		t.Fatal(err)
	}
	if err := signalProc(proc{pid: pid, start: began - 1}, SIGKILL); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signalled a later process: %v", err)
	}
	if _, err := PidStart(pid); err != nil {
		t.Errorf("killed a later process: %v", err)
	}
	if err := KillGroup(ctx, pid, began); err != nil {
		t.Fatal(err)
	}
	mustBeDead(t, "member", pid)
}

func TestAdoptedProcessIsWatchedAndEnded(t *testing.T) {
	t.Parallel()
	o := newOS(t)
	_, pid := stranger(t, "deaf")
	began, err := PidStart(pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Adopt(Spec{}, pid, began-1); !errors.Is(err, ErrGone) {
		t.Errorf("adopted an earlier process: %v", err)
	}
	p, err := o.Adopt(Spec{}, pid, began)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	if err := p.Signal(SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := end(t, p); !e.Unknown {
		t.Errorf("%v", e)
	}
	kill, now := context.WithCancel(t.Context())
	now()
	p.Drain(kill) // the zombie, whose parent sleeps, does not hold it
	if err := p.Signal(SIGKILL); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal after the end: %v", err)
	}
}

// TestAdoptRefusesAMemberOfAnotherGroup: ending its group would end its neighbours.
func TestAdoptRefusesAMemberOfAnotherGroup(t *testing.T) {
	t.Parallel()
	o := newOS(t)
	cmd := exec.Command("/bin/sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	began, err := PidStart(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Adopt(Spec{}, cmd.Process.Pid, began); !errors.Is(err, errNotLeader) {
		t.Errorf("%v", err)
	}
}

// TestDescendantsAreFoundByParent, across sessions.
func TestDescendantsAreFoundByParent(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("leader")
	spec.LogPath = tp.path
	p := startPlayer(t, o, spec)
	member := tp.until("up")
	below, err := Descendants(p.PID())
	if err != nil || !slices.Equal(below, []int{member}) {
		t.Errorf("below %v, %v; want %d", below, err, member)
	}
	mine, err := Descendants(os.Getpid())
	if err != nil || !slices.Contains(mine, member) || !slices.Contains(mine, p.PID()) {
		t.Errorf("below us %v, %v", mine, err)
	}
}

func TestPollingFindsTheEndToo(t *testing.T) {
	t.Parallel()
	cmd, pid := stranger(t, "deaf")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pollDead(ctx, pid); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := pollDead(t.Context(), pid); err != nil {
		t.Error(err)
	}
}

func TestStatOfAProcessWithAWildName(t *testing.T) {
	t.Parallel()
	p, err := parseStat([]byte("42 (a) R (b ) S) Z 7 8 9 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0\n"))
	want := proc{pid: 42, ppid: 7, pgid: 8, sid: 9, start: 12345, dead: true}
	if err != nil || p != want {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = parseStat([]byte("42 (a) Z 7 8 9 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 2 0 12345 0 0\n"))
	if err != nil || p.dead {
		t.Errorf("%+v, %v: its second thread is not dead yet", p, err)
	}
	for _, bad := range []string{"", "42", "42 (a", "42 (a) S 1", "x (a) S 7 8 9 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 12345"} {
		if p, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}

func TestOutOfMemoryCounterOfThisMachine(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	vmstat := file("pgfault 1\noom_kill 3\nfoo 4\n")
	for name, c := range map[string]struct {
		fs   fstest.MapFS
		want uint64
	}{
		"v2":      {fstest.MapFS{"proc/self/cgroup": file("0::/user/ww\n"), "sys/fs/cgroup/user/ww/memory.events": file("oom 9\noom_kill 7\n"), "proc/vmstat": vmstat}, 7},
		"v1":      {fstest.MapFS{"proc/self/cgroup": file("5:cpu:/x\n3:memory:/ww\n"), "sys/fs/cgroup/memory/ww/memory.oom_control": file("under_oom 0\noom_kill 2\n"), "proc/vmstat": vmstat}, 2},
		"machine": {fstest.MapFS{"proc/self/cgroup": file("0::/gone\n"), "proc/vmstat": vmstat}, 3},
		"none":    {fstest.MapFS{}, 0},
	} {
		if got := oomKills(c.fs); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	var o oomCounter
	o.mark()
	if o.happened() {
		t.Error("nothing was killed, and the counter moved")
	}
}

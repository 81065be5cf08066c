package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// groupsHere is a place for groups: our own where the system gives us one, else one that root mounts for the test.
func groupsHere(t *testing.T) cgroups {
	t.Helper()
	if own := ownCgroups(); own.root != "" {
		return own
	}
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "cgroup2", 0, ""); err != nil {
		t.Skipf("needs a cgroup v2 that can be written, or root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	g := usable(dir)
	if g.root == "" {
		t.Skip("needs a kernel with cgroup.kill")
	}
	return g
}

// What has left its group, its session, its parents and its environment is still in its cgroup.
func TestACgroupHoldsWhatNothingElseFinds(t *testing.T) {
	groups := groupsHere(t)
	o := newOS(t)
	o.groups = groups
	s := New(Options{Starter: o, Linger: time.Millisecond})
	ran := make(chan error, 1)
	go func() { ran <- s.Run(t.Context()) }()

	tp := newTape(t)
	spec := playerSpec("scrubbed")
	spec.LogPath = tp.path
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	survivor := tp.until("up")
	if all, err := processes(true); err != nil || len(strays(all, nonce(t))) != 1 {
		t.Fatalf("its mark is not lost, so this test says nothing: %v", err)
	}
	made, _ := filepath.Glob(filepath.Join(groups.root, groupPrefix+nonce(t)+".*"))
	if len(made) != 1 {
		t.Fatalf("groups %v, want one", made)
	}
	member, err := os.ReadFile(filepath.Join(made[0], "cgroup.procs"))
	if err != nil || len(strings.Fields(string(member))) < 2 {
		t.Fatalf("members %q, %v", member, err)
	}
	if err := s.Stop(t.Context(), "scrubbed"); err != nil {
		t.Fatal(err)
	}
	mustBeDead(t, "survivor", survivor)
	if left, _ := filepath.Glob(made[0]); len(left) > 0 {
		t.Errorf("the group is still there: %v", left)
	}
	s.Release()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

// A new supervisor finds the group of what it adopts, and removes those that are empty.
func TestAnAdoptedProcessKeepsItsCgroup(t *testing.T) {
	groups := groupsHere(t)
	first := newOS(t)
	first.groups = groups
	tp := newTape(t)
	spec := playerSpec("scrubbed")
	spec.LogPath = tp.path
	p := startPlayer(t, first, spec)
	survivor := tp.until("up")
	empty := filepath.Join(groups.root, groupPrefix+nonce(t)+".empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	groups.tidy()
	if _, err := os.Stat(empty); err != nil {
		t.Error("a group that was just made is removed")
	}
	if err := unix.Rmdir(empty); err != nil {
		t.Error(err)
	}
	start, err := PidStart(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	second := newOS(t)
	second.groups = groups
	adopted, err := second.Adopt(spec, p.PID(), start)
	if err != nil {
		t.Fatal(err)
	}
	jail := adopted.(*osProcess).jail
	if jail == nil || !jail.populated() {
		t.Fatal("its group is not found")
	}
	groups.end(nonce(t), []string{adopted.(*osProcess).tag})
	if !jail.populated() {
		t.Error("what was to be spared is ended")
	}
	groups.end(nonce(t), nil)
	end(t, p)
	for late := time.Now().Add(20 * time.Second); jail.populated() && time.Now().Before(late); time.Sleep(time.Millisecond) { //nolint:forbidigo // between two looks at the kernel
	}
	mustBeDead(t, "survivor", survivor)
	jail.close()
}

// Where there are no groups for us, everything works without them.
func TestNoCgroupIsNoProblem(t *testing.T) {
	t.Parallel()
	if g := usable(t.TempDir()); g.root != "" {
		t.Error("an ordinary directory is taken for a cgroup")
	}
	var none cgroups
	if g := none.open("tag-of-a-start"); g != nil {
		t.Error("a group is made nowhere")
	}
	var g *cgroup
	g.kill()
	g.close()
	if g.populated() || none.of(os.Getpid()) != nil {
		t.Error("no group is populated")
	}
	none.tidy()
}

func TestAcceleratorsAreTriedOut(t *testing.T) {
	t.Parallel()
	works := map[string]bool{}
	for _, a := range Accelerators() {
		works[a.Name] = a.Works
		if a.What == "" {
			t.Errorf("%s says nothing", a.Name)
		}
	}
	if !works["subreaper"] || !works["marks of processes"] {
		t.Errorf("%v", works)
	}
}

func TestAllMarkedFindsWhatAppsHaveStarted(t *testing.T) {
	t.Parallel()
	o, tp := newOS(t), newTape(t)
	spec := playerSpec("deaf")
	spec.LogPath = tp.path
	p := startPlayer(t, o, spec)
	tp.until("up")
	all, err := AllMarked()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range all {
		if m.PID == p.PID() {
			found = true
			if m.Run != nonce(t) || m.Parent != os.Getpid() {
				t.Errorf("%+v", m)
			}
			if err := m.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if !found {
		t.Errorf("%d is not among %v", p.PID(), all)
	}
	if e := end(t, p); e.Signal != SIGKILL {
		t.Errorf("it ended with %v", e)
	}
}

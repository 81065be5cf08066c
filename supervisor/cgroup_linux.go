package supervisor

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cgroups ends whole trees by one write, where the system lets an ordinary user have groups (cgroup v2, delegated as
// systemd does it for users, or in a container whose hierarchy can be written). Nothing can leave such a group, whatever
// it forks, renames or forgets.
type cgroups struct{ root string } // our own group; empty: there are none for us

// groupPrefix begins the names of our groups; the rest is the tag of a start.
const groupPrefix = "ww-"

// ownCgroups finds where we may make groups.
func ownCgroups() cgroups {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return cgroups{}
	}
	for line := range strings.Lines(string(b)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			for _, base := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} { // the second beside cgroup v1
				if c := usable(filepath.Join(base, path)); c.root != "" {
					return c
				}
			}
		}
	}
	return cgroups{}
}

// usable checks that dir is a group of cgroup v2 in which we may make others, by making one.
func usable(dir string) cgroups {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Type != unix.CGROUP2_SUPER_MAGIC {
		return cgroups{}
	}
	probe, err := os.MkdirTemp(dir, "try-ww-")
	if err != nil {
		return cgroups{}
	}
	defer unix.Rmdir(probe) //nolint:errcheck // it is empty
	if unix.Access(filepath.Join(probe, "cgroup.kill"), unix.W_OK) != nil || unix.Access(filepath.Join(probe, "cgroup.procs"), unix.W_OK) != nil {
		return cgroups{} // an old kernel, or somebody else's
	}
	return cgroups{root: dir}
}

func groupsWork() bool { return ownCgroups().root != "" }

// cgroup is the group of one start. Nil: there is none, and the tree is found by other means.
type cgroup struct {
	path string
	dir  *os.File
}

// open makes the group that a process is going to be started in.
func (c cgroups) open(tag string) *cgroup {
	if c.root == "" || tag == "" {
		return nil
	}
	path := filepath.Join(c.root, groupPrefix+tag)
	if os.Mkdir(path, 0o700) != nil {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		_ = unix.Rmdir(path)
		return nil
	}
	return &cgroup{path: path, dir: dir}
}

// enter has fork put the child into the group.
func (g *cgroup) enter(attr *syscall.SysProcAttr) {
	if g != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, int(g.dir.Fd())
	}
}

// leave takes that back: the kernel did not want it.
func (g *cgroup) leave(attr *syscall.SysProcAttr) {
	attr.UseCgroupFD, attr.CgroupFD = false, 0
	g.close()
}

// of is the group of a process that an earlier supervisor started.
func (c cgroups) of(pid int) *cgroup {
	if c.root == "" {
		return nil
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if name := filepath.Base(path); ok && strings.HasPrefix(name, groupPrefix) {
			dir, err := os.Open(filepath.Join(c.root, name))
			if err != nil {
				return nil // in a group of another supervisor's parent; found by other means
			}
			return &cgroup{path: dir.Name(), dir: dir}
		}
	}
	return nil
}

// settled is how old an empty group is before it is taken for a left one: its process may not be in it yet.
const settled = time.Minute

// tidy removes the empty groups of earlier runs; the kernel refuses to remove others.
func (c cgroups) tidy() {
	if c.root == "" {
		return
	}
	old, _ := filepath.Glob(filepath.Join(c.root, groupPrefix+"*")) // the pattern is well formed
	for _, path := range old {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > settled {
			_ = unix.Rmdir(path)
		}
	}
}

// end kills what is in the groups of a tag, but for those to be spared and the one that this process is in itself.
func (c cgroups) end(tag string, spare []string) {
	if c.root == "" {
		return
	}
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return
	}
	old, _ := filepath.Glob(filepath.Join(c.root, groupPrefix+"*")) // the pattern is well formed
	for _, path := range old {
		p := proc{tag: strings.TrimPrefix(filepath.Base(path), groupPrefix)}
		if p.tagged(tag) && !slices.ContainsFunc(spare, p.tagged) && !bytes.Contains(self, []byte(filepath.Base(path))) {
			g := &cgroup{path: path}
			g.kill()
			_ = unix.Rmdir(path) // at once when it was empty, else by the next one who tidies up
		}
	}
}

// kill ends everything in the group at once.
func (g *cgroup) kill() {
	if g != nil {
		_ = os.WriteFile(filepath.Join(g.path, "cgroup.kill"), []byte("1"), 0) // what it misses is found by other means
	}
}

// close removes the group; it is empty by now, or nearly.
func (g *cgroup) close() {
	if g == nil {
		return
	}
	_ = g.dir.Close()
	for range 50 {
		if err := unix.Rmdir(g.path); err == nil || !errors.Is(err, unix.EBUSY) {
			return
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // zombies leave a moment after they are reaped, and nothing tells
	}
}

// populated reports whether anything is alive in the group.
func (g *cgroup) populated() bool {
	if g == nil {
		return false
	}
	b, err := os.ReadFile(filepath.Join(g.path, "cgroup.events"))
	if err != nil {
		return false
	}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		if s.Text() == "populated 1" {
			return true
		}
	}
	return false
}

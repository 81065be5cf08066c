package supervisor

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// proc is what the kernel says of one process.
type proc struct {
	pid, ppid int
	pgid, sid int
	uid       int
	start     uint64 // distinguishes it from an earlier process with its pid
	dead      bool   // a zombie, or on its way out: it runs nothing and holds nothing
	tag       string // WW_TAG of its environment
}

// TagEnv is the environment variable by which processes of an app are found when nothing else leads to them. Its
// value is the app's nonce, a dot, and a part of its own for every start.
const TagEnv = "WW_TAG"

// tagged reports whether a process with this tag belongs to an app or to one start of it.
func (p proc) tagged(tag string) bool {
	return tag != "" && (p.tag == tag || strings.HasPrefix(p.tag, tag+"."))
}

// census lists processes for many who ask at once: a scan of /proc costs milliseconds, and a hundred groups that stop
// together would each want one every few milliseconds. A scan serves everybody who asked before it began.
type census struct {
	mu      sync.Mutex
	began   time.Time
	listing []proc
}

func (c *census) take() ([]proc, error) {
	asked := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.After(asked) {
		return c.listing, nil
	}
	began := time.Now()
	listing, err := processes(true)
	if err != nil {
		return nil, err
	}
	c.began, c.listing = began, listing
	return listing, nil
}

// GroupMembers returns the live members of a process group. Zombies are not alive.
func GroupMembers(pgid int) ([]int, error) {
	if pgid <= 1 {
		return nil, refusedPID(pgid)
	}
	if groupGone(pgid) {
		return nil, nil
	}
	all, err := processes(false)
	return pids(all, func(p proc) bool { return p.pgid == pgid && !p.dead }), err
}

// Mark returns the [PidStart] of a live process of this user and the tag in its environment, "" when it has none.
func Mark(pid int) (start uint64, tag string, err error) {
	if pid <= 1 {
		return 0, "", refusedPID(pid)
	}
	p, err := lookup(pid, true)
	if err != nil || p.dead {
		return 0, "", named("process "+strconv.Itoa(pid), ErrGone)
	}
	return p.start, p.tag, nil
}

// Descendants returns the live processes below pid, parents first. What was orphaned meanwhile is not below it.
func Descendants(pid int) ([]int, error) {
	all, err := processes(false)
	if err != nil {
		return nil, err
	}
	children := map[int][]proc{}
	for _, p := range all {
		children[p.ppid] = append(children[p.ppid], p)
	}
	var below []int
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		for _, p := range children[todo[0]] {
			todo = append(todo, p.pid)
			if !p.dead {
				below = append(below, p.pid)
			}
		}
	}
	return below, nil
}

func pids(all []proc, want func(proc) bool) []int {
	var found []int
	for _, p := range all {
		if want(p) {
			found = append(found, p.pid)
		}
	}
	return found
}

// strays are the live processes of all that carry tag, without this process and its ancestors: a ww that was started
// by a component carries the mark of that component, and must not end itself.
func strays(all []proc, tag string) []proc {
	spared := ancestors(all, os.Getpid())
	uid := os.Getuid()
	return slices.DeleteFunc(slices.Clone(all), func(p proc) bool {
		return p.dead || p.uid != uid || !p.tagged(tag) || slices.Contains(spared, p.pid)
	})
}

func ancestors(all []proc, pid int) []int {
	parent := map[int]int{}
	for _, p := range all {
		parent[p.pid] = p.ppid
	}
	var line []int
	for pid > 0 && !slices.Contains(line, pid) {
		line = append(line, pid)
		pid = parent[pid]
	}
	return line
}

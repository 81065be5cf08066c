package supervisor

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
)

// oomCounter tells a SIGKILL of the kernel, out of memory, from one of a person: the kernel counts its own. The
// counter belongs to the cgroup (or, without one, the machine), so it may blame memory for a kill that came after
// somebody else's; it never overlooks one.
type oomCounter struct {
	mu   sync.Mutex
	seen uint64
}

// mark forgets the kills that happened before a process was started.
func (o *oomCounter) mark() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = oomKills(os.DirFS("/"))
}

// happened reports whether the kernel has killed for memory since it was last asked.
func (o *oomCounter) happened() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := oomKills(os.DirFS("/"))
	more := now > o.seen
	o.seen = now
	return more
}

// oomKills reads the nearest counter: of our cgroup, v2 or v1, else of the machine.
func oomKills(root fs.FS) uint64 {
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		file := ""
		switch {
		case f[0] == "0" && f[1] == "":
			file = path.Join("sys/fs/cgroup", f[2], "memory.events")
		case f[1] == "memory":
			file = path.Join("sys/fs/cgroup/memory", f[2], "memory.oom_control")
		default:
			continue
		}
		if n, ok := counter(root, file); ok {
			return n
		}
	}
	n, _ := counter(root, "proc/vmstat")
	return n
}

func counter(root fs.FS, file string) (uint64, bool) {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		if value, ok := bytes.CutPrefix(line, []byte("oom_kill ")); ok {
			n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

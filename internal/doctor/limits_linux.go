package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// kernel is its version.
func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return ", Linux " + unix.ByteSliceToString(u.Release[:])
}

// kindOf names the file system when it is one on which locks and events are known to be weak.
func kindOf(dir string) string {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return ""
	}
	names := map[int64]string{
		unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.V9FS_MAGIC: "9p", unix.FUSE_SUPER_MAGIC: "FUSE", 0xff534d42: "CIFS",
	}
	if name, ok := names[int64(st.Type)&0xffffffff]; ok { //nolint:unconvert // its type depends on the machine
		return " (" + name + ": other machines may not see the lock, and saves may not be told)"
	}
	return ""
}

// reaper checks that process 1 does what process 1 is for: in a container it may be a shell.
func reaper() Check {
	c := Check{Area: "system", Name: "process 1", Verdict: OK, Text: "buries orphans"}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	zombies := 0
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:])); len(f) > 1 && f[0] == "Z" && f[1] == "1" {
			zombies++
		}
	}
	if zombies > 20 {
		c.Verdict, c.Text, c.Fix = Warn, fmt.Sprintf("does not bury orphans: %d dead processes wait for it. ww does not count them as alive", zombies), "docker run --init"
	}
	return c
}

// limits are those that a larger app may meet.
func limits() []Check { return []Check{inotify(), descriptors(), processes(), pipes()} }

// inotify: instances are shared with editors. A runner takes one only while it waits for a peer.
func inotify() Check {
	c := Check{Area: "limits", Name: "inotify", Verdict: OK}
	most := readNumber("/proc/sys/fs/inotify/max_user_instances")
	watches := readNumber("/proc/sys/fs/inotify/max_user_watches")
	used := 0
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well formed
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == "anon_inode:inotify" {
			used++
		}
	}
	c.Text = fmt.Sprintf("%d of %d instances in use, %d watches allowed", used, most, watches)
	if most > 0 && used > most*3/4 {
		c.Verdict = Warn
		c.Text += "; without one, ww looks every second instead of being told"
		c.Fix = fmt.Sprintf("sudo sysctl fs.inotify.max_user_instances=%d", 8*most)
	}
	return c
}

func descriptors() Check {
	c := Check{Area: "limits", Name: "descriptors", Verdict: OK}
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		c.Verdict, c.Text = Info, err.Error()
		return c
	}
	c.Text = fmt.Sprintf("%s a process, up to %s", limitText(l.Cur), limitText(l.Max))
	if l.Max < 1024 {
		c.Verdict, c.Fix = Warn, "ulimit -n 4096: a component needs about 50, one that many call more"
	}
	return c
}

func processes() Check {
	c := Check{Area: "limits", Name: "processes", Verdict: OK}
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &l); err != nil {
		c.Verdict, c.Text = Info, err.Error()
		return c
	}
	c.Text = limitText(l.Cur) + " for this user, threads included"
	if l.Cur < 1024 {
		c.Verdict, c.Fix = Warn, "ulimit -u 4096: a component has about 10 threads"
	}
	return c
}

// pipes: beyond this many pages all pipes of the user shrink; ww leaves them at the size they have.
func pipes() Check {
	pages := readNumber("/proc/sys/fs/pipe-user-pages-soft")
	return Check{Area: "limits", Name: "pipes", Verdict: OK, Text: fmt.Sprintf("%d pages for this user; ww leaves pipes at 64 KiB", pages)}
}

func limitText(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "no limit"
	}
	return strconv.FormatUint(n, 10)
}

func readNumber(path string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(b))) // the kernel writes numbers
	return n
}

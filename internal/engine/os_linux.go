package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"github.com/woodwork-lang/ww/supervisor"
)

func ownPath() string { return "/proc/self/exe" }

// treeTicks is the processor time that a process and everything below it have used. ok is false when it cannot be
// known.
func treeTicks(pid int) (ticks uint64, ok bool) {
	below, err := supervisor.Descendants(pid)
	if err != nil {
		return 0, false
	}
	for _, p := range append(below, pid) {
		t, _ := procTicks(p) // gone meanwhile: it uses nothing
		ticks += t
	}
	return ticks, true
}

// procTicks reads user and system time, and the time of the start, from /proc/<pid>/stat.
func procTicks(pid int) (ticks uint64, started uint64) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0
	}
	i := bytes.LastIndexByte(b, ')') // the name may hold blanks and brackets
	f := bytes.Fields(b[i+1:])
	if len(f) < 20 {
		return 0, 0
	}
	return number(f[11]) + number(f[12]), number(f[19])
}

func number(b []byte) uint64 {
	n, _ := strconv.ParseUint(string(b), 10, 64) // the kernel writes numbers
	return n
}

package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"github.com/woodwork-lang/ww/supervisor"
)

func ownPath() string { return "/proc/self/exe" }

// ticksPerSecond is the kernel's USER_HZ, which is 100 on every architecture that Go runs on.
const ticksPerSecond = 100

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

// share is how much of one processor a process has used since it was started, and its memory in bytes. ok is false
// when it is gone.
func share(pid int) (cpu float64, pss int64, ok bool) {
	ticks, started := procTicks(pid)
	up, err := os.ReadFile("/proc/uptime")
	if err != nil || started == 0 {
		return 0, 0, false
	}
	word, _, _ := bytes.Cut(up, []byte(" "))
	seconds, err := strconv.ParseFloat(string(word), 64)
	if err != nil {
		return 0, 0, false
	}
	age := seconds - float64(started)/ticksPerSecond
	if age > 0 {
		cpu = float64(ticks) / ticksPerSecond / age
	}
	return cpu, memory(pid), true
}

// memory is the proportional set size, or the resident one where the kernel does not tell.
func memory(pid int) int64 {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	if b, err := os.ReadFile(filepath.Join(dir, "smaps_rollup")); err == nil {
		if kb, ok := kilobytes(b, "\nPss:"); ok {
			return kb << 10
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return 0
	}
	kb, _ := kilobytes(b, "\nVmRSS:")
	return kb << 10
}

func kilobytes(b []byte, key string) (int64, bool) {
	_, rest, ok := bytes.Cut(b, []byte(key))
	if !ok {
		return 0, false
	}
	f := bytes.Fields(rest)
	if len(f) == 0 {
		return 0, false
	}
	return int64(number(f[0])), true
}

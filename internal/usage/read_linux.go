package usage

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// trees lists each process with all below it, parents first. One look at the whole table serves all of them.
func trees(pids []int) map[int][]Process {
	parents := map[int]int{}
	all := map[int]Process{}
	for _, pid := range numbers("/proc") {
		if p, parent, ok := look(pid); ok {
			all[pid], parents[pid] = p, parent
		}
	}
	out := map[int][]Process{}
	for _, pid := range pids {
		root, ok := all[pid]
		if !ok {
			continue
		}
		children := map[int][]Process{}
		for child, parent := range parents {
			children[parent] = append(children[parent], all[child])
		}
		out[pid] = below(root, children)
	}
	return out
}

// numbers are the names in a directory that are numbers.
func numbers(dir string) []int {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1) // what was read before an error is better than nothing
	var out []int
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// look reads who a process is; false when it is gone or a zombie.
func look(pid int) (p Process, parent int, ok bool) {
	f := stat(pid)
	if f == nil || f[0][0] == 'Z' || f[0][0] == 'X' {
		return p, 0, false
	}
	return Process{PID: pid, Start: number(f[19])}, int(number(f[1])), true
}

// stat is the fields of /proc/<pid>/stat from the state on; the name before it may hold blanks and brackets.
func stat(pid int) [][]byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 20 {
		return nil
	}
	return f
}

func number(b []byte) uint64 {
	n, _ := strconv.ParseUint(string(b), 10, 64) // the kernel writes numbers
	return n
}

func read(p Process, onlyCPU bool) (reading, bool) {
	cpu, ok := clock(p.PID)
	if !ok {
		return reading{}, false
	}
	r := reading{cpu: cpu}
	if onlyCPU {
		return r, true
	}
	f := stat(p.PID)
	if f == nil || number(f[19]) != p.Start {
		return r, false
	}
	dir := "/proc/" + strconv.Itoa(p.PID)
	r.threads, r.memory, r.files = int(number(f[17])), memory(dir), len(numbers(dir+"/fd"))
	return r, true
}

// clock is the processor time of a process in nanoseconds, where the hundredths of a second of /proc would make a short
// look useless. The number of its clock follows from its own, as clock_getcpuclockid(3) has it.
func clock(pid int) (time.Duration, bool) {
	const sched = 2
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|sched), &ts) == nil {
		return time.Duration(ts.Nano()), true
	}
	f := stat(pid) // a sandbox without such clocks
	if f == nil {
		return 0, false
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs Go
	return time.Duration(number(f[11])+number(f[12])) * tick, true
}

// memory is the proportional set size, or the resident one where the kernel does not tell.
func memory(dir string) int64 {
	if b, err := os.ReadFile(dir + "/smaps_rollup"); err == nil {
		if kb, ok := kilobytes(b, "\nPss:"); ok {
			return kb << 10
		}
	}
	b, err := os.ReadFile(dir + "/status")
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

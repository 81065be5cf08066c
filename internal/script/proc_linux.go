package script

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"time"
)

// A process is one line of /proc.
type process struct {
	pid, parent int
	state       byte
	ticks       uint64 // CPU time used, in hundredths of a second
}

// alive: a zombie is dead, it only waits to be reaped.
func (p process) alive() bool { return p.state != 'Z' && p.state != 'X' }

// processes reads all of /proc. What ends meanwhile is left out.
func processes() []process {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil
	}
	var out []process
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		if p, ok := parseStat(stat); ok {
			p.pid = pid
			out = append(out, p)
		}
	}
	return out
}

// parseStat reads what stands behind the name, which may itself hold blanks and brackets.
func parseStat(stat []byte) (process, bool) {
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	fields := bytes.Fields(rest)
	const state, parent, user, system = 0, 1, 11, 12
	if !ok || len(fields) <= system {
		return process{}, false
	}
	p := process{state: fields[state][0]}
	p.parent, _ = strconv.Atoi(string(fields[parent]))
	for _, i := range []int{user, system} {
		n, _ := strconv.ParseUint(string(fields[i]), 10, 64)
		p.ticks += n
	}
	return p, true
}

// descendants returns what is below root, without root itself, and without what is in keep and below that.
func descendants(root int, all []process, keep []int) []process {
	children := map[int][]process{}
	for _, p := range all {
		children[p.parent] = append(children[p.parent], p)
	}
	for _, pid := range keep {
		delete(children, pid)
	}
	var out []process
	for todo := []int{root}; len(todo) > 0; todo = todo[1:] {
		for _, p := range children[todo[0]] {
			if !slices.Contains(keep, p.pid) {
				out = append(out, p)
				todo = append(todo, p.pid)
			}
		}
		delete(children, todo[0]) // a pid that was used again while we read must not close a circle
	}
	return out
}

// usedBelow is the CPU time of everything below root. It falls when a process ends, so that a reader looks for change.
func usedBelow(root int) (time.Duration, bool) {
	var ticks uint64
	for _, p := range descendants(root, processes(), nil) {
		ticks += p.ticks
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs Go
	return time.Duration(ticks) * tick, true
}

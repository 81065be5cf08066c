//go:build !linux

package usage

import (
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

func trees(pids []int) map[int][]Process {
	all, err := process.Processes()
	if err != nil {
		return nil
	}
	known := map[int]Process{}
	parents := map[int]int{}
	for _, p := range all {
		parent, err := p.Ppid()
		if err != nil {
			continue
		}
		born, _ := p.CreateTime() // without it a number that is used again looks like the old one
		known[int(p.Pid)], parents[int(p.Pid)] = Process{PID: int(p.Pid), Start: uint64(born)}, int(parent)
	}
	out := map[int][]Process{}
	for _, pid := range pids {
		root, ok := known[pid]
		if !ok {
			continue
		}
		children := map[int][]Process{}
		for child, parent := range parents {
			children[parent] = append(children[parent], known[child])
		}
		out[pid] = below(root, children)
	}
	return out
}

func read(p Process, onlyCPU bool) (reading, bool) {
	proc, err := process.NewProcess(int32(p.PID))
	if err != nil {
		return reading{}, false
	}
	times, err := proc.Times()
	if err != nil {
		return reading{}, false
	}
	r := reading{cpu: time.Duration((times.User + times.System) * float64(time.Second))}
	if onlyCPU {
		return r, true
	}
	if m, err := proc.MemoryInfo(); err == nil {
		r.memory = int64(m.RSS) // this system does not divide what is shared
	}
	if n, err := proc.NumThreads(); err == nil {
		r.threads = int(n)
	}
	if n, err := proc.NumFDs(); err == nil {
		r.files = int(n)
	}
	return r, true
}

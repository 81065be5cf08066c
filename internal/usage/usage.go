// Package usage measures what processes use of the machine: processor time, memory, threads, open files, each with
// everything that it has started.
//
// On Linux it reads the kernel's own files: a process of ww is started for every component, and the library that it
// uses elsewhere works for 0.2 ms before main, a fifth of what the start of a component takes.
package usage

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Usage is what a process and all below it use. Zero fields are what the system does not tell.
type Usage struct {
	CPU       float64 // share of one core since the measurement before this one
	Memory    int64   // bytes; shared pages are divided among those who share them, where the system can
	Threads   int
	Files     int // open descriptors
	Processes int
}

// Process names a process for as long as the machine is up.
type Process struct {
	PID   int
	Start uint64 // in a unit of the system; distinguishes it from an earlier one with its number
}

// reading is what one process used up to now.
type reading struct {
	cpu     time.Duration // since it was started
	memory  int64
	threads int
	files   int
}

// Meter measures again and again. The zero value is ready to use.
type Meter struct {
	mu   sync.Mutex
	at   time.Time
	cpu  map[Process]time.Duration
	last map[int]Usage

	known   map[int][]Process // the trees of the last whole measurement
	glances int               // since then
}

const (
	// fresh: who asks again at once gets the same answer.
	fresh = 100 * time.Millisecond
	// stale: a share over a longer time says nothing about now.
	stale = time.Minute
	// glance is how long is measured when there is nothing to compare with.
	glance = 50 * time.Millisecond
)

// Trees measures the processes and everything below each. Who is gone is missing in the answer. The first time it takes
// as long as it needs to see who works.
func (m *Meter) Trees(ctx context.Context, pids []int) map[int]Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	age := time.Since(m.at)
	if age < fresh && m.covers(pids) {
		return m.last
	}
	if age > stale || age < fresh {
		m.measure(pids, true)
		select {
		case <-time.After(glance):
		case <-ctx.Done():
		}
	}
	m.measure(pids, false)
	return m.last
}

// everyGlance is how many measurements of Watch there are for each whole one.
const everyGlance = 3

// Watch is Trees for who asks every few seconds, with nothing that costs: two times out of three it only reads how much the
// processes have worked that are known. What they hold, and who is new below them, is seen the third time.
func (m *Meter) Watch(ctx context.Context, pids []int) map[int]Usage {
	m.mu.Lock()
	if m.known != nil && m.glances+1 < everyGlance && m.covers(pids) && time.Since(m.at) <= stale {
		defer m.mu.Unlock()
		m.glances++
		m.glimpse()
		return m.last
	}
	m.mu.Unlock()
	return m.Trees(ctx, pids)
}

// glimpse reads how much the known processes have worked.
func (m *Meter) glimpse() {
	began := time.Now()
	cpu, usage := map[Process]time.Duration{}, map[int]Usage{}
	for pid, tree := range m.known {
		u, there := m.last[pid]
		if !there {
			continue
		}
		var worked time.Duration
		for _, p := range tree {
			if r, ok := read(p, true); ok {
				cpu[p] = r.cpu
				worked += max(0, r.cpu-m.cpu[p])
			}
		}
		u.CPU = float64(worked) / float64(max(1, began.Sub(m.at)))
		usage[pid] = u
	}
	m.at, m.cpu, m.last = began, cpu, usage
}

func (m *Meter) covers(pids []int) bool {
	return !slices.ContainsFunc(pids, func(pid int) bool { _, ok := m.last[pid]; return !ok })
}

// measure reads every process once. Only the processor is read when that is all that is needed.
func (m *Meter) measure(pids []int, onlyCPU bool) {
	began := time.Now()
	cpu, usage := map[Process]time.Duration{}, map[int]Usage{}
	m.known, m.glances = trees(pids), 0
	for pid, tree := range m.known {
		var u Usage
		var worked time.Duration
		for _, p := range tree {
			r, ok := read(p, onlyCPU)
			if !ok {
				continue
			}
			cpu[p] = r.cpu
			if before, known := m.cpu[p]; known {
				worked += max(0, r.cpu-before)
			} else if !m.at.IsZero() && len(m.cpu) > 0 && m.knows(tree) {
				worked += r.cpu // started since
			}
			u.Memory += r.memory
			u.Threads += r.threads
			u.Files += r.files
			u.Processes++
		}
		if passed := began.Sub(m.at); passed > 0 && passed <= 2*stale {
			u.CPU = float64(worked) / float64(passed)
		}
		if u.Processes > 0 {
			usage[pid] = u
		}
	}
	m.at, m.cpu, m.last = began, cpu, usage
}

// knows reports whether some process of a tree was there before.
func (m *Meter) knows(tree []Process) bool {
	return slices.ContainsFunc(tree, func(p Process) bool { _, ok := m.cpu[p]; return ok })
}

// Spent is the processor time that a process and everything alive below it have used since they were started.
func Spent(pid int) (spent time.Duration) {
	for _, tree := range trees([]int{pid}) {
		for _, p := range tree {
			if r, ok := read(p, true); ok {
				spent += r.cpu
			}
		}
	}
	return spent
}

// SpentAlone is the processor time that one process has used since it was started, without those below it.
func SpentAlone(pid int) time.Duration {
	for _, tree := range trees([]int{pid}) {
		if r, ok := read(tree[0], true); ok {
			return r.cpu
		}
	}
	return 0
}

// Memory is what the processes and everything below each use of it, in bytes.
func Memory(pids []int) map[int]int64 {
	out := map[int]int64{}
	for pid, tree := range trees(pids) {
		for _, p := range tree {
			if r, ok := read(p, false); ok {
				out[pid] += r.memory
			}
		}
	}
	return out
}

// Own is the memory of one process alone, in bytes; 0 when it cannot be known.
func Own(pid int) int64 {
	for _, tree := range trees([]int{pid}) {
		if r, ok := read(tree[0], false); ok {
			return r.memory
		}
	}
	return 0
}

// below returns root and everything below it.
func below(root Process, children map[int][]Process) []Process {
	tree := []Process{root}
	for i := 0; i < len(tree); i++ {
		kids := children[tree[i].PID]
		delete(children, tree[i].PID) // a number that was used again while we read must not close a circle
		tree = append(tree, kids...)
	}
	return tree
}

package supervisor

import (
	"os"
	"slices"
	"strings"
	"time"
)

// Marked is a live process of this user that some app has started.
type Marked struct {
	PID    int
	Parent int
	Start  uint64 // see PidStart
	Run    string // which run of an app: the tag without the part of one start
}

// AllMarked lists every process of this user that carries the mark of an app, whichever, without this process and its
// ancestors.
func AllMarked() ([]Marked, error) {
	all, err := processes(true)
	if err != nil {
		return nil, err
	}
	spared, uid := ancestors(all, os.Getpid()), os.Getuid()
	var found []Marked
	for _, p := range all {
		if p.dead || p.uid != uid || p.tag == "" || slices.Contains(spared, p.pid) {
			continue
		}
		run, _, _ := strings.Cut(p.tag, ".")
		found = append(found, Marked{PID: p.pid, Parent: p.ppid, Start: p.start, Run: run})
	}
	return found, nil
}

// Age is how long ago the process was started.
func (m Marked) Age() time.Duration { return age(m.Start) }

// Kill ends exactly this process, even when its number was given to another one meanwhile.
func (m Marked) Kill() error { return signalProc(proc{pid: m.PID, start: m.Start}, SIGKILL) }

// Accelerator is something of the system that makes the end of processes faster or surer, and without which it works too.
type Accelerator struct {
	Name  string
	Works bool
	What  string // what it is good for, or what is done instead
}

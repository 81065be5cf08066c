// Package supervisor starts, watches, restarts and stops OS processes.
//
// Policy is one goroutine that owns all state ([Supervisor.Run]); mechanism is a [Starter] that turns a [Spec] into
// a process group. The life of a process is the table in phase.go. The package knows nothing of components: what it
// starts is argv.
package supervisor

import "time"

// Spec says how to start one process and what to do when it ends.
type Spec struct {
	Name    string   // unique in the supervisor
	Path    string   // the executable; on Linux usually /proc/self/exe, which outlives a deleted binary
	Argv    []string // argv[0] is what ps shows
	Dir     string
	Env     []string
	Config  []byte // handed over on descriptor 3 (a memory file, never argv or environment); nil: none
	LogPath string // where the process's own stdout and stderr are appended: a file, so that it outlives us
	Policy  Policy
}

// Policy is how often and how fast a process is started again, and how it is stopped. Zero fields take the defaults
// of DefaultPolicy.
type Policy struct {
	Delays       []time.Duration // before restart 1, 2, …; the last one repeats when Always
	Healthy      time.Duration   // READY for this long forgets earlier crashes
	Always       bool            // never quarantine
	ReadyTimeout time.Duration   // not READY by then counts as a crash
	Grace        time.Duration   // between TERM and KILL
}

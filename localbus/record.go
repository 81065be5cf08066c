package localbus

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/fault"
)

// RecordVersion is written into every record.
const RecordVersion = 1

// maxRecord bounds a record file.
const maxRecord = 64 << 10

// Role is what a peer is on the bus.
type Role string

// The roles. A client only dials: it has neither lease nor socket.
const (
	RoleComponent Role = "component"
	RoleControl   Role = "control"
	RoleClient    Role = "client"
)

// The states of a record, as bus.State has them.
const (
	StateInitializing = string(bus.StateInitializing)
	StateReady        = string(bus.StateReady)
	StateShuttingDown = string(bus.StateShuttingDown)
	StateFailed       = string(bus.StateFailed)
)

// Record says who an instance is. It changes with the instance's life only: load travels in PONGs.
type Record struct {
	V            int       `json:"v"`
	Instance     string    `json:"instance"`
	Component    string    `json:"component"`
	Kind         string    `json:"kind,omitempty"`
	Type         string    `json:"type,omitempty"`
	Role         Role      `json:"role"`
	Ordinal      int       `json:"ordinal"`
	State        string    `json:"state"`
	Reason       string    `json:"reason,omitempty"`
	Generation   int       `json:"generation"`
	Restarts     int       `json:"restarts"`
	Standby      bool      `json:"standby,omitempty"`    // ready, but nothing is to be sent to it: another generation serves
	Partitions   []int     `json:"partitions,omitempty"` // of the inbox, that it holds; all of a component without siblings
	Socket       string    `json:"socket,omitempty"`     // name in the same directory
	Version      string    `json:"version,omitempty"`
	Node         string    `json:"node,omitempty"`
	RegisteredAt time.Time `json:"registered_at"`
	Processes
	Traits

	Alive bool `json:"-"` // the lease was held when the record was read
}

// Processes are the operating system's names for an instance: whoever cleans up after it needs them.
type Processes struct {
	PID      int    `json:"pid"`
	PIDStart uint64 `json:"pid_start,omitempty"` // start time in clock ticks since boot
	BootID   string `json:"boot_id,omitempty"`
	GuardPID int    `json:"guard_pid,omitempty"`
	ChildPID int    `json:"child_pid,omitempty"`
	PGIDs    []int  `json:"pgids,omitempty"`

	ContainerID string `json:"container_id,omitempty"`
}

// Traits are what an instance can do.
type Traits struct {
	Capabilities  []string       `json:"capabilities,omitempty"`
	InputEvents   []string       `json:"input_events,omitempty"`
	OutputEvents  []string       `json:"output_events,omitempty"`
	Resources     map[string]any `json:"resource_requirements,omitempty"`
	MaxConcurrent int            `json:"max_concurrent,omitempty"`
	Receipts      bool           `json:"receipts,omitempty"` // requests change the world: each is answered by the owner of its session
}

// instancesDir is where the leases, records and sockets of a run directory lie.
func instancesDir(dir string) string { return filepath.Join(dir, "i") }

// Records reads all records of a run directory. Files that are no records are left out.
func Records(dir string) ([]Record, error) {
	return records(dir, func(string) bool { return true })
}

// RecordsOf reads the records of one component.
func RecordsOf(dir, component string) ([]Record, error) {
	prefix := shortName(component) + "-"
	recs, err := records(dir, func(name string) bool { return strings.HasPrefix(name, prefix) })
	n := 0
	for _, r := range recs {
		if r.Component == component {
			recs[n] = r
			n++
		}
	}
	return recs[:n], err
}

func records(dir string, want func(string) bool) ([]Record, error) {
	entries, err := os.ReadDir(instancesDir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var recs []Record
	for _, e := range entries {
		inst, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || strings.HasPrefix(inst, ".") || !want(inst) {
			continue
		}
		if r, err := ReadRecord(dir, inst); err == nil {
			recs = append(recs, r)
		}
	}
	return recs, nil
}

// ReadRecord reads the record of one instance and asks its lease whether it is alive.
func ReadRecord(dir, instance string) (Record, error) {
	r, err := readRecord(dir, instance)
	r.Alive = err == nil && Alive(dir, instance)
	return r, err
}

func readRecord(dir, instance string) (Record, error) {
	var r Record
	path := recordPath(dir, instance)
	st, err := os.Lstat(path)
	if err != nil {
		return r, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxRecord {
		return r, &DirError{Path: path, What: "not a record"}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, err
	}
	if r.V != RecordVersion || r.Instance != instance {
		return r, &DirError{Path: path, What: "not a record of this version"}
	}
	return r, nil
}

// writeRecord replaces a record by rename: a reader sees the old or the new one.
func writeRecord(dir string, r *Record, faults *fault.Set) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	i := instancesDir(dir)
	tmp := filepath.Join(i, ".t-"+r.Instance+".json")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	faults.At(fault.RecordRename)
	return os.Rename(tmp, filepath.Join(i, r.Instance+".json"))
}

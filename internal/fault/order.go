package fault

import (
	"fmt"
	"syscall"
	"time"
)

// Action is what an order does at its point.
type Action string

// The actions. Kill is SIGKILL to the process itself, KillGroup to everything in its process group.
const (
	Kill      Action = "kill"
	KillGroup Action = "kill-group"
	Delay     Action = "delay"
	Hang      Action = "hang"
	Fail      Action = "error" // at the points of the disk
	Drop      Action = "drop"  // at receive and ack.before: the connection ends there
)

// Order is one fault: what happens at which point, and how often.
type Order struct {
	At    Point         `json:"at"`
	Do    Action        `json:"do"`
	Skip  int           `json:"skip,omitempty"`  // so many passes go by first
	Times int           `json:"times,omitempty"` // it acts on so many passes; 0: on one; -1: until it is replaced
	For   time.Duration `json:"for,omitempty"`   // of a delay, nanoseconds
	Error string        `json:"error,omitempty"` // ENOSPC, EIO or EDQUOT; ENOSPC when empty
	From  string        `json:"from,omitempty"`  // only for what this component sent, at the points that know a sender; empty: for everything
	Until time.Time     `json:"until,omitzero"`  // from then on it is as if it had not been ordered; zero: no such time
	Part  int           `json:"part,omitempty"`  // of a failing write: percent of it that get to the disk all the same
}

var errnos = map[string]syscall.Errno{"": syscall.ENOSPC, "ENOSPC": syscall.ENOSPC, "EIO": syscall.EIO, "EDQUOT": syscall.EDQUOT}

// check says what is wrong with an order.
func (o *Order) check() error {
	if o.At == Now {
		if o.Do != Kill && o.Do != KillGroup {
			return fmt.Errorf("an order for now: only a process can be ended now")
		}
		return nil
	}
	if !known(o.At) {
		return fmt.Errorf("no point is called %q", o.At)
	}
	_, errno := errnos[o.Error]
	switch {
	case o.Skip < 0 || o.Times < -1 || o.Part < 0 || o.Part > 100:
		return fmt.Errorf("an order at %s: skip and times count passes, part is percent", o.At)
	case o.Do == Delay && o.For <= 0:
		return fmt.Errorf("an order at %s: a delay needs a duration", o.At)
	case o.Do == Fail && !atDisk(o.At):
		return fmt.Errorf("an order at %s: only the points of the disk can be an error", o.At)
	case o.Do == Fail && !errno:
		return fmt.Errorf("an order at %s: no error is called %q", o.At, o.Error)
	case o.Do == Drop && o.At != Receive && o.At != AckBefore:
		return fmt.Errorf("an order at %s: a connection can be dropped at %s and %s", o.At, Receive, AckBefore)
	}
	switch o.Do {
	case Kill, KillGroup, Delay, Hang, Fail, Drop:
		return nil
	}
	return fmt.Errorf("an order at %s: no action is called %q", o.At, o.Do)
}

func known(p Point) bool {
	for _, i := range Table() {
		if i.Point == p {
			return true
		}
	}
	return false
}

func atDisk(p Point) bool {
	switch p {
	case DiskCreate, DiskWrite, DiskSync, DiskRename, DiskTruncate, DiskRemove:
		return true
	}
	return false
}

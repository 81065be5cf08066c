package supervisor

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"time"
)

// groupGone is the cheap question: true is certain, false may mean that only zombies are left.
func groupGone(pgid int) bool { return errors.Is(killGroup(pgid, 0), syscall.ESRCH) }

// signalChecked is signalProc where the kernel has no handle for a process: there remains an instant in which the pid
// may change its owner.
func signalChecked(p proc, sig Signal) error {
	if start, err := PidStart(p.pid); err != nil || start != p.start {
		return syscall.ESRCH
	}
	return kill(p.pid, sig)
}

// Kill signals one process. It refuses pid 0, 1 and below.
func Kill(pid int, sig Signal) error { return kill(pid, sig) }

// SignalGroup signals every member of a group. It refuses group 0, 1 and below.
func SignalGroup(pgid int, sig Signal) error { return killGroup(pgid, sig) }

// KillGroup kills a group again and again until no member is alive or ctx ends. start is the [PidStart] that its
// leader had: when the number belongs to another process by now, the group is gone and nothing happens. 0 skips that
// check.
func KillGroup(ctx context.Context, pgid int, start uint64) error {
	if pgid <= 1 {
		return refusedPID(pgid)
	}
	g := group{pgid: pgid, start: start}
	return untilGone(ctx, func() ([]proc, error) {
		if groupGone(pgid) {
			return nil, nil
		}
		all, err := processes(false)
		return g.members(all), err
	})
}

// Sweep kills what carries tag in its environment, a nonce or one start of it, until nothing of that is alive or ctx
// ends. Only processes of this user are looked at, and never this one or its ancestors, nor what carries one of the tags
// to spare. It returns whom it killed.
func Sweep(ctx context.Context, tag string, spare ...string) ([]int, error) {
	if len(tag) < 8 {
		return nil, errShortTag
	}
	ownCgroups().end(tag, spare)
	var known herd
	err := untilGone(ctx, func() ([]proc, error) {
		all, err := processes(true)
		found := slices.DeleteFunc(strays(all, tag), func(p proc) bool { return slices.ContainsFunc(spare, p.tagged) })
		return known.with(all, found), err
	})
	return pids(known.seen, func(proc) bool { return true }), err
}

// untilGone kills what list finds until it finds nothing. One round is not enough: what is killed may be forking.
func untilGone(ctx context.Context, list func() ([]proc, error)) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		left, err := list()
		if err != nil || len(left) == 0 {
			return err
		}
		for _, p := range left {
			_ = signalProc(p, SIGKILL) // gone meanwhile is as good; not permitted is found again until ctx ends
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// herd remembers who was found by a mark: a process that is dying loses its environment, and with it the mark, before
// it is dead.
type herd struct{ seen []proc }

// with returns found and those of all that were found earlier and are still alive.
func (h *herd) with(all, found []proc) []proc {
	for _, p := range all {
		if !p.dead && !has(found, p) && has(h.seen, p) {
			found = append(found, p)
		}
	}
	for _, p := range found {
		if !has(h.seen, p) {
			h.seen = append(h.seen, p)
		}
	}
	return found
}

func has(list []proc, p proc) bool {
	return slices.ContainsFunc(list, func(q proc) bool { return q.pid == p.pid && q.start == p.start })
}

// group is a process group with the start of its leader, which tells it from a later one with the same number.
type group struct {
	pgid  int
	start uint64
}

// members returns who of all is alive in g.
func (g group) members(all []proc) []proc {
	var in []proc
	for _, p := range all {
		if p.pid == g.pgid && g.start != 0 && p.start != g.start {
			return nil // the number was given away, which happens only after the last member
		}
		if p.pgid == g.pgid && !p.dead {
			in = append(in, p)
		}
	}
	return in
}

package supervisor

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// osProcess is one real process group.
type osProcess struct {
	os    *OS
	pid   int
	child bool
	tag   string
	group group
	jail  *cgroup // nil where there are none
	wait  *waitHandle
	mu    sync.Mutex
	ended bool // the leader is reaped: its number may be given away once the group is empty
}

// PID implements Process.
func (p *osProcess) PID() int { return p.pid }

// Signal implements Process.
func (p *osProcess) Signal(sig Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ended:
		return os.ErrProcessDone
	case sig == SIGQUIT:
		return kill(p.pid, sig)
	}
	return killGroup(p.group.pgid, sig)
}

// Wait implements Process.
func (p *osProcess) Wait(ctx context.Context) (Exit, error) {
	if err := p.wait.dead(ctx); err != nil {
		return Exit{}, err
	}
	p.wait.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if !p.child {
		return Exit{Unknown: true}, nil
	}
	exit := p.reap()
	p.os.mu.Lock()
	delete(p.os.children, p.pid)
	p.os.mu.Unlock()
	return exit, nil
}

func (p *osProcess) reap() Exit {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(p.pid, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return Exit{Unknown: true} // somebody else in this process reaped it
		}
		break
	}
	if status.Signaled() {
		sig := status.Signal()
		return Exit{Signal: sig, OOM: sig == SIGKILL && p.os.oom.happened()}
	}
	return Exit{Code: status.ExitStatus()}
}

// Drain implements Process. What left the group, a daemon in its own session, is asked once to end, as the group was.
func (p *osProcess) Drain(kill context.Context) {
	defer p.jail.close()
	asked := false
	var known herd
	stop := kill.Done()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		in, out, err := p.left(&known)
		if err == nil && len(in)+len(out) == 0 && !p.jail.populated() {
			return
		}
		switch {
		case kill.Err() != nil:
			p.jail.kill()
			signalAll(in, SIGKILL)
			signalAll(out, SIGKILL)
		case !asked:
			asked = true
			signalAll(out, SIGTERM)
		}
		select {
		case <-stop:
			stop, pause = nil, time.Millisecond
		case <-time.After(pause):
		}
	}
}

func signalAll(all []proc, sig Signal) {
	for _, p := range all {
		_ = signalProc(p, sig) // gone meanwhile is as good
	}
}

// left returns what is alive of p inside its group and outside of it.
func (p *osProcess) left(known *herd) (in, out []proc, err error) {
	if p.tag == "" && !p.os.options.OwnOrphans && groupGone(p.group.pgid) {
		return nil, nil, nil
	}
	all, err := p.os.census.take()
	if err != nil {
		return nil, nil, err
	}
	in = p.group.members(all)
	out = slices.DeleteFunc(strays(all, p.tag), func(s proc) bool { return s.pgid == p.group.pgid })
	return in, known.with(all, append(out, p.os.orphans(all)...)), nil
}

// orphans are processes that somebody of ours left to us: our children that we did not start. Dead ones are reaped.
func (s *OS) orphans(all []proc) []proc {
	if !s.options.OwnOrphans {
		return nil
	}
	self := os.Getpid()
	mine := sessionOf(all, self)
	var found []proc
	for _, p := range all {
		if p.ppid != self || p.sid == mine || s.listed(p.pid) {
			continue
		}
		if p.dead {
			_, _ = syscall.Wait4(p.pid, nil, syscall.WNOHANG, nil) // already reaped is as good
			continue
		}
		found = append(found, p)
	}
	return found
}

// listed waits for a start that is under way: its process exists before we know its number.
func (s *OS) listed(pid int) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.children[pid]
}

func sessionOf(all []proc, pid int) int {
	for _, p := range all {
		if p.pid == pid {
			return p.sid
		}
	}
	return 0
}

package supervisor

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// The descriptors of a child beyond the first three.
const (
	ConfigFD   = 3 // its configuration
	LifelineFD = 4 // end of file when the supervisor is gone
)

// OSOptions configure the real Starter.
type OSOptions struct {
	// Tag is the nonce of this run of the app, at least 8 characters. Empty: children get no WW_TAG, and what leaves
	// its group is not found.
	Tag string
	// OwnOrphans says that every orphan that becomes our child was left by one of our processes: this process is a
	// [Subreaper] and starts no other sessions. They are then killed with the process that left them and reaped.
	OwnOrphans bool
}

// OS starts real processes. Make one with NewOS, Close it when its supervisor has ended.
type OS struct {
	options  OSOptions
	orders   chan func() // run on the thread that starts everything
	closed   chan struct{}
	once     sync.Once
	wg       sync.WaitGroup
	life     [2]*os.File // read end for children, write end held here and nowhere else
	census   census
	oom      oomCounter
	groups   cgroups
	mu       sync.RWMutex // held for writing while a process is being started, so that it is never seen unlisted
	children map[int]bool // leaders that are our children and not reaped
}

// NewOS returns a Starter of real processes.
func NewOS(o OSOptions) (*OS, error) {
	if o.Tag != "" && len(o.Tag) < 8 {
		return nil, errShortTag
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make the lifeline: %w", err)
	}
	s := &OS{
		options:  o,
		orders:   make(chan func()),
		closed:   make(chan struct{}),
		life:     [2]*os.File{r, w},
		children: map[int]bool{},
		groups:   ownCgroups(),
	}
	s.groups.tidy()
	s.wg.Go(s.spawner)
	return s, nil
}

// Close ends the lifeline: every child that watches it knows that it is alone.
func (s *OS) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.life[0].Close()
		s.life[1].Close()
		s.wg.Wait()
	})
}

// spawner runs every start on one thread that lives as long as the starter: the kernel's death signal follows the
// thread that forked, not the process, and Go ends idle threads when it likes.
func (s *OS) spawner() {
	runtime.LockOSThread()
	relaxTimers()
	for {
		select {
		case order := <-s.orders:
			order()
		case <-s.closed:
			return // still locked, so that nobody else inherits the thread
		}
	}
}

// Start implements Starter.
func (s *OS) Start(spec Spec) (Process, error) {
	type result struct {
		p   *osProcess
		err error
	}
	out := make(chan result, 1)
	order := func() {
		p, err := s.spawn(spec)
		out <- result{p, err}
	}
	select {
	case s.orders <- order:
	case <-s.closed:
		return nil, errClosed
	}
	r := <-out
	if r.err != nil {
		return nil, r.err
	}
	return r.p, nil
}

func (s *OS) spawn(spec Spec) (*osProcess, error) {
	files, err := openFiles(spec)
	if err != nil {
		return nil, err
	}
	defer closeFiles(files)
	tag := s.newTag()
	pidfd := -1
	null, log, config := files[0].Fd(), files[1].Fd(), files[2].Fd()
	attr := &syscall.ProcAttr{
		Dir:   spec.Dir,
		Env:   withTag(spec.Env, tag),
		Files: []uintptr{null, log, log, config, s.life[0].Fd()},
		Sys:   childAttr(spec, &pidfd),
	}
	jail := s.groups.open(tag)
	jail.enter(attr.Sys)
	s.oom.mark()
	s.mu.Lock()
	defer s.mu.Unlock()
	pid, err := syscall.ForkExec(spec.Path, spec.Argv, attr)
	if err != nil && jail != nil { // it may be the group that is at fault
		jail.leave(attr.Sys)
		jail = nil
		pid, err = syscall.ForkExec(spec.Path, spec.Argv, attr)
	}
	if err != nil {
		return nil, startError(spec, err)
	}
	s.children[pid] = true
	p := &osProcess{os: s, pid: pid, child: true, tag: tag, jail: jail, wait: newWaiter(pid, pidfd)}
	p.group = group{pgid: pid}
	if p.group.start, err = PidStart(pid); err != nil {
		p.group.start = 0 // it has died already; the group is still its own until it is reaped
	}
	return p, nil
}

// Adopt implements Starter.
func (s *OS) Adopt(_ Spec, pid int, start uint64) (Process, error) {
	if pid <= 1 {
		return nil, refusedPID(pid)
	}
	wait := openWaiter(pid)
	p, err := lookup(pid, true)
	if err != nil || p.dead || p.start != start {
		wait.close()
		return nil, fmt.Errorf("adopt process %d: %w", pid, ErrGone)
	}
	if p.pgid != pid {
		wait.close()
		return nil, fmt.Errorf("adopt process %d: %w", pid, errNotLeader)
	}
	return &osProcess{os: s, pid: pid, tag: ownTag(p.tag), jail: s.groups.of(pid), group: group{pgid: p.pgid, start: start}, wait: wait}, nil
}

// newTag is the mark of one start.
func (s *OS) newTag() string {
	if s.options.Tag == "" {
		return ""
	}
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return s.options.Tag + "." + hex.EncodeToString(b[:])
}

// ownTag is tag when it names one start; a bare nonce names the whole app and must not be killed with one component.
func ownTag(tag string) string {
	if strings.Contains(tag, ".") {
		return tag
	}
	return ""
}

func withTag(env []string, tag string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, TagEnv+"=") })
	if tag != "" {
		env = append(env, TagEnv+"="+tag)
	}
	return env
}

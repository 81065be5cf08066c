package script

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The descriptors that a guard inherits besides 0, 1 and 2, which it hands to the user code.
const (
	lifelineFD = 3
	statusFD   = 4
	printsFD   = 5 // only when the protocol has descriptors of its own
)

// An order is the first line on the lifeline. It travels there and not in argv or the environment because it may hold
// secrets.
type order struct {
	Argv []string `json:"argv"`
	Dir  string   `json:"dir"`
	Env  []string `json:"env"`
	// Apart gives the protocol descriptors 3 and 4. Then stdin is empty, and stdout is log like stderr.
	Apart bool `json:"apart,omitempty"`
	// Within is what the user code may do with files; nil: everything.
	Within *Confinement `json:"within,omitempty"`
}

// A report is one line from the guard to its runner.
type report struct {
	Child   int    `json:"child,omitempty"`   // the user code runs: its pid, which is its group
	Exit    *Exit  `json:"exit,omitempty"`    // it has ended
	Swept   bool   `json:"swept,omitempty"`   // the last one: nothing is left
	Left    []int  `json:"left,omitempty"`    // nothing but these, which cannot be killed
	Problem string `json:"problem,omitempty"` // it could not be started
	Status  int    `json:"status,omitempty"`  // the exit status that says why: 126, 127, 78
}

// RunGuard is the body of the hidden verb `ww guard`. Only a runner can start it, by [Start]. It returns the exit status
// of the user code, with 128 + n for signal n.
func RunGuard() int {
	g := &guard{
		lifeline: os.NewFile(lifelineFD, "lifeline"),
		status:   os.NewFile(statusFD, "status"),
		orphaned: make(chan struct{}),
		started:  make(chan startResult, 1),
		exited:   make(chan Exit, 1),
		empty:    make(chan struct{}),
	}
	return g.run()
}

// A guard stands between a runner and user code.
type guard struct {
	lifeline, status *os.File
	child            int // pid and group of the user code

	orphaned chan struct{} // closed: the runner is gone
	started  chan startResult
	exited   chan Exit     // the user code's end
	empty    chan struct{} // closed: no child and no adopted process is left
}

type startResult struct {
	pid int
	err *StartError
}

func (g *guard) run() int {
	// Handled and not ignored: an ignored signal would stay ignored in the user code.
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	o, err := g.takeOrder()
	if err != nil {
		os.Stderr.WriteString(errNoRunner + "\n") //nolint:errcheck // there is nobody else to tell
		return 2
	}
	becomeGuard()
	go g.keep(o)
	s := <-g.started
	if s.err != nil {
		g.tell(report{Problem: s.err.Error(), Status: s.err.Status})
		return s.err.Status
	}
	g.child = s.pid
	letGoOfStdio(o.Apart)
	g.tell(report{Child: s.pid})
	exit := g.watch(signals)
	g.tell(report{Exit: &exit})
	left := g.sweep()
	g.tell(report{Swept: len(left) == 0, Left: left})
	return exit.Status()
}

// takeOrder reads the first line of the lifeline and goes on reading until its end, which is the runner's.
func (g *guard) takeOrder() (order, error) {
	var o order
	r := bufio.NewReader(g.lifeline)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return o, err
	}
	go func() {
		io.Copy(io.Discard, r) //nolint:errcheck // any end is the end
		close(g.orphaned)
	}()
	return o, nil
}

// keep starts the user code and reaps it and everything that is adopted. It does both on one thread that lives as long
// as the guard: the kernel sends the parent-death signal when the thread that forked dies, not the process.
func (g *guard) keep(o order) {
	runtime.LockOSThread()
	usualTimers()
	pid, err := spawn(o)
	g.started <- startResult{pid, err}
	for err == nil {
		var ws syscall.WaitStatus
		p, werr := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case werr == syscall.EINTR:
		case werr != nil:
			close(g.empty)
			return
		case p == pid:
			g.exited <- exitOf(ws)
		}
	}
}

// watch waits for the end of the user code and passes on what it is asked to do. When the runner is gone nobody can
// ask any more, and the code is killed.
func (g *guard) watch(signals <-chan os.Signal) Exit {
	orphaned := g.orphaned
	for {
		select {
		case exit := <-g.exited:
			return exit
		case <-orphaned:
			orphaned = nil
			killBelow(os.Getpid(), g.child)
		case s := <-signals:
			if s == syscall.SIGTERM || s == syscall.SIGINT {
				killGroup(g.child, s.(syscall.Signal))
			}
		}
	}
}

// sweepLimit is how long a guard tries: a process that the kernel does not let die, because a disk or a network file
// system does not answer, must not keep it for ever.
const sweepLimit = 10 * time.Second

// sweep kills all that the user code left behind, and what that leaves behind, until nothing is.
func (g *guard) sweep() (left []int) {
	begin, empty := time.Now(), g.empty
	for pause := time.Millisecond; time.Since(begin) < sweepLimit; pause = min(2*pause, 50*time.Millisecond) {
		left = killBelow(os.Getpid(), g.child)
		if len(left) == 0 && empty == nil {
			return nil
		}
		select {
		case <-empty:
			empty = nil
		case <-time.After(pause):
		}
	}
	return left
}

// tell writes one report. When the runner is gone there is nobody to hear it.
func (g *guard) tell(r report) {
	line, err := json.Marshal(r)
	if err != nil {
		panic("script: a report that is not JSON: " + err.Error())
	}
	g.status.Write(append(line, '\n')) //nolint:errcheck // see above
}

// spawn starts the user code with descriptors 0, 1 and 2, in a process group of its own.
func spawn(o order) (int, *StartError) {
	if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
		return 0, errDirectory(o.Dir)
	}
	path, serr := lookUp(o)
	if serr != nil {
		return 0, serr
	}
	limitCores()
	files := []uintptr{0, 1, 2}
	if o.Apart {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return 0, errExec(o.Argv[0], err)
		}
		defer null.Close()
		files = []uintptr{null.Fd(), printsFD, 2, 0, 1}
	}
	if err := confine(o.Within); err != nil { // it holds for this thread, from which alone user code is started
		return 0, errConfine(err)
	}
	pid, _, err := syscall.StartProcess(path, o.Argv, &syscall.ProcAttr{
		Dir: o.Dir, Env: o.Env, Files: files, Sys: childAttributes(),
	})
	if err != nil {
		return 0, errExec(o.Argv[0], err)
	}
	preferAsVictim(pid)
	return pid, nil
}

// lookUp finds the program as a shell in the project's directory would, by the PATH that the user code gets.
func lookUp(o order) (string, *StartError) {
	name := o.Argv[0]
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(o.Dir, name)
		}
		return name, nil
	}
	denied := false
	for _, dir := range filepath.SplitList(variable(o.Env, "PATH")) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(o.Dir, dir)
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			continue
		}
		if unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
		denied = true
	}
	if denied {
		return "", errExec(name, syscall.EACCES)
	}
	return "", errExec(name, syscall.ENOENT)
}

func variable(env []string, name string) string {
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// letGoOfStdio gives up the user code's ends of its pipes, so that each ends when the user code lets go of it.
// Descriptor 2 stays.
func letGoOfStdio(apart bool) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer null.Close()
	theirs := []int{0, 1}
	if apart {
		theirs = append(theirs, printsFD) // else that number may be anything of ours
	}
	for _, fd := range theirs {
		unix.Dup2(int(null.Fd()), fd) //nolint:errcheck // then it stays open, as it was
	}
}

// killGroup signals a process group. It refuses the numbers that mean everybody.
func killGroup(pgid int, s syscall.Signal) {
	if pgid > 1 {
		syscall.Kill(-pgid, s) //nolint:errcheck // gone is what was wanted
	}
}

func exitOf(ws syscall.WaitStatus) Exit {
	if ws.Signaled() {
		return Exit{Signal: int(ws.Signal())}
	}
	return Exit{Code: ws.ExitStatus()}
}

// limitCores keeps crashes of user code from filling the project with core files.
func limitCores() {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err == nil {
		limit.Cur = 0
		unix.Setrlimit(unix.RLIMIT_CORE, &limit) //nolint:errcheck // a convenience
	}
}

package script

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Command is user code and how to start it.
type Command struct {
	Argv   []string // the program and its arguments; there is no shell
	Dir    string
	Env    []string  // all that the user code gets to see, see [Environment]
	Stderr io.Writer // its log; nil drops it
	// Apart gives Stdin and Stdout of the tree to descriptors 3 and 4 of the user code, for a protocol that nothing it
	// prints can disturb: its stdin is empty, and its stdout goes to Prints.
	Apart  bool
	Prints io.Writer    // its stdout, when Apart; nil drops it
	Within *Confinement // what it may do with files; nil: all that the user may
	Guard  []string     // what runs [RunGuard]; nil: this binary with the argument "guard"
	Keep   func() []int // pids of other processes that this runner started; nil: none
}

// A Tree is running user code with its guard and everything below.
type Tree struct {
	guard    *exec.Cmd
	child    int
	command  Command
	stdin    *os.File
	stdout   *os.File
	lifeline *os.File
	stderr   sync.WaitGroup
	kill     sync.Once
	killed   chan struct{}
	exited   chan struct{} // closed when exit is known
	done     chan struct{} // closed when nothing is left
	exit     Exit
	left     []int
}

// Start starts user code behind a guard. It returns when the program runs; a *StartError says why it does not.
func Start(c Command) (*Tree, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, errNoCommand
	}
	ends, err := openEnds(c.Apart)
	if err != nil {
		return nil, err
	}
	t := &Tree{
		command: c, stdin: ends.stdin.w, stdout: ends.stdout.r, lifeline: ends.lifeline.w,
		killed: make(chan struct{}), exited: make(chan struct{}), done: make(chan struct{}),
	}
	t.guard = guardCommand(c, ends)
	err = t.guard.Start()
	ends.closeTheirs()
	if err != nil {
		ends.closeOurs()
		return nil, errGuard(err)
	}
	t.stderr.Go(func() { copyLog(c.Stderr, ends.stderr.r) })
	if c.Apart {
		t.stderr.Go(func() { copyLog(c.Prints, ends.prints.r) })
	}
	started := make(chan error, 1)
	go t.watch(ends, started)
	if err := t.order(); err != nil {
		t.Kill()
	}
	if err := <-started; err != nil {
		<-t.done
		t.stdin.Close()
		t.stdout.Close()
		return nil, err
	}
	return t, nil
}

// order hands the guard its order. A guard that does not read is killed by the deadline's error.
func (t *Tree) order() error {
	line, err := json.Marshal(order{Argv: t.command.Argv, Dir: t.command.Dir, Env: t.command.Env, Apart: t.command.Apart, Within: t.command.Within})
	if err != nil {
		return err
	}
	t.lifeline.SetWriteDeadline(time.Now().Add(guardLimit)) //nolint:errcheck // a pipe has deadlines
	_, err = t.lifeline.Write(append(line, '\n'))
	return err
}

// guardLimit is how long a guard may take to do what it is told.
const guardLimit = 3 * time.Second

// watch follows the guard to its end and sees to it that the tree ends with it.
func (t *Tree) watch(e *ends, started chan<- error) {
	reports := make(chan report)
	go readReports(e.status.r, reports)
	clean := t.follow(reports, started)
	t.guard.Wait() //nolint:errcheck // its reports said more than its status
	t.lifeline.Close()
	if !clean {
		killGroup(t.child, syscall.SIGKILL)
		t.left = sweepOrphans(t.keep)
	}
	select {
	case started <- errGuardDied: // nobody waits when it started well
	default:
	}
	t.ended(Exit{Lost: true})
	closeWhenQuiet(&t.stderr, e.stderr.r, e.prints.r)
	e.status.r.Close()
	close(t.done)
}

// follow reads the guard's reports until it ends. clean means that it swept.
func (t *Tree) follow(reports <-chan report, started chan<- error) (clean bool) {
	killed := t.killed
	var impatient <-chan time.Time
	for {
		select {
		case r, ok := <-reports:
			if !ok {
				return clean
			}
			switch {
			case r.Problem != "":
				started <- &StartError{Status: r.Status, problem: r.Problem}
				clean = true
			case r.Child != 0:
				t.child = r.Child
				started <- nil
			case r.Exit != nil:
				t.ended(*r.Exit)
			default:
				clean, t.left = true, r.Left
			}
		case <-killed:
			killed = nil
			impatient = time.After(sweepLimit + guardLimit)
		case <-impatient: // a guard that was stopped, for one, does nothing for its lifeline
			t.guard.Process.Kill() //nolint:errcheck // gone is what was wanted
		}
	}
}

func readReports(r io.Reader, out chan<- report) {
	defer close(out)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var rep report
		if json.Unmarshal(lines.Bytes(), &rep) == nil {
			out <- rep
		}
	}
}

func (t *Tree) ended(e Exit) {
	select {
	case <-t.exited:
	default:
		t.exit = e
		close(t.exited)
	}
}

func (t *Tree) keep() []int {
	if t.command.Keep == nil {
		return nil
	}
	return t.command.Keep()
}

// Stdin is what the user code reads.
func (t *Tree) Stdin() io.WriteCloser { return t.stdin }

// Stdout is what the user code writes. It ends when the code has ended or has closed it; whoever reads it closes it.
func (t *Tree) Stdout() io.ReadCloser { return t.stdout }

// Guard is the guard's pid.
func (t *Tree) Guard() int { return t.guard.Process.Pid }

// Child is the pid of the user code, which leads its process group.
func (t *Tree) Child() int { return t.child }

// Terminate asks the group of the user code to end, with SIGTERM.
func (t *Tree) Terminate() {
	t.guard.Process.Signal(syscall.SIGTERM) //nolint:errcheck // gone is what was wanted
}

// Kill ends the user code and everything below it, without asking. It does not wait, see Done.
func (t *Tree) Kill() {
	t.kill.Do(func() {
		close(t.killed)
		t.lifeline.Close()
		t.guard.Process.Signal(syscall.SIGCONT) //nolint:errcheck // should somebody have stopped it
	})
}

// Exited is closed when the user code has ended; from then on Exit says how.
func (t *Tree) Exited() <-chan struct{} { return t.exited }

// Exit is how the user code ended.
func (t *Tree) Exit() Exit {
	<-t.exited
	return t.exit
}

// Done is closed when nothing of the tree is left.
func (t *Tree) Done() <-chan struct{} { return t.done }

// Left returns the processes that could not be killed, once Done is closed: with luck none.
func (t *Tree) Left() []int {
	<-t.done
	return t.left
}

// CPU is the time that the tree has used up to now; false when the system does not tell.
func (t *Tree) CPU() (time.Duration, bool) { return usedBelow(t.guard.Process.Pid) }

func guardCommand(c Command, e *ends) *exec.Cmd {
	path, args := ownExecutable(), []string{"ww", "guard"}
	if len(c.Guard) > 0 {
		path, args = c.Guard[0], c.Guard
	}
	cmd := &exec.Cmd{
		Path: path, Args: args, Dir: "/",
		Env:   []string{TagVariable + "=" + variable(c.Env, TagVariable)},
		Stdin: e.stdin.r, Stdout: e.stdout.w, Stderr: e.stderr.w,
		ExtraFiles: []*os.File{e.lifeline.r, e.status.w},
		// A session of its own: who kills the runner's group does not kill the one that cleans up behind it.
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if c.Apart {
		cmd.ExtraFiles = append(cmd.ExtraFiles, e.prints.w)
	}
	return cmd
}

// closeWhenQuiet gives what is still in a pipe two seconds to be read: where processes can escape the guard, one may
// hold the other end for ever.
func closeWhenQuiet(reader *sync.WaitGroup, pipes ...*os.File) {
	read := make(chan struct{})
	go func() { reader.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(2 * time.Second):
	}
	for _, p := range pipes {
		p.Close()
	}
	<-read
}

func copyLog(w io.Writer, r io.Reader) {
	if w == nil {
		w = io.Discard
	}
	io.Copy(w, r)          //nolint:errcheck // a log that cannot be written must not stop the code that writes it
	io.Copy(io.Discard, r) //nolint:errcheck // any end is the end
}

// A pipe has a reading and a writing end.
type pipe struct{ r, w *os.File }

// ends are the pipes between a runner and its guard. What the user code prints has one of its own when the protocol has.
type ends struct{ stdin, stdout, stderr, lifeline, status, prints pipe }

func openEnds(apart bool) (*ends, error) {
	e := &ends{}
	wanted := []*pipe{&e.stdin, &e.stdout, &e.stderr, &e.lifeline, &e.status}
	if apart {
		wanted = append(wanted, &e.prints)
	}
	for _, p := range wanted {
		r, w, err := os.Pipe()
		if err != nil {
			e.closeOurs()
			e.closeTheirs()
			return nil, fmt.Errorf("open a pipe: %w", err)
		}
		*p = pipe{r, w}
	}
	return e, nil
}

func (e *ends) closeTheirs() {
	for _, f := range []*os.File{e.stdin.r, e.stdout.w, e.stderr.w, e.lifeline.r, e.status.w, e.prints.w} {
		f.Close()
	}
}

func (e *ends) closeOurs() {
	for _, f := range []*os.File{e.stdin.w, e.stdout.r, e.stderr.r, e.lifeline.w, e.status.r, e.prints.r} {
		f.Close()
	}
}

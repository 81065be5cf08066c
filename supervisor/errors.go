package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What an order can be answered with. Match with errors.Is.
var (
	ErrEnded   = errors.New("the supervisor has ended")
	ErrUnknown = errors.New("no such process")
	ErrRunning = errors.New("it is running")
	ErrStopped = errors.New("it was stopped meanwhile")
	ErrGone    = errors.New("it has ended meanwhile")

	errShortTag  = errors.New("refused to sweep: the tag is too short to name one app")
	errClosed    = errors.New("the starter is closed")
	errNotLeader = errors.New("it is not the leader of its process group, so ending it could end others")
)

func named(name string, err error) error { return fmt.Errorf("%s: %w", name, err) }

func stillThere(names []string) error {
	return fmt.Errorf("killed, but the kernel has not ended %s: see its state with ps", strings.Join(names, ", "))
}

// A log or a configuration that cannot be written is no fault of the program: the cause is not wrapped, so that it is
// not taken for a missing program and another try is made.
func logError(err error) error { return fmt.Errorf("open its log: %w", err) }

func configError(err error) error { return fmt.Errorf("hand over its configuration: %w", err) }

func refusedPID(pid int) error {
	return fmt.Errorf("refused to signal process %d: that would reach processes that are not ours", pid)
}

// String says how a process ended, in words.
func (e Exit) String() string {
	switch {
	case e.Unknown:
		return "ended with unknown status"
	case e.OOM:
		return "killed by " + signalName(e.Signal) + ": out of memory"
	case e.Signal != 0:
		return "killed by " + signalName(e.Signal)
	}
	return "exit status " + strconv.Itoa(e.Code)
}

func signalName(s Signal) string {
	if name := unix.SignalName(s); name != "" {
		return name
	}
	return "signal " + strconv.Itoa(int(s))
}

func killedOutside(e Exit) string {
	if e.Signal == 0 {
		return "killed by SIGTERM from outside"
	}
	return e.String() + " from outside"
}

func deathReason(d death) string {
	switch {
	case d.spawn != nil:
		return "cannot start: " + d.spawn.Error()
	case d.blame != "":
		return d.blame
	case d.exit == Exit{}:
		return "exit status 0 without being asked to end"
	}
	return d.exit.String()
}

// hopeless returns what to do about a death that another try cannot help, or nothing.
func hopeless(d death) string {
	if d.spawn != nil {
		return hopelessStart(d.spawn)
	}
	if d.blame != "" || d.exit.Signal != 0 || d.exit.Unknown {
		return ""
	}
	switch d.exit.Code {
	case exitConfig:
		return "exit status 78: its configuration is wrong; its last lines say where, then save the file or restart it"
	case exitNotExecutable:
		return "exit status 126: a command it needs cannot be executed; chmod +x the file its last lines name, or check its first line (#!), then restart it"
	case exitNotFound:
		return "exit status 127: a command it needs was not found; install it or correct the path that its last lines name, then restart it"
	}
	return ""
}

func hopelessStart(err error) string {
	var fix string
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		fix = "install it or correct the path"
	case errors.Is(err, fs.ErrPermission):
		fix = "make it readable and executable for you (chmod +x)"
	case errors.Is(err, syscall.ENOEXEC):
		fix = "it is not a program for this machine, or a script without #! in its first line"
	default:
		return ""
	}
	return fmt.Sprintf("cannot start: %v; %s, then restart it", err, fix)
}

func quarantined(reason string, crashes int, healthy time.Duration) string {
	return fmt.Sprintf("%s; crash %d without %s of being ready, not started again", reason, crashes, span(healthy))
}

func notAgain(reason string) string { return reason + "; it is not started again" }

func notReady(after time.Duration) string { return "not ready after " + span(after) }

// span writes a duration as people do: "30 s", "100 ms".
func span(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'g', 6, 64) + " s"
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/woodwork-lang/ww/internal/bench/raw"
)

// Self makes the command that runs this binary again as one of the bench's own processes: it has to end up in Child with
// these arguments. The caller knows how: a hidden verb, or a variable in the environment of a test binary.
type Self func(args ...string) *exec.Cmd

// The programs that Child knows.
const (
	childRaw    = "raw"
	childBus    = "bus"
	childHop    = "hop"
	childNop    = "nop"
	childNATS   = "nats"
	childRedis  = "redis"
	childWatch  = "watch"
	childNotify = "notify"
)

// readyFD is the descriptor that a child closes when it listens: the first of exec.Cmd.ExtraFiles.
const readyFD = 3

// Child is the main function of a process of the bench. It returns the exit status.
func Child(args []string) int {
	ready := os.NewFile(readyFD, "ready")
	if len(args) == 0 || ready == nil {
		fmt.Fprintln(os.Stderr, "a bench process is started by ww bench only")
		return 2
	}
	var err error
	switch {
	case args[0] == childNop:
		err = ready.Close() // what a runner costs before it does anything
	case args[0] == childRaw && len(args) == 4:
		err = rawChild(args[1], args[2], args[3], ready)
	case args[0] == childBus && len(args) == 3:
		err = busChild(args[1], args[2], "", ready)
	case args[0] == childNATS && len(args) == 2:
		err = raw.ServeNATS(args[1], "bench", ready)
	case args[0] == childRedis && len(args) == 2:
		err = raw.ServeRedis(args[1], ready)
	case args[0] == childWatch && len(args) == 2:
		err = watchChild(args[1], ready)
	case args[0] == childNotify && len(args) == 2:
		err = raw.Notice(args[1], ready, os.Stdout)
	case args[0] == childHop && len(args) == 4:
		err = busChild(args[1], args[2], args[3], ready)
	default:
		err = fmt.Errorf("no bench process %q", args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func rawChild(path, next, size string, ready io.Closer) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	return raw.Serve(path, next, n, ready)
}

// process is a running child. Closing its standard input asks it to end.
type process struct {
	cmd  *exec.Cmd
	stop io.Closer
}

// start runs a child and waits until it listens.
func (self Self) start(ctx context.Context, args ...string) (*process, error) {
	cmd := self(args...)
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{w}
	cmd.Stderr = os.Stderr
	stop, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	p := &process{cmd, stop}
	cancel := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // end reports how it went
	_, err = r.Read(make([]byte, 1))
	cancel()
	if closed := r.Close(); !errors.Is(err, io.EOF) || closed != nil || ctx.Err() != nil {
		return nil, errors.Join(fmt.Errorf("bench process %q did not start", args), ctx.Err(), p.end())
	}
	return p, nil
}

// end asks the child to end and waits for it.
func (p *process) end() error {
	return errors.Join(p.stop.Close(), p.cmd.Wait())
}

// pingPong starts the raw process that answers on the same connection. close ends it.
func pingPong(ctx context.Context, self Self, dir string, size int) (*raw.Client, func() error, error) {
	path := filepath.Join(dir, "raw")
	p, err := self.start(ctx, childRaw, path, "", strconv.Itoa(size))
	if err != nil {
		return nil, nil, err
	}
	c, err := raw.Dial(path, size)
	if err != nil {
		return nil, nil, errors.Join(err, p.cmd.Process.Kill(), p.end())
	}
	return c, func() error { return errors.Join(c.Close(), p.end()) }, nil
}

// RawRing starts the baseline of a turn: a ring client → 1 → … → n → client of processes that pass on a block of size
// bytes. close ends them.
func RawRing(ctx context.Context, self Self, dir string, n, size int) (once Side, closeRing func() error, err error) {
	home := filepath.Join(dir, "ring0")
	ring, err := raw.NewRing(home)
	if err != nil {
		return nil, nil, err
	}
	var procs []*process
	endAll := func() error {
		var errs []error
		for _, p := range procs {
			errs = append(errs, p.end())
		}
		return errors.Join(errs...)
	}
	next := home
	for i := n; i > 0; i-- {
		path := filepath.Join(dir, "ring"+strconv.Itoa(i))
		p, err := self.start(ctx, childRaw, path, next, strconv.Itoa(size))
		if err != nil {
			return nil, nil, errors.Join(err, endAll())
		}
		procs = append(procs, p)
		next = path
	}
	c, err := ring.Connect(next, size)
	if err != nil {
		for _, p := range procs {
			err = errors.Join(err, p.cmd.Process.Kill())
		}
		return nil, nil, errors.Join(err, endAll())
	}
	return c.Once, func() error { return errors.Join(c.Close(), endAll()) }, nil
}

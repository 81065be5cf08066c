package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// terminal is a program in a terminal that a script types into and looks at.
type terminal struct {
	cmd     *exec.Cmd
	tty     *os.File
	screen  vt10x.Terminal
	w, h    int
	tape    *tape
	changed chan struct{}
	over    chan struct{} // closed when the program says nothing any more
}

// tape is everything that the program said, with when it did.
type tape struct {
	mu     sync.Mutex
	began  time.Time
	pieces []piece
}

type piece struct {
	at   time.Duration
	text []byte
}

// Write implements io.Writer.
func (t *tape) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pieces = append(t.pieces, piece{time.Since(t.began), slices.Clone(p)})
	return len(p), nil
}

func (t *tape) all() []piece {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.pieces)
}

// open starts a program in a terminal of w×h.
func open(ctx context.Context, dir string, argv []string, w, h int) (*terminal, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(environ(dir), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "COLORFGBG=15;0", "WW_THEME=dark")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)})
	if err != nil {
		return nil, err
	}
	t := &terminal{
		cmd: cmd, tty: tty, w: w, h: h, screen: vt10x.New(vt10x.WithSize(w, h), vt10x.WithWriter(io.Discard)),
		tape: &tape{began: time.Now()}, changed: make(chan struct{}, 1), over: make(chan struct{}),
	}
	go t.watch()
	return t, nil
}

// environ is what a program sees of this one's surroundings: nothing that changes how it looks.
func environ(home string) []string {
	return []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=" + os.Getenv("PATH")}
}

func (t *terminal) watch() {
	defer close(t.over)
	out := bufio.NewReader(io.TeeReader(t.tty, t.tape))
	for t.screen.Parse(out) == nil {
		select {
		case t.changed <- struct{}{}:
		default:
		}
	}
}

// between is how long a person takes from one key to the next.
const between = 35 * time.Millisecond

// press types keys, one after the other as a person does. An escape sequence is one key.
func (t *terminal) press(keys string) error {
	for keys != "" {
		n := 1
		if strings.HasPrefix(keys, "\x1b[") {
			n = 3
		}
		if _, err := io.WriteString(t.tty, keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
		<-time.After(between)
	}
	return nil
}

// patience is how long a screen may take to come.
const patience = 60 * time.Second

// until waits for a screen that has every text.
func (t *terminal) until(texts ...string) error {
	late := time.After(patience)
	for {
		now := t.screen.String()
		missing := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.Contains(now, s) })
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-t.changed:
		case <-t.over:
			if !strings.Contains(t.screen.String(), missing[0]) {
				return fmt.Errorf("the program ended before its screen had %q:\n%s", missing, t.screen.String())
			}
		case <-late:
			return fmt.Errorf("the screen has no %q:\n%s", missing, t.screen.String())
		}
	}
}

// close waits for the end of the program.
func (t *terminal) close() error {
	select {
	case <-t.over:
	case <-time.After(patience):
		_ = t.cmd.Process.Kill() // it is not there, or it is killed
		<-t.over
	}
	err := t.cmd.Wait()
	return errors.Join(err, t.tty.Close())
}

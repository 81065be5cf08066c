package localbus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/journal"
)

// actorEnv makes the test binary an actor: a process that does what it is told, a line at a time, and says how it went.
const actorEnv = "WW_TEST_ACTOR"

// actorMain plays the part that is named by the environment: "<part> <directory>".
func actorMain(how string) int {
	part, dir, _ := strings.Cut(how, " ")
	perform := map[string]func(dir string) func(verb, key, arg string) string{
		"lease": actLease, "naive lease": actNaiveLease, "journal": actJournal, "member": actMember,
	}[strings.ReplaceAll(part, "_", " ")]
	act := perform(dir)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		f := append(strings.Fields(in.Text()), "", "")
		fmt.Println(act(f[0], f[1], f[2]))
	}
	return 0
}

// actLease takes seats with a given instance, and leaves them.
func actLease(dir string) func(verb, key, arg string) string {
	var p *Peer
	return func(verb, key, _ string) string {
		if verb == "give" {
			return said(p.Close())
		}
		var err error
		p, err = Join(context.Background(), Options{Dir: dir, App: "0123abcd", Component: key, Instance: key})
		if errors.Is(err, ErrHeld) {
			return "held"
		}
		return said(err)
	}
}

// actNaiveLease does what looks right: whoever has locked the file has the lease, and removes the file at the end.
func actNaiveLease(dir string) func(verb, key, arg string) string {
	var f *os.File
	return func(verb, key, _ string) string {
		moment := time.Duration(rand.IntN(500)) * time.Microsecond
		path := leasePath(dir, key)
		switch verb {
		case "stay":
			time.Sleep(moment) //nolint:forbidigo // it has something to do
			return "ok"
		case "give":
			_ = os.Remove(path) // as if it were ours alone
			return said(f.Close())
		}
		var err error
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
			return said(err)
		}
		time.Sleep(moment) //nolint:forbidigo // others come between, as they do when it is least expected
		err = flock(f, unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			return "held"
		}
		return said(err)
	}
}

// actJournal owns journals: it takes one with the last number in it, puts numbers, and gives it back.
func actJournal(dir string) func(verb, key, arg string) string {
	var j *journal.Journal
	return func(verb, key, arg string) string {
		switch verb {
		case "give":
			return said(j.Close())
		case "put":
			_, err := j.Append(journal.Record{Kind: 1, Payload: []byte(arg)})
			return said(err)
		}
		var err error
		if j, _, err = journal.Open(filepath.Join(dir, key), journal.Options{LockWait: -1}); err != nil {
			if errors.Is(err, journal.ErrLocked) {
				return "held"
			}
			return said(err)
		}
		last := "0"
		err = j.Replay(func(r journal.Record) error {
			last = string(r.Payload)
			return nil
		})
		if err != nil {
			return said(err)
		}
		return "ok " + last
	}
}

// actMember registers itself again and again, each time with another number.
func actMember(dir string) func(verb, key, arg string) string {
	var p *Peer
	return func(verb, key, arg string) string {
		switch verb {
		case "join":
			var err error
			p, err = Join(context.Background(), Options{Dir: dir, App: "0123abcd", Component: "member", Instance: key})
			return said(err)
		case "say":
			return said(p.Registry().Register(bus.ComponentInfo{State: bus.StateReady, Skills: bus.Skills{Capabilities: []string{arg}}}))
		case "deregister":
			return said(p.Registry().Deregister())
		}
		return said(p.Close())
	}
}

func said(err error) string {
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return "ok"
}

// actor is an actor as the test sees it.
type actor struct {
	cmd *exec.Cmd
	in  *bufio.Writer
	out *bufio.Scanner
}

func newActor(t *testing.T, part, dir string) *actor {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), actorEnv+"="+strings.ReplaceAll(part, " ", "_")+" "+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &actor{cmd, bufio.NewWriter(in), bufio.NewScanner(out)}
}

// tell gives an order.
func (a *actor) tell(order string) {
	_, _ = a.in.WriteString(order + "\n")
	_ = a.in.Flush() // whoever is gone says nothing, and that is looked at
}

// hear returns the answer, and the number in it; an answer that is an error ends the test.
func (a *actor) hear(t *testing.T) (ok bool, value int) {
	if !a.out.Scan() {
		t.Errorf("an actor has ended without an answer")
		return false, 0
	}
	word, rest, _ := strings.Cut(a.out.Text(), " ")
	if word == "error" {
		t.Errorf("an actor says: %s", rest)
	}
	value, _ = strconv.Atoi(rest)
	return word == "ok", value
}

// kill ends it and returns when nothing of it is left.
func (a *actor) kill() {
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
}

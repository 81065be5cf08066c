package localbus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

// eventually waits for a state of the file system, which nobody tells of.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // between two looks
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// found says whether a newcomer finds a component, alive and with a socket that answers.
func found(t *testing.T, dir, component string) bool {
	recs, err := RecordsOf(dir, component)
	if err != nil || len(recs) != 1 || !recs[0].Alive {
		return false
	}
	c, err := Join(t.Context(), Options{Dir: dir, App: "0123abcd", Component: "new", Role: RoleClient, TargetWait: time.Second})
	if err != nil {
		return false
	}
	defer c.Close()
	_, err = c.Call(t.Context(), component, msg("q", "x"), nil)
	return err == nil
}

// TestT23APlaceThatIsGoneIsMadeAgain: whatever is taken away from a living instance is there again before long, calls wait
// for it, and connections that were open are not disturbed.
func TestT23APlaceThatIsGoneIsMadeAgain(t *testing.T) {
	file := func(ext string) func(dir, inst string) error {
		return func(dir, inst string) error { return os.Remove(filepath.Join(dir, "i", inst+ext)) }
	}
	for name, take := range map[string]func(dir, inst string) error{
		"socket": file(".s"),
		"record": file(".json"),
		"lease":  file(".lock"),
		"record overwritten": func(dir, inst string) error {
			return os.WriteFile(filepath.Join(dir, "i", inst+".json"), []byte("garbage{"), 0o600)
		},
		"lease replaced": func(dir, inst string) error {
			other := filepath.Join(dir, "i", "other")
			return errors.Join(os.WriteFile(other, nil, 0o600), os.Rename(other, filepath.Join(dir, "i", inst+".lock")))
		},
		"socket replaced": func(dir, inst string) error {
			other := filepath.Join(dir, "i", "other")
			return errors.Join(os.WriteFile(other, nil, 0o600), os.Rename(other, filepath.Join(dir, "i", inst+".s")))
		},
		"instances":          func(dir, _ string) error { return os.RemoveAll(filepath.Join(dir, "i")) },
		"run directory":      func(dir, _ string) error { return os.RemoveAll(dir) },
		"run directory away": func(dir, _ string) error { return os.Rename(dir, dir+".away") },
		"everything below":   func(dir, _ string) error { return os.RemoveAll(filepath.Dir(dir)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, err := os.MkdirTemp("/tmp", "w") // short, and without the environment: these run side by side
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(base) })
			dir := filepath.Join(base, "run", "0123abcd")
			if err := makePrivate(dir); err != nil {
				t.Fatal(err)
			}
			p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
			old := join(t, Options{Dir: dir, Component: "in", Role: RoleClient})
			if _, err := old.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			hints := Watch(ctx, dir)
			<-hints // it watches
			if err := take(dir, p.Instance()); err != nil {
				t.Fatal(err)
			}
			if _, err := old.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
				t.Errorf("a caller that was connected: %v", err)
			}
			eventually(t, "it is found again", func() bool { return found(t, dir, "llm") })
			for len(hints) > 0 {
				<-hints
			}
			late := ready(t, join(t, Options{Dir: dir, Component: "late", Receiver: part{call: echo}}))
			for !found(t, dir, "late") {
				<-hints // who watches hears of what is new there
			}
			if _, err := old.Call(t.Context(), "late", msg("q", "x"), nil); err != nil {
				t.Errorf("a new connection of an old peer: %v", err)
			}
			if err := errors.Join(late.Close(), p.Close()); err != nil {
				t.Errorf("leaving: %v", err)
			}
		})
	}
}

// TestT25NothingIsMadeThroughALink: a run directory that comes back as a link to elsewhere is refused, again and again,
// and taken when it is right.
func TestT25NothingIsMadeThroughALink(t *testing.T) {
	dir := filepath.Join(runDir(t), "0123abcd")
	if err := makePrivate(dir); err != nil {
		t.Fatal(err)
	}
	p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	elsewhere := t.TempDir()
	if err := errors.Join(os.RemoveAll(dir), os.Symlink(elsewhere, dir)); err != nil {
		t.Fatal(err)
	}
	var de *DirError
	if err := p.comeBack(p.net.(*unixTransport)); !errors.As(err, &de) {
		t.Errorf("err = %v", err)
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
		t.Errorf("written through the link: %v (%v)", left, err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is found again", func() bool { return found(t, dir, "llm") })
}

// TestT22WhatTheDeadLeftIsCleanedAndNobodyElseIsTouched: a stale socket and record, whose pid is another program's by now.
func TestT22WhatTheDeadLeftIsCleanedAndNobodyElseIsTouched(t *testing.T) {
	dir := runDir(t)
	start, boot := processIdentity()
	stale := Record{
		V: RecordVersion, Instance: "llm-dead", Component: "llm", Role: RoleComponent, State: StateReady, Socket: "llm-dead.s",
		Processes: Processes{PID: os.Getpid(), PIDStart: start + 1, BootID: boot, PGIDs: []int{os.Getpid()}},
	}
	if err := writeRecord(dir, &stale, nil); err != nil {
		t.Fatal(err)
	}
	sock := filepath.Join(instancesDir(dir), "llm-dead.s")
	if err := os.WriteFile(sock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := join(t, Options{Dir: dir, Component: "in", TargetWait: 50 * time.Millisecond})
	var be *bus.Error
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); !errors.As(err, &be) || be.Code != bus.NoTarget {
		t.Errorf("a call of the dead: %v", err)
	}
	if err := Sweep(dir, nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(instancesDir(dir), "llm-dead*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	ready(t, join(t, Options{Dir: dir, Component: "llm", Instance: "llm-dead", Receiver: part{call: echo}}))
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
		t.Errorf("a call of its successor of the same name: %v", err)
	}
}

// TestAPingLeavesItsReaderAsleep: nothing follows a ping, so nobody waits in the kernel for it. That would keep the process
// awake for ten milliseconds, twelve times a minute.
func TestAPingLeavesItsReaderAsleep(t *testing.T) {
	dir := runDir(t)
	asked := ready(t, join(t, Options{Dir: dir, Component: "llm"}))
	asks := ready(t, join(t, Options{Dir: dir, Component: "in"}))
	for range 3 {
		if _, err := asks.Ping(t.Context(), asked.opts.Instance); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(10 * time.Millisecond); time.Now().Before(end); {
			if asked.seated.Load() > 0 {
				t.Fatal("the peer waits in the kernel after a ping")
			}
		}
	}
}

// TestT23WhoeverPingsMakesAPeerLook: a peer that is pinged is in its place again at once, and not when it looks by itself.
func TestT23WhoeverPingsMakesAPeerLook(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := join(t, Options{Dir: dir, Component: "ww", Role: RoleClient})
	if _, err := c.Ping(t.Context(), p.Instance()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, "it is back", func() bool {
		if _, err := c.Ping(t.Context(), p.Instance()); err != nil {
			t.Fatal(err)
		}
		return Alive(dir, p.Instance())
	})
	if took := time.Since(began); took > lookAfter*4/5 {
		t.Errorf("it took %v", took)
	}
}

// TestT23AWatchSeesThatItsDirectoryIsAnotherOne: also while somebody still has the old one open.
func TestT23AWatchSeesThatItsDirectoryIsAnotherOne(t *testing.T) {
	dir := runDir(t)
	hints := Watch(t.Context(), dir)
	<-hints
	for range 5 {
		held, err := os.Open(instancesDir(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.RemoveAll(dir), makePrivate(dir)); err != nil {
			t.Fatal(err)
		}
		p := ready(t, join(t, Options{Dir: dir, Component: "llm"}))
		for range hints {
			if recs, err := RecordsOf(dir, "llm"); err == nil && len(recs) == 1 {
				break
			}
		}
		if err := errors.Join(p.Close(), held.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneProcessorIsLeftForThoseWhoDoNotWaitInTheKernel: each that waits there holds one.
func TestOneProcessorIsLeftForThoseWhoDoNotWaitInTheKernel(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		if n := kernelSeats(8); n != 0 {
			t.Errorf("%d seats, where nobody can wait in the kernel", n)
		}
		return
	}
	for processors, want := range map[int]int32{1: 0, 2: 1, 3: 2, 64: 2} {
		p := &Peer{seats: kernelSeats(processors)}
		var got int32
		for got < 5 && p.takeKernel() {
			got++
		}
		if got != want {
			t.Errorf("%d processors: %d wait in the kernel, want %d", processors, got, want)
		}
		for range got {
			p.giveKernel()
		}
		if want > 0 && !p.takeKernel() {
			t.Errorf("%d processors: no seat was given back", processors)
		}
	}
}

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
	"time"

	"github.com/woodwork-lang/ww/internal/bench/raw"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// typeHang is a call that a bench component never answers: it only says that it has it.
const typeHang = "bench.hang"

// watchChild writes a byte for every change in the registry of an app.
func watchChild(dir string, ready io.Closer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p, err := localbus.Join(ctx, localbus.Options{Dir: dir, App: benchApp, Component: "watcher", Role: localbus.RoleClient})
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // a client leaves nothing behind
	changes, err := p.Registry().Watch(ctx, bus.Query{All: true})
	if err != nil {
		return err
	}
	<-changes // who was there before us
	if err := ready.Close(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it or is gone
		cancel()
	}()
	for range changes {
		if _, err := os.Stdout.Write([]byte{1}); err != nil {
			return nil // the end of the run
		}
	}
	return nil
}

// openRegistry makes the pairs of the area "registry".
func openRegistry(ctx context.Context, self Self, dir string) ([]Pair, func() error, error) {
	var undo cleanup
	var pairs []Pair
	for _, open := range []func(context.Context, Self, string, *cleanup) (Pair, error){openVisible, openDeath, openWatchedDeath} {
		p, err := open(ctx, self, dir, &undo)
		if err != nil {
			return nil, nil, errors.Join(err, undo.run())
		}
		pairs = append(pairs, p)
	}
	for _, n := range []int{10, 200} {
		p, err := openResolve(ctx, dir, n, &undo)
		if err != nil {
			return nil, nil, errors.Join(err, undo.run())
		}
		pairs = append(pairs, p)
	}
	return pairs, undo.run, nil
}

// openVisible: from the moment in which an instance registers to that in which another process knows.
func openVisible(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	run, plain := filepath.Join(dir, "v"), filepath.Join(dir, "n")
	if err := errors.Join(os.Mkdir(run, 0o700), os.Mkdir(plain, 0o700)); err != nil {
		return Pair{}, err
	}
	p, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "new"})
	if err != nil {
		return Pair{}, err
	}
	undo.add(p.Close)
	n := 0
	register := func() error {
		n++
		return p.Registry().Register(bus.ComponentInfo{State: bus.StateReady, Skills: bus.Skills{Capabilities: []string{strconv.Itoa(n)}}})
	}
	if err := register(); err != nil {
		return Pair{}, err
	}
	told, err := self.startTelling(ctx, undo, childWatch, run)
	if err != nil {
		return Pair{}, err
	}
	noticed, err := self.startTelling(ctx, undo, childNotify, plain)
	if err != nil {
		return Pair{}, err
	}
	record := make([]byte, 400) // as long as a record is
	return Pair{
		Name: "registered → another process knows", Baseline: "a file of the same size, written and renamed → a blocking inotify reader knows",
		Ours: func() error { return errors.Join(register(), told()) },
		Raw: func() error {
			tmp := filepath.Join(plain, ".t")
			return errors.Join(os.WriteFile(tmp, record, 0o600), os.Rename(tmp, filepath.Join(plain, "r.json")), noticed())
		},
		Tails: []Tail{{Q: 0.99, Name: ": p99", Limit: 5 * time.Millisecond, GoalText: "≤ 5 ms"}},
	}, nil
}

// startTelling starts a child that writes bytes; tell waits for one.
func (self Self) startTelling(ctx context.Context, undo *cleanup, args ...string) (tell Side, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	child := Self(func(args ...string) *exec.Cmd {
		cmd := self(args...)
		cmd.Stdout = w
		return cmd
	})
	p, err := child.start(ctx, args...)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	undo.add(func() error { return errors.Join(r.Close(), p.cut()) })
	b := make([]byte, 1)
	return func() error {
		_, err := io.ReadFull(r, b)
		return err
	}, nil
}

// openDeath: from SIGKILL to the moment in which a peer with an open call knows.
func openDeath(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	run := filepath.Join(dir, "d")
	if err := os.Mkdir(run, 0o700); err != nil {
		return Pair{}, err
	}
	p, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "peer", Role: localbus.RoleClient})
	if err != nil {
		return Pair{}, err
	}
	undo.add(p.Close)
	return Pair{
		Name: "kill -9 → a connected peer knows", Baseline: "kill -9 → a blocking read of a raw socket ends",
		OursTimed: func() (time.Duration, error) { return killCalled(ctx, self, p, run) },
		RawTimed:  func() (time.Duration, error) { return RawDeath(ctx, self, dir) },
		Tails:     []Tail{{Q: 0.99, Name: ": p99, quiet", Limit: 10 * time.Millisecond, GoalText: "≤ 10 ms"}},
	}, nil
}

// killCalled kills a component in the middle of a call.
func killCalled(ctx context.Context, self Self, p *localbus.Peer, run string) (time.Duration, error) {
	name := "victim" + strconv.FormatInt(time.Now().UnixNano(), 36)
	child, err := self.start(ctx, childBus, run, name)
	if err != nil {
		return 0, err
	}
	defer child.cut() //nolint:errcheck // it is dead
	called, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		_, err := p.Call(ctx, name, event.Message{Header: event.Header{Type: typeHang}}, func(event.Message) { called <- struct{}{} })
		ended <- err
	}()
	select {
	case <-called:
	case err := <-ended:
		return 0, fmt.Errorf("the call of a component that lives ended: %w", err)
	}
	began := time.Now()
	if err := child.cmd.Process.Kill(); err != nil {
		return 0, err
	}
	err = <-ended
	took := time.Since(began)
	var be *bus.Error
	if !errors.As(err, &be) || be.Code != bus.PeerDied {
		return 0, fmt.Errorf("the call of a component that was killed ended with: %w", err)
	}
	return took, localbus.Sweep(run, nil)
}

// openWatchedDeath: the same for somebody who has no connection to it and watches the registry.
func openWatchedDeath(ctx context.Context, self Self, dir string, undo *cleanup) (Pair, error) {
	run := filepath.Join(dir, "w")
	if err := os.Mkdir(run, 0o700); err != nil {
		return Pair{}, err
	}
	p, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: "peer", Role: localbus.RoleClient})
	if err != nil {
		return Pair{}, err
	}
	undo.add(p.Close)
	watching, stop := context.WithCancel(ctx)
	undo.add(func() error { stop(); return nil })
	changes, err := p.Registry().Watch(watching, bus.Query{})
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		Name: "kill -9 → who watches the registry knows", Baseline: "kill -9 → a blocking read of a raw socket ends",
		OursTimed: func() (time.Duration, error) { return killWatched(ctx, self, run, changes) },
		RawTimed:  func() (time.Duration, error) { return RawDeath(ctx, self, dir) },
		Tails:     []Tail{{Q: 0.99, Name: ": p99", Limit: 50 * time.Millisecond, GoalText: "≤ 50 ms"}},
	}, nil
}

func killWatched(ctx context.Context, self Self, run string, changes <-chan bus.Change) (time.Duration, error) {
	name := "victim" + strconv.FormatInt(time.Now().UnixNano(), 36)
	child, err := self.start(ctx, childBus, run, name)
	if err != nil {
		return 0, err
	}
	defer child.cut() //nolint:errcheck // it is dead
	told := func(gone bool) error {
		for {
			select {
			case c := <-changes:
				if c.Info.Name == name && c.Gone == gone {
					return nil
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	if err := told(false); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := child.cmd.Process.Kill(); err != nil {
		return 0, err
	}
	if err := told(true); err != nil {
		return 0, err
	}
	took := time.Since(began)
	return took, localbus.Sweep(run, nil)
}

// RawDeath kills a raw process and waits until a blocking read of its socket ends.
func RawDeath(ctx context.Context, self Self, dir string) (time.Duration, error) {
	path := filepath.Join(dir, "raw"+strconv.FormatInt(time.Now().UnixNano(), 36))
	p, err := self.start(ctx, childRaw, path, "", strconv.Itoa(bodySize))
	if err != nil {
		return 0, err
	}
	defer p.cut()         //nolint:errcheck // it is dead
	defer os.Remove(path) //nolint:errcheck // the directory goes with all its files
	c, err := raw.Dial(path, bodySize)
	if err != nil {
		return 0, err
	}
	defer c.Close() //nolint:errcheck // the other end is dead
	if err := c.Once(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	began := time.Now()
	if err := p.cmd.Process.Kill(); err != nil {
		return 0, err
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("a read from a dead process ended with: %w", err)
	}
	return time.Since(began), nil
}

// openResolve: finding a component by its name among n, without a connection and without a cache.
func openResolve(ctx context.Context, dir string, n int, undo *cleanup) (Pair, error) {
	run := filepath.Join(dir, "r"+strconv.Itoa(n))
	if err := os.Mkdir(run, 0o700); err != nil {
		return Pair{}, err
	}
	var last *localbus.Peer
	for i := range n {
		p, err := localbus.Join(ctx, localbus.Options{Dir: run, App: benchApp, Component: fmt.Sprintf("c%03d", i)})
		if err != nil {
			return Pair{}, err
		}
		undo.add(p.Close)
		if err := p.Announce(localbus.Record{State: localbus.StateReady}); err != nil {
			return Pair{}, err
		}
		last = p
	}
	name := fmt.Sprintf("c%03d", n-1)
	i := filepath.Join(run, "i")
	return Pair{
		Name: fmt.Sprintf("finding a component by name among %d, nothing cached", n), Baseline: "reading the same directory and one record",
		Ours: func() error {
			recs, err := localbus.RecordsOf(run, name)
			if err == nil && (len(recs) != 1 || !recs[0].Alive) {
				err = fmt.Errorf("%d records of %s", len(recs), name)
			}
			return err
		},
		Raw: func() error {
			_, err := os.ReadDir(i)
			_, err2 := os.ReadFile(filepath.Join(i, last.Instance()+".json"))
			return errors.Join(err, err2)
		},
		Goal: 2, GoalText: "p50 ≤ 2 × raw",
	}, nil
}

package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a Starter whose processes do what a test says.
type fake struct {
	mu     sync.Mutex
	pid    int
	procs  []*fakeProcess
	errs   []error       // what the next starts answer
	delay  time.Duration // how long a start takes
	deaf   bool          // processes ignore TERM and QUIT
	lasts  time.Duration // how long a group outlives its leader when nobody kills it
	stuck  time.Duration // how long it takes to die when it is killed
	script func(p *fakeProcess)
}

type fakeProcess struct {
	f       *fake
	pid     int
	adopted bool
	exit    chan Exit
	signals []Signal
	lasts   time.Duration
}

func (f *fake) Start(Spec) (Process, error) {
	time.Sleep(f.delay) //nolint:forbidigo // fake time
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		if err != nil {
			return nil, err
		}
	}
	f.pid++
	return f.add(f.pid + 100), nil
}

func (f *fake) add(pid int) *fakeProcess {
	p := &fakeProcess{f: f, pid: pid, exit: make(chan Exit, 8), lasts: f.lasts}
	f.procs = append(f.procs, p)
	if f.script != nil {
		f.script(p)
	}
	return p
}

func (f *fake) Adopt(_ Spec, pid int, _ uint64) (Process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.add(pid)
	p.adopted = true
	return p, nil
}

func (f *fake) last() *fakeProcess {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.procs[len(f.procs)-1]
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.procs)
}

func (p *fakeProcess) PID() int { return p.pid }

func (p *fakeProcess) Signal(sig Signal) error {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.signals = append(p.signals, sig)
	if sig == SIGKILL || !p.f.deaf {
		p.exit <- Exit{Signal: sig}
	}
	return nil
}

func (p *fakeProcess) got() []Signal {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	return slices.Clone(p.signals)
}

func (p *fakeProcess) Wait(ctx context.Context) (Exit, error) {
	select {
	case e := <-p.exit:
		return e, nil
	case <-ctx.Done():
		return Exit{}, ctx.Err()
	}
}

func (p *fakeProcess) Drain(kill context.Context) {
	select {
	case <-kill.Done():
		time.Sleep(p.f.stuck) //nolint:forbidigo // fake time
	case <-time.After(p.lasts):
	}
}

// story is a supervisor in a bubble with everything that it said so far.
type story struct {
	t      *testing.T
	f      *fake
	s      *Supervisor
	began  time.Time
	mu     sync.Mutex
	events []Event
	cancel func()
	result chan error
}

// tell runs a story in a bubble and ends it.
func tell(t *testing.T, f *fake, play func(s *story)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &story{t: t, f: f, s: New(Options{Starter: f}), began: time.Now(), cancel: cancel, result: make(chan error, 1)}
		go func() { s.result <- s.s.Run(ctx) }()
		read := make(chan struct{})
		go func() {
			defer close(read)
			for e := range s.s.Events() {
				s.mu.Lock()
				s.events = append(s.events, e)
				s.mu.Unlock()
			}
		}()
		defer func() { // also when play gave up
			cancel()
			if err := <-s.result; err != nil {
				t.Errorf("Run: %v", err)
			}
			<-read
		}()
		play(s)
	})
}

func (s *story) start(spec Spec) {
	s.t.Helper()
	if spec.Name == "" {
		spec.Name = "agent"
	}
	if err := s.s.Start(s.t.Context(), spec); err != nil {
		s.t.Fatalf("Start: %v", err)
	}
	synctest.Wait()
}

func (s *story) ready() {
	s.s.Ready("agent")
	synctest.Wait()
}

// die ends the newest process and waits until the supervisor has drawn its conclusions.
func (s *story) die(e Exit) {
	s.f.last().exit <- e
	synctest.Wait()
}

func (s *story) after(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // in a bubble this is the fake clock
	synctest.Wait()
}

// log writes the events as lines "milliseconds name phase reason" and forgets them.
func (s *story) log() []string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, e := range s.events {
		line := fmt.Sprintf("%d %s %s", e.At.Sub(s.began).Milliseconds(), e.Name, e.To)
		if e.Reason != "" {
			line += ": " + e.Reason
		}
		lines = append(lines, line)
	}
	s.events = nil
	return lines
}

func (s *story) expect(want ...string) {
	s.t.Helper()
	if got := s.log(); !slices.Equal(got, want) {
		s.t.Errorf("events\n got %q\nwant %q", got, want)
	}
}

func (s *story) status() Status {
	s.t.Helper()
	all, err := s.s.Snapshot(s.t.Context())
	if err != nil || len(all) == 0 {
		s.t.Fatalf("Snapshot: %v, %v", all, err)
	}
	return all[0]
}

func (s *story) mustBe(want Phase) {
	s.t.Helper()
	synctest.Wait()
	if got := s.status().To; got != want {
		s.t.Fatalf("phase is %v, want %v", got, want)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

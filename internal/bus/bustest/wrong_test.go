package bustest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/woodwork-lang/ww/internal/bus"
)

// wrong is a bus that breaks a promise: the bus in memory, with something between it and those who use it.
type wrong struct {
	name     string
	fails    []string // the promises that must fail
	receiver func(n *wrongNet, r bus.Receiver) bus.Receiver
	bus      func(n *wrongNet, b bus.Bus) bus.Bus
	registry func(n *wrongNet, r bus.Registry) bus.Registry
}

type wrongNet struct {
	*memory
	how     wrong
	closing chan struct{} // closed at the end of the test: whoever hangs must end then

	mu    sync.Mutex
	count int // for mistakes that are made now and then
	there map[string]bool
	regs  map[string]bus.Registry
}

// Join implements Net.
func (n *wrongNet) Join(component string, r bus.Receiver) bus.Bus {
	n.mu.Lock()
	n.there[component] = true
	n.mu.Unlock()
	if r != nil && n.how.receiver != nil {
		r = n.how.receiver(n, r)
	}
	b := n.memory.Join(component, r)
	if n.how.bus != nil {
		b = n.how.bus(n, b)
	}
	return b
}

// Registry implements Net; the same one each time.
func (n *wrongNet) Registry(component string) bus.Registry {
	r := n.memory.Registry(component)
	if n.how.registry == nil {
		return r
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.regs[component] == nil {
		n.regs[component] = n.how.registry(n, r)
	}
	return n.regs[component]
}

// every says yes each nth time.
func (n *wrongNet) every(nth int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count++
	return n.count%nth == 0
}

// hang waits for ever.
func (n *wrongNet) hang() { <-n.closing }

func (w wrong) backend() Backend {
	b := Leased(testLease)
	b.Open = func(t T) Net {
		n := &wrongNet{memory: openMemory(t, testLease), how: w, closing: make(chan struct{}), there: map[string]bool{}, regs: map[string]bus.Registry{}}
		t.Cleanup(func() { close(n.closing) })
		return n
	}
	return b
}

// recorder is a T that remembers whether a promise failed.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// record runs a promise and returns what it complained about. It runs in a bubble: to be patient takes no time.
// The backend is made in there, too, because channels belong to their bubble.
func record(t *testing.T, c Check, backend func() Backend) (failures []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{ctx: t.Context()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Run(r, backend())
		}()
		<-done
		for _, f := range slices.Backward(r.cleanups) {
			f()
		}
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		failures = r.failures
	})
	return failures
}

// allWrong makes every wrong bus anew: some of them remember things.
func allWrong() []wrong {
	return slices.Concat(wrongChains(), wrongVerdicts(), wrongCalls(), wrongEnds(), wrongPushes(), wrongCasts(), wrongRegistries(), wrongWatches())
}

func TestEveryWrongBusFails(t *testing.T) {
	for i, w := range allWrong() {
		t.Run(w.name, func(t *testing.T) {
			for _, c := range Checks() {
				if !slices.Contains(w.fails, c.Name) {
					continue
				}
				failures := record(t, c, func() Backend { return allWrong()[i].backend() })
				if len(failures) == 0 {
					t.Errorf("%s does not notice that this bus %s", c.Name, w.name)
				} else {
					t.Logf("%s: %s", c.Name, failures[0])
				}
			}
		})
	}
}

func TestTheWrapperAloneBreaksNothing(t *testing.T) {
	plain := wrong{
		receiver: func(_ *wrongNet, r bus.Receiver) bus.Receiver {
			return part{accept: r.Accept, call: func(q bus.Request) { r.Call(&request{Request: q}) }, event: r.Event}
		},
		bus: func(_ *wrongNet, b bus.Bus) bus.Bus { return &seatWith{Bus: b} },
	}
	for _, c := range Checks() {
		if failures := record(t, c, plain.backend); len(failures) > 0 {
			t.Errorf("%s: %q", c.Name, failures)
		}
	}
}

func TestEveryPromiseHasAWrongBus(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Checks() {
		if names[c.Name] {
			t.Errorf("two promises are called %s", c.Name)
		}
		names[c.Name] = false
	}
	for _, w := range allWrong() {
		if len(w.fails) == 0 {
			t.Errorf("the bus that %s fails nothing", w.name)
		}
		for _, name := range w.fails {
			if _, ok := names[name]; !ok {
				t.Errorf("the bus that %s is to fail %q, which is no promise", w.name, name)
			}
			names[name] = true
		}
	}
	for name, has := range names {
		if !has {
			t.Errorf("no wrong bus shows that %s can fail", name)
		}
	}
}

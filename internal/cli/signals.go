package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
)

// parentCheck is how often a run under `go run` looks whether that is still there.
const parentCheck = 300 * time.Millisecond

// watcher turns everything that wants a run to end into one stop, and what comes after that into a hurry.
type watcher struct {
	signals chan os.Signal
	say     func(string)
	parent  int // of a run under go run; 0: nobody to watch
	mu      sync.Mutex
	cause   os.Signal
}

// listen begins to take signals: from now on the program does not die of them. A closed pipe is an error of the write
// that finds it, and nohup keeps its meaning.
func listen(o devOptions) *watcher {
	w := &watcher{signals: make(chan os.Signal, 8), say: sayer(o)}
	want := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		want = append(want, syscall.SIGHUP)
	}
	signal.Notify(w.signals, want...)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if !o.Background && parentName() == "go" {
		w.parent = os.Getppid()
	}
	return w
}

func (w *watcher) close() { signal.Stop(w.signals) }

// opening is the context of a start: it ends when somebody wants the start to be given up. done says whether that was so.
func (w *watcher) opening(ctx context.Context) (_ context.Context, done func() bool) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case s := <-w.signals:
			w.first(s)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() bool {
		cancel()
		<-ended
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.cause != nil
	}
}

// pass waits for reasons to stop until the run has ended. Once it is stopping, whatever began that (a signal, ctrl+c as a
// key of the screen, ww down), a signal means that the person does not want to wait.
func (w *watcher) pass(serving, living context.Context, e *engine.Engine, stop context.CancelFunc) {
	var looks <-chan time.Time // at a parent, when there is one to look at
	if w.parent != 0 {
		t := time.NewTicker(parentCheck)
		defer t.Stop()
		looks = t.C
	}
	down := e.Down()
	for {
		select {
		case <-living.Done():
			return
		case s := <-w.signals:
			if w.first(s) && serving.Err() == nil {
				stop()
			} else if s != syscall.SIGHUP {
				e.Hurry()
			}
		case <-down:
			down = nil
			w.say("asked to stop by ww down")
			stop()
		case <-looks:
			if os.Getppid() != w.parent {
				looks = nil
				w.say("go run is gone; stopping")
				stop()
			}
		}
	}
}

// first keeps the signal that began the end. A terminal that goes away may say so twice.
func (w *watcher) first(s os.Signal) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause != nil {
		return false
	}
	w.cause = s
	return true
}

// status is the exit status that the cause of the end asks for.
func (w *watcher) status() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause == syscall.SIGINT {
		return exitInterrupted
	}
	return exitOK
}

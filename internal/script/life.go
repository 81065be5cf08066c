package script

import (
	"context"
	"time"
)

// lastWords is how long a process that has closed its stdin or stdout may take to end by itself.
const lastWords = 2 * time.Second

// supervise waits for the end, whatever brings it, and leaves nothing behind.
func (w *Worker) supervise() {
	select {
	case <-w.tree.Exited():
	case <-w.read:
		w.expectExit(errClosedStdout)
	case <-w.out.broken:
		w.expectExit(errClosedStdin)
	}
	<-w.tree.Done()
	if left := w.tree.Left(); len(left) > 0 {
		w.notes.write("these processes cannot be killed: %v", left)
	}
	w.readRest()
	w.out.abandon()
	end := w.endOf()
	w.calls.fail(&CrashError{End: *end, Alone: true}, &CrashError{End: *end}, ErrEnded)
	close(w.done)
	if w.opts.Ended != nil && w.begun.Load() && !w.stopping.Load() {
		w.opts.Ended(end.ExitStatus(), end)
	}
}

// expectExit gives a process that does not listen or speak any more a moment to end, then ends it.
func (w *Worker) expectExit(fault error) {
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-w.tree.Exited():
	case <-timer.C:
		if !w.stopping.Load() {
			w.end(fault)
		}
	}
}

// end kills the process for a fault of its own.
func (w *Worker) end(fault error) {
	w.fault.CompareAndSwap(nil, &fault)
	w.tree.Kill()
}

// readRest lets the reader come to the end of what the process wrote before it ended.
func (w *Worker) readRest() {
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-w.read:
	case <-timer.C:
	}
	w.stdout.Close()
	<-w.read
}

func (w *Worker) endOf() *EndError {
	e := &EndError{Exit: w.tree.Exit()}
	if fault := w.fault.Load(); fault != nil {
		e.Fault = *fault
	}
	return e
}

// Stop asks the component to end: it says shutdown and closes its stdin; half of the grace later SIGTERM follows, and
// at its end, or when ctx is over, everything is killed. It returns when nothing is left.
func (w *Worker) Stop(ctx context.Context) error {
	w.stopping.Store(true)
	half := w.opts.Grace / 2
	polite, cancel := context.WithTimeout(ctx, half)
	defer cancel()
	w.notify(polite, "lifecycle", lifecycle{"ready", "shutting_down"})
	w.notify(polite, "shutdown", map[string]int64{"grace_ms": w.opts.Grace.Milliseconds()})
	w.out.finish(polite)
	if !w.gone(polite) {
		w.tree.Terminate()
		last, cancel := context.WithTimeout(ctx, half)
		defer cancel()
		if !w.gone(last) {
			w.tree.Kill()
		}
	}
	<-w.done
	return nil
}

func (w *Worker) gone(ctx context.Context) bool {
	select {
	case <-w.tree.Exited():
		return true
	case <-ctx.Done():
		return false
	}
}

// misses is how many pings in a row may stay without an answer.
const misses = 3

// feelPulse pings a component that said it answers pings. No answer, and no CPU time used by it or by anything below
// it, for three in a row: it hangs. A busy one that does not answer is just busy, which is the deadline's business.
func (w *Worker) feelPulse() {
	for silent := 0; silent < misses; {
		before, known := w.tree.CPU()
		ctx, cancel := context.WithTimeout(context.Background(), w.opts.Pulse)
		err := w.Ping(ctx)
		if err == nil {
			silent = 0
			select {
			case <-ctx.Done():
			case <-w.done:
			}
		}
		cancel()
		if w.stopping.Load() || isClosed(w.done) {
			return
		}
		if err != nil {
			silent++
			if after, _ := w.tree.CPU(); !known || after != before {
				silent = 0
			}
		}
	}
	w.end(errHung(misses * w.opts.Pulse))
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

package component

import (
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
)

// A stepFunc is one step of a partition's machine.
type stepFunc func(p *delivery.Partition, now time.Time) delivery.Effects

// line is the steps of a partition that wait for the disk. What comes while it writes is made together, and shares the
// next append and its sync: so does a thousand turns a second need far fewer than a thousand syncs of each partition.
type line struct {
	mu    sync.Mutex
	room  sync.Cond // there is some again
	steps []waiting
	busy  bool // somebody makes them
}

type waiting struct {
	step stepFunc
	then func(error)
}

const (
	sharedSteps  = 128  // that share one append at most, so that no turn waits for ever longer ones
	waitingSteps = 1024 // that wait at most: then the connection they come from is not read on
)

// step runs one step of the machine: append, then everything else. On an append that fails nothing has happened: the
// machine is read back from the journal.
func (in *inbox) step(f stepFunc) error {
	if !in.r.toDisk() {
		return in.steps(f)
	}
	done := make(chan error, 1)
	in.post(f, func(err error) { done <- err })
	return <-done
}

// post is a step whose caller goes on: then is called when it is stored, or is not. The steps that are posted by one
// goroutine are made in their order. Without a disk to wait for all of it happens before post returns.
func (in *inbox) post(f stepFunc, then func(error)) {
	if !in.r.toDisk() {
		then(in.steps(f))
		return
	}
	if in.line.put(waiting{f, then}) {
		in.r.stepping.Go(in.work)
	}
}

// put says whether somebody has to begin to work.
func (l *line) put(w waiting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room.L = &l.mu
	for len(l.steps) >= waitingSteps {
		l.room.Wait()
	}
	l.steps = append(l.steps, w)
	idle := !l.busy
	l.busy = true
	return idle
}

// work makes the steps of the line until there is none.
func (in *inbox) work() {
	for {
		batch := in.line.take()
		if len(batch) == 0 {
			return
		}
		steps := make([]stepFunc, len(batch))
		for i := range batch {
			steps[i] = batch[i].step
		}
		err := in.steps(steps...)
		for i := range batch {
			batch[i].then(err)
		}
	}
}

// take is what is made next; nothing when the line is empty, and then whoever posts makes it.
func (l *line) take() []waiting {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.steps), sharedSteps)
	batch := l.steps[:n:n]
	if l.steps = l.steps[n:]; len(l.steps) == 0 {
		l.steps = nil
	}
	l.busy = n > 0
	l.room.Broadcast()
	return batch
}

// steps makes steps with one append.
func (in *inbox) steps(all ...stepFunc) error {
	in.mu.Lock()
	if in.journal == nil {
		in.mu.Unlock()
		return errClosed
	}
	e := all[0](in.part, in.r.clock.now())
	for _, f := range all[1:] {
		e.Join(f(in.part, in.r.clock.now()))
	}
	err := in.commit(&e)
	if err == nil {
		in.part.Reuse(e.Records)
		e.Records = nil
	}
	in.mu.Unlock()
	if err != nil {
		return err
	}
	in.r.after(in, &e)
	return nil
}

// stepLogged is a step whose failure nobody is told of. A failed append has been logged, and is tried again by the next
// tick.
func (in *inbox) stepLogged(f stepFunc) { in.tryLater(in.step(f)) }

// postLogged is stepLogged for a caller that goes on.
func (in *inbox) postLogged(f stepFunc) { in.post(f, in.tryLater) }

func (in *inbox) tryLater(err error) {
	if err != nil && !errors.Is(err, errClosed) {
		in.mu.Lock()
		in.arm(in.r.clock.now().Add(appendRetry))
		in.mu.Unlock()
	}
}

// toDisk says whether a step is made only when it is on the disk.
func (r *Runner) toDisk() bool { return r.spec.Durability == DurabilityDisk }

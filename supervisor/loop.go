package supervisor

import (
	"context"
	"sync"
	"time"
)

// child is what the loop knows of one name.
type child struct {
	spec      Spec
	phase     Phase
	status    Status // the last event
	run       *run   // the process it has; kept until nothing of it is alive
	crashes   int
	restarts  int
	readyAt   time.Time
	timer     alarm
	blame     string // why we are killing a process that was not asked to stop
	announced bool   // it said that it will end
	again     bool   // start next when it is gone
	next      startRequest
	waiting   []waiter
}

// waiter wants to know when a stop is over.
type waiter struct {
	reply chan error
	again bool // it wants the restart, too
}

// run is one process of a child, from the order to start it to the end of its last descendant.
type run struct {
	proc  Process // nil until it is spawned
	ended bool    // its leader has
	kill  func()  // what it leaves behind is killed from now on
	early *readyRequest
}

// alarm is the one thing a child waits for by time; what that is follows from its phase.
type alarm struct {
	seq   int
	timer *time.Timer
	then  func()
}

func (a *alarm) stop() {
	a.seq++
	a.then = nil
	if a.timer != nil {
		a.timer.Stop()
	}
}

// loop is the state of a supervisor. Only the goroutine of Run touches it.
type loop struct {
	s        *Supervisor
	children []*child // in the order of their first start
	outgoing []Event
	ending   bool // everything is being killed
	released bool
	wave     wave
	wait     context.Context // ends when nobody needs to know any more how processes end
	wg       sync.WaitGroup
}

// Run supervises until ctx ends; then it kills everything and returns when nothing is alive. Call it once. For an
// orderly end call StopAll first; to leave the processes alive, Release.
func (s *Supervisor) Run(ctx context.Context) error {
	l := &loop{s: s}
	var forget func()
	l.wait, forget = context.WithCancel(context.WithoutCancel(ctx))
	stop, patience := ctx.Done(), (<-chan time.Time)(nil)
	var err error
	for err == nil && !l.released && !(l.ending && l.quiet()) {
		select {
		case <-stop:
			stop = nil
			l.ending = true
			l.killAll()
			patience = time.After(s.options.Patience)
		case <-patience:
			err = stillThere(l.alive())
		case m := <-s.inbox:
			m.take(l)
		case l.out() <- l.head():
			l.outgoing = l.outgoing[1:]
		}
	}
	forget()
	close(s.done)
	l.stopAlarms()
	if err == nil {
		l.wg.Wait()
	}
	l.flush()
	close(s.events)
	return err
}

// out is nil, which a select never chooses, while there is nothing to say: the loop never waits for its reader.
func (l *loop) out() chan<- Event {
	if len(l.outgoing) == 0 {
		return nil
	}
	return l.s.events
}

func (l *loop) head() Event {
	if len(l.outgoing) == 0 {
		return Event{}
	}
	return l.outgoing[0]
}

func (l *loop) flush() {
	late := time.After(l.s.options.Linger)
	for _, e := range l.outgoing {
		select {
		case l.s.events <- e:
		case <-late:
			return
		}
	}
}

func (l *loop) stopAlarms() {
	for _, c := range l.children {
		c.timer.stop()
	}
}

func (l *loop) quiet() bool { return len(l.alive()) == 0 }

func (l *loop) alive() []string {
	var names []string
	for _, c := range l.children {
		if c.run != nil {
			names = append(names, c.spec.Name)
		}
	}
	return names
}

func (l *loop) find(name string) *child {
	for _, c := range l.children {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}

// tell posts from a goroutine that the loop started; it does not wait for a loop that has ended.
func (l *loop) tell(m message) {
	select {
	case l.s.inbox <- m:
	case <-l.s.done:
	}
}

func (l *loop) alarm(c *child, d time.Duration, then func()) {
	c.timer.stop()
	m := rang{c: c, seq: c.timer.seq}
	c.timer.then = then
	c.timer.timer = time.AfterFunc(d, func() { l.tell(m) })
}

// fire moves c along the table and says so. A trigger that the table does not know in this phase is a bug of this
// package.
func (l *loop) fire(c *child, t trigger, reason string) {
	to, ok := c.phase.next(t)
	if !ok {
		panic("supervisor: no way from " + c.phase.String())
	}
	switch to {
	case Ready:
		c.readyAt = time.Now()
	case Pending:
		c.status.PID = 0
	}
	if to != Backoff {
		c.status.NextStart = time.Time{}
	}
	c.status.From, c.status.To = c.phase, to
	c.status.Restarts, c.status.Crashes = c.restarts, c.crashes
	c.status.Reason, c.status.At = reason, time.Now()
	c.phase = to
	l.outgoing = append(l.outgoing, c.status)
}

package supervisor

import "slices"

// message is what the loop can be told. take runs in the loop's goroutine.
type message interface{ take(l *loop) }

type startRequest struct {
	spec     Spec
	adopt    int // pid of a running process; 0: start one
	pidStart uint64
	reply    chan error
}

func (m startRequest) take(l *loop) {
	if l.ending {
		m.reply <- ErrEnded
		return
	}
	c := l.find(m.spec.Name)
	switch {
	case c != nil && c.phase.Alive():
		m.reply <- named(m.spec.Name, ErrRunning)
		return
	case c != nil && c.phase == Stopping:
		c.again, c.next = true, m
	case c != nil:
		l.begin(c, m)
	default:
		c = &child{status: Status{Name: m.spec.Name}}
		l.children = append(l.children, c)
		l.begin(c, m)
	}
	m.reply <- nil
}

type stopRequest struct {
	name    string
	now     bool // without grace
	again   bool // and then start it again
	lenient bool // an unknown name is as good as a stopped one
	reply   chan error
}

func (m stopRequest) take(l *loop) {
	c := l.find(m.name)
	switch {
	case c == nil && m.lenient:
		answer(m.reply, nil)
		return
	case c == nil:
		answer(m.reply, named(m.name, ErrUnknown))
		return
	}
	c.again = m.again && !l.ending
	if c.again {
		c.next = startRequest{spec: c.spec}
	}
	if c.phase == Exited {
		l.settle(c)
		answer(m.reply, nil)
		return
	}
	if m.reply != nil {
		c.waiting = append(c.waiting, waiter{reply: m.reply, again: c.again})
	}
	l.stop(c, m.now)
}

type killAllRequest struct{}

func (killAllRequest) take(l *loop) { l.killAll() }

type failRequest struct{ name, reason string }

func (m failRequest) take(l *loop) {
	if c := l.find(m.name); c != nil && (c.phase == Starting || c.phase == Ready) {
		l.fail(c, m.reason)
	}
}

type readyRequest struct {
	name string
	pid  int
}

func (m readyRequest) take(l *loop) {
	c := l.find(m.name)
	switch {
	case c == nil:
	case c.phase == Pending && c.run != nil && c.run.proc == nil:
		c.run.early = &m // it was faster than the news that it was started
	case c.phase == Starting && c.blame == "" && (m.pid == 0 || m.pid == c.status.PID):
		c.timer.stop()
		l.fire(c, ready, "")
	}
}

type endingRequest struct{ name string }

func (m endingRequest) take(l *loop) {
	if c := l.find(m.name); c != nil {
		c.announced = true
	}
}

type amendRequest struct {
	spec  Spec
	reply chan error
}

func (m amendRequest) take(l *loop) {
	c := l.find(m.spec.Name)
	if c == nil {
		m.reply <- named(m.spec.Name, ErrUnknown)
		return
	}
	c.spec = m.spec
	c.spec.Policy = m.spec.Policy.filled()
	if c.next.adopt == 0 {
		c.next.spec = m.spec
	}
	m.reply <- nil
}

type removeRequest struct {
	name  string
	reply chan error
}

func (m removeRequest) take(l *loop) {
	c := l.find(m.name)
	switch {
	case c == nil:
		m.reply <- named(m.name, ErrUnknown)
	case c.run != nil || c.phase != Exited && c.phase != Failed:
		m.reply <- named(m.name, ErrRunning)
	default:
		l.children = slices.DeleteFunc(l.children, func(x *child) bool { return x == c })
		m.reply <- nil
	}
}

type releaseRequest struct{}

func (releaseRequest) take(l *loop) {
	l.released = true
	for _, c := range l.children {
		if c.run != nil && c.run.ended {
			c.run.kill() // what is left of the dead is of no use to a successor
		}
	}
}

type snapshotRequest struct{ reply chan []Status }

func (m snapshotRequest) take(l *loop) {
	all := make([]Status, 0, len(l.children))
	for _, c := range l.children {
		all = append(all, c.status)
	}
	m.reply <- all
}

// started, ended and drained are what the goroutine of one run reports.
type started struct {
	c    *child
	run  *run
	proc Process
	err  error
}

func (m started) take(l *loop) { l.started(m) }

type ended struct {
	c    *child
	exit Exit
}

func (m ended) take(l *loop) { l.ended(m.c, m.exit) }

type drained struct{ c *child }

func (m drained) take(l *loop) { l.drained(m.c) }

// rang is an alarm of a child; seq tells one that was stopped too late.
type rang struct {
	c   *child
	seq int
}

func (m rang) take(l *loop) {
	if m.seq == m.c.timer.seq && m.c.timer.then != nil {
		m.c.timer.then()
	}
}

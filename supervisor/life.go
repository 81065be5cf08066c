package supervisor

import (
	"context"
	"time"
)

// begin is an order to start: a clean slate. One that is started again by order counts as a restart; one that had ended, as
// one that was stopped or given up, is only started.
func (l *loop) begin(c *child, m startRequest) {
	c.timer.stop()
	known, restarted := c.phase != 0, c.again
	c.spec = m.spec
	c.spec.Policy = m.spec.Policy.filled()
	c.crashes, c.again = 0, false
	c.next = m
	if known {
		if restarted {
			c.restarts++
		}
		l.fire(c, start, "by order")
	} else {
		c.phase = Pending
		c.status.To, c.status.At = Pending, time.Now()
		l.outgoing = append(l.outgoing, c.status)
	}
	l.spawn(c)
}

// spawn starts c's process in a goroutine that lives as long as the process: starting takes milliseconds, and the
// loop has none to give. While something of the last process is alive it waits; drained calls it again.
func (l *loop) spawn(c *child) {
	if c.run != nil {
		return
	}
	kill, cancel := context.WithCancel(context.WithoutCancel(l.wait))
	r := &run{kill: cancel}
	c.run = r
	c.blame, c.announced = "", false
	order := c.next
	order.spec = c.spec
	c.next = startRequest{spec: c.spec}
	l.wg.Go(func() {
		defer cancel()
		proc, err := l.launch(order)
		l.tell(started{c: c, run: r, proc: proc, err: err})
		if err != nil {
			return
		}
		exit, err := proc.Wait(l.wait)
		if err != nil {
			return // released
		}
		l.tell(ended{c: c, exit: exit})
		proc.Drain(kill)
		l.tell(drained{c: c})
	})
}

func (l *loop) launch(m startRequest) (Process, error) {
	if m.adopt != 0 {
		return l.s.options.Starter.Adopt(m.spec, m.adopt, m.pidStart)
	}
	return l.s.options.Starter.Start(m.spec)
}

func (l *loop) started(m started) {
	c := m.c
	if m.err != nil {
		c.run = nil
		if c.phase == Stopping {
			l.gone(c, "stopped before it started")
			return
		}
		l.died(c, death{spawn: m.err, crashes: c.crashes})
		return
	}
	m.run.proc = m.proc
	c.status.PID = m.proc.PID()
	if c.phase == Stopping { // ordered while it was being started
		l.terminate(c)
		return
	}
	l.fire(c, spawned, "")
	l.alarm(c, c.spec.Policy.ReadyTimeout, func() { l.fail(c, notReady(c.spec.Policy.ReadyTimeout)) })
	if m.run.early != nil {
		m.run.early.take(l)
	}
}

// ended is the death of a leader. What it left behind may still be alive.
func (l *loop) ended(c *child, exit Exit) {
	c.run.ended = true
	c.status.Exit = exit
	if c.phase == Stopping {
		return // what is left has the rest of the grace
	}
	c.run.kill()
	if c.announced && (exit == (Exit{}) || exit.Unknown) {
		c.timer.stop()
		l.fire(c, stop, EndedAsAnnounced)
		return
	}
	d := death{exit: exit, blame: c.blame, crashes: c.crashes}
	if c.phase == Ready {
		d.served = time.Since(c.readyAt)
	}
	l.died(c, d)
}

func (l *loop) died(c *child, d death) {
	v := c.spec.Policy.judge(d)
	c.timer.stop()
	c.crashes = v.crashes
	if v.trigger == crash {
		v.delay = l.wave.spread(c, v.delay, l.s.options.Wave)
		c.status.NextStart = time.Now().Add(v.delay)
		l.alarm(c, v.delay, func() { l.retry(c) })
	}
	l.fire(c, v.trigger, v.reason)
}

func (l *loop) retry(c *child) {
	c.restarts++
	l.fire(c, start, c.status.Reason)
	l.spawn(c)
}

// drained: nothing of c's process is alive.
func (l *loop) drained(c *child) {
	c.run = nil
	switch c.phase {
	case Stopping:
		l.gone(c, goneReason(c))
	case Pending:
		l.spawn(c)
	}
}

func (l *loop) gone(c *child, reason string) {
	c.timer.stop()
	l.fire(c, gone, reason)
	l.settle(c)
}

// settle answers those who wait for c's end, and starts it again when that was the order.
func (l *loop) settle(c *child) {
	again := c.again && !l.ending
	if again {
		l.begin(c, c.next)
	}
	for _, w := range c.waiting {
		if w.again && !again {
			answer(w.reply, named(c.spec.Name, ErrStopped))
			continue
		}
		answer(w.reply, nil)
	}
	c.waiting = nil
}

func answer(reply chan error, err error) {
	if reply != nil {
		reply <- err
	}
}

// stop is the order to end, with grace or now. It may come again: the second one can only be faster.
func (l *loop) stop(c *child, now bool) {
	if c.phase == Stopping {
		if now {
			l.killRun(c)
		}
		return
	}
	if c.phase == Exited {
		return
	}
	c.timer.stop()
	l.fire(c, stop, "by order")
	switch {
	case c.run == nil:
		l.gone(c, "stopped")
	case now:
		l.killRun(c)
	case c.run.proc != nil && !c.run.ended:
		l.terminate(c)
	}
}

// terminate asks the group to end and kills it after the grace.
func (l *loop) terminate(c *child) {
	if l.ending || c.blame != "" {
		l.killRun(c)
		return
	}
	_ = c.run.proc.Signal(SIGTERM) // an error means that it has ended; Wait says so
	l.alarm(c, c.spec.Policy.Grace, func() {
		c.blame = "killed after " + span(c.spec.Policy.Grace)
		l.killRun(c)
	})
}

// killRun kills the group, and from now on whatever it leaves behind.
func (l *loop) killRun(c *child) {
	r := c.run
	r.kill()
	if c.blame == "" {
		c.blame = "killed by order"
	}
	if r.proc != nil && !r.ended {
		_ = r.proc.Signal(SIGKILL) // as in terminate
	}
}

// fail kills a process that is broken, after it had time for a stack dump. Its death is a crash with this reason.
func (l *loop) fail(c *child, reason string) {
	if c.blame != "" {
		return
	}
	c.blame = reason
	_ = c.run.proc.Signal(SIGQUIT) // as in terminate
	l.alarm(c, c.spec.Policy.DumpTime, func() { l.killRun(c) })
}

func (l *loop) killAll() {
	for _, c := range l.children {
		c.again = false
		l.stop(c, true)
	}
}

func goneReason(c *child) string {
	switch exit := c.status.Exit; {
	case c.blame != "":
		return c.blame
	case c.announced:
		return EndedAsAnnounced
	case exit == Exit{} || exit.Signal == SIGTERM || exit.Code == exitTerminated || exit.Unknown:
		return "stopped by order"
	default:
		return exit.String() // the order came, and something else went wrong
	}
}

package supervisor

import "context"

// Start starts spec under its name. An ended name gets the new spec and a clean slate, one that waits for its restart
// is started now, one that is stopping is started when it is gone; one that runs answers ErrRunning. Start does not
// wait for the process: events tell.
func (s *Supervisor) Start(ctx context.Context, spec Spec) error {
	return s.ask(ctx, func(reply chan error) message { return startRequest{spec: spec, reply: reply} })
}

// Adopt takes over a running process that an earlier supervisor started from an equal spec. It begins in starting;
// the caller says Ready. From then on it is treated like any other, but nobody will know its exit status.
func (s *Supervisor) Adopt(ctx context.Context, spec Spec, pid int, pidStart uint64) error {
	return s.ask(ctx, func(reply chan error) message {
		return startRequest{spec: spec, adopt: pid, pidStart: pidStart, reply: reply}
	})
}

// Stop ends a process: TERM to its group, KILL after the grace, and it returns when nothing of it is alive. When ctx
// ends first the stop goes on.
func (s *Supervisor) Stop(ctx context.Context, name string) error {
	return s.ask(ctx, func(reply chan error) message { return stopRequest{name: name, reply: reply} })
}

// StopAll stops one wave after the other, the names of a wave together, and at last everything that no wave names.
// It returns the first error; a ctx that ends leaves the stops that have begun to go on.
func (s *Supervisor) StopAll(ctx context.Context, waves ...[]string) error {
	for _, wave := range waves {
		if err := s.stopWave(ctx, wave); err != nil {
			return err
		}
	}
	all, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	rest := make([]string, 0, len(all))
	for _, st := range all {
		rest = append(rest, st.Name)
	}
	return s.stopWave(ctx, rest)
}

// stopWave orders all stops before it waits for the first.
func (s *Supervisor) stopWave(ctx context.Context, names []string) error {
	replies := make(chan error, len(names))
	for _, name := range names {
		if err := s.post(ctx, stopRequest{name: name, lenient: true, reply: replies}); err != nil {
			return err
		}
	}
	for range names {
		if err := s.await(ctx, replies); err != nil {
			return err
		}
	}
	return nil
}

// Restart stops a process and starts it again with a clean slate. It returns when the old one is gone and the new
// one is pending. One that has ended is just started.
func (s *Supervisor) Restart(ctx context.Context, name string) error {
	return s.ask(ctx, func(reply chan error) message { return stopRequest{name: name, again: true, reply: reply} })
}

// Kill is Stop without grace. It does not wait.
func (s *Supervisor) Kill(name string) {
	_ = s.post(context.Background(), stopRequest{name: name, now: true, lenient: true})
}

// KillAll kills everything at once and stops restarts: the second Ctrl-C. It does not wait; a Stop or StopAll that is
// under way returns when the kernel is done.
func (s *Supervisor) KillAll() { _ = s.post(context.Background(), killAllRequest{}) }

// Fail declares a running process broken, as one that hangs is: it gets SIGQUIT, so that it can leave a stack dump,
// is killed, and its death counts as a crash with this reason.
func (s *Supervisor) Fail(name, reason string) {
	_ = s.post(context.Background(), failRequest{name: name, reason: reason})
}

// Ready says that the process which name has now can work.
func (s *Supervisor) Ready(name string) { s.ReadyPID(name, 0) }

// ReadyPID is Ready for exactly this process; it is ignored when name has another one by now.
func (s *Supervisor) ReadyPID(name string, pid int) {
	_ = s.post(context.Background(), readyRequest{name: name, pid: pid})
}

// EndedAsAnnounced is the reason of an end that [Supervisor.Ending] had told of.
const EndedAsAnnounced = "ended as announced"

// Ending says that the process has announced its end: exit status 0 is then no crash but the end.
func (s *Supervisor) Ending(name string) { _ = s.post(context.Background(), endingRequest{name: name}) }

// Amend replaces the spec and the policy that hold from the next death or start of its name on. What runs is not
// touched.
func (s *Supervisor) Amend(ctx context.Context, spec Spec) error {
	return s.ask(ctx, func(reply chan error) message { return amendRequest{spec: spec, reply: reply} })
}

// Remove forgets a name that has ended.
func (s *Supervisor) Remove(ctx context.Context, name string) error {
	return s.ask(ctx, func(reply chan error) message { return removeRequest{name: name, reply: reply} })
}

// Release ends Run and leaves every process alive, for whoever adopts them.
func (s *Supervisor) Release() { _ = s.post(context.Background(), releaseRequest{}) }

// Snapshot returns what is known of every name, in the order of their first start.
func (s *Supervisor) Snapshot(ctx context.Context) ([]Status, error) {
	reply := make(chan []Status, 1)
	if err := s.post(ctx, snapshotRequest{reply: reply}); err != nil {
		return nil, err
	}
	return <-reply, nil // the loop answers in the step in which it takes the request
}

func (s *Supervisor) ask(ctx context.Context, with func(chan error) message) error {
	reply := make(chan error, 1)
	if err := s.post(ctx, with(reply)); err != nil {
		return err
	}
	return s.await(ctx, reply)
}

func (s *Supervisor) await(ctx context.Context, reply chan error) error {
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
	}
	select { // the last thing Run does may be to answer
	case err := <-reply:
		return err
	default:
		return ErrEnded
	}
}

// post hands a message to the loop. It waits for a Run that has not begun.
func (s *Supervisor) post(ctx context.Context, m message) error {
	select {
	case s.inbox <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrEnded
	}
}

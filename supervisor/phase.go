package supervisor

// Phase is where a process is in its life. The zero value is no phase.
type Phase uint8

// The phases. The table in the package comment says how they follow each other.
const (
	Pending  Phase = iota + 1 // being started, or waiting for what its predecessor left to be gone
	Starting                  // alive, not READY
	Ready
	Backoff  // died, will be started again
	Stopping // asked to end; stays so until nothing of it is alive
	Exited   // ended by order; nothing of it is alive
	Failed   // died, will not be started again without an order
)

// String returns the phase's name in lower case.
func (p Phase) String() string {
	switch p {
	case Pending:
		return "pending"
	case Starting:
		return "starting"
	case Ready:
		return "ready"
	case Backoff:
		return "backoff"
	case Stopping:
		return "stopping"
	case Exited:
		return "exited"
	case Failed:
		return "failed"
	default:
		return "none"
	}
}

// Alive reports whether a process in this phase has, or is about to have, a process that serves.
func (p Phase) Alive() bool { return p == Pending || p == Starting || p == Ready }

type trigger uint8

const (
	start   trigger = iota + 1 // ordered, or the restart delay is over
	spawned                    // the process exists
	ready                      // it says that it can work
	crash                      // it died, and is worth another try
	giveUp                     // it died, and is not
	stop                       // ordered to end, or ended as announced
	gone                       // nothing of it is alive
)

// next is the table of the package comment.
func (p Phase) next(t trigger) (Phase, bool) {
	switch {
	case t == start && (p == Backoff || p == Exited || p == Failed):
		return Pending, true
	case t == spawned && p == Pending:
		return Starting, true
	case t == ready && p == Starting:
		return Ready, true
	case t == crash && p.Alive():
		return Backoff, true
	case t == giveUp && p.Alive():
		return Failed, true
	case t == stop && (p.Alive() || p == Backoff || p == Failed):
		return Stopping, true
	case t == gone && p == Stopping:
		return Exited, true
	}
	return p, false
}

package component

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fanout"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/journal"
	"github.com/woodwork-lang/ww/internal/rounds"
	"github.com/woodwork-lang/ww/internal/turn"
)

// Exit statuses of a runner. 78 and 126 are those of sysexits.h and the shell: starting again would not help.
const (
	ExitOK      = 0
	ExitOrdered = 79 // after a shutdown over the bus: no crash
	ExitFailed  = 1
	ExitConfig  = 78
	ExitNoStart = 126
)

// Seat is the runner's place on the bus.
type Seat interface {
	bus.Bus
	// Announce publishes what this instance is now; it replaces what was said before.
	Announce(Announcement) error
	// Publish sends an event to whoever listens to this instance. It never waits.
	Publish(m event.Message)
	// Arrivals makes f be called whenever a component has a new instance that is ready, until ctx ends. Those that are
	// ready when it returns, which is at once, are not new.
	Arrivals(ctx context.Context, to string, f func())
	// Heard says whether anybody listens to events of this type: what nobody hears is not made.
	Heard(typ string) bool
	// Siblings are the other living instances of this component.
	Siblings() []Sibling
	Close() error
}

// Announcement is what a runner publishes of itself. It changes with its life only: load travels in heartbeats.
type Announcement struct {
	State  string // initializing, ready, shutting_down, failed
	Reason string // why it failed
	Traits Traits
	Guard  int   // pid of the guard, when user code runs
	Child  int   // pid of the user process
	Groups []int // process groups that were started here

	Standby    bool  // READY, but another generation serves
	Partitions []int // of the inbox, that are open here
}

// The states of an announcement, as bus.State has them.
const (
	StateInitializing = string(bus.StateInitializing)
	StateReady        = string(bus.StateReady)
	StateShuttingDown = string(bus.StateShuttingDown)
	StateFailed       = string(bus.StateFailed)
)

// stateActive is how a ready component is shown while it works. It is never announced.
const stateActive = string(bus.StateActive)

// Deps are the parts of the world that a runner needs.
type Deps struct {
	Spec     Spec
	Kind     Kind
	Join     func(bus.Receiver, func() event.Health) (Seat, error)
	Log      *slog.Logger
	Stdout   io.Writer
	Stderr   io.Writer
	Orphaned <-chan struct{} // closed when the supervisor is gone; nil: there is none
	Stop     <-chan struct{} // closed when the runner is asked to end
	// Routes is the components that a session's turns go through, with their acceptor; nil, or a nil answer: they go where
	// each component says.
	Routes   func(session string) []string
	Takes    []string            // the types of message that components of this kind take; nil: every one
	Own      []string            // the types by which it and its like speak to each other: taken whatever the file says
	Recorder Recorder            // keeps the turns of an acceptor; nil: nobody does
	Tape     Tape                // keeps what was asked and answered; nil: nobody does
	Player   Player              // answers from a recording; nil: everything runs
	Hooks    []fanout.Subscriber // hear the events of this component in this process
	Faults   *fault.Set          // the seams of this process; nil: nobody can give orders to them
	Disk     journal.Fault       // a test's, between the journals and the disk
	Clock    *Clock              // nil: that of the system
}

// Runner is one instance of a component.
type Runner struct {
	spec      Spec
	kind      Kind
	log       *slog.Logger
	recorder  Recorder
	tape      Tape
	player    Player
	fixed     func(session string) []string
	traits    Traits
	inputs    atomic.Pointer[[]string] // the types of message it takes; nil or empty: every one
	takesOf   []string                 // of its kind
	own       []string
	seat      Seat
	inboxes   [delivery.Partitions]*inbox
	slots     slots
	share     share
	recovered atomic.Bool    // suspects have run, the rest may begin
	keeping   sync.WaitGroup // what opens and closes partitions while it runs
	lifeline  lifeline
	follow    followers
	outlets   outlets
	shelved   shelved
	stats     stats
	procs     processes
	jobs      jobs
	stepping  crew // makes steps that wait for the disk
	running   running
	answers   answers
	questions questions
	routes    routes
	events    events
	beats     *rounds.Rounds // at which it tells how busy it is
	counts    counts
	faults    *fault.Set
	disk      journal.Fault
	clock     clock
	ctx       context.Context             // of the handlers: ends when the runner gives up on them
	refuse    atomic.Pointer[bus.Verdict] // why new turns are not taken; nil: they are
	state     atomic.Pointer[string]
	fatal     chan exit
	drained   chan struct{}
	stopOnce  sync.Once // closes drained
}

type exit struct {
	status  int
	reason  error
	ordered bool // over the bus
}

// Run is the whole life of one instance. It returns the exit status when nothing of the component is left.
func Run(ctx context.Context, d Deps) int {
	r := newRunner(d)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.ctx = ctx
	if err := r.openInboxes(); err != nil {
		d.Log.Error("cannot open the journals", "error", err)
		return ExitFailed
	}
	defer r.closeInboxes()
	seat, err := d.Join((*receiver)(r), r.asked)
	if err != nil {
		d.Log.Error("cannot join the bus", "error", err)
		return ExitFailed
	}
	r.seat = seat
	defer seat.Close() //nolint:errcheck // the lease goes with the process
	if err := r.openEvents(d.Hooks); err != nil {
		d.Log.Error("cannot tell events", "error", err)
		return ExitConfig
	}
	defer r.closeEvents()
	r.tellRegistered()
	r.keeping.Go(func() { r.beat(ctx.Done()) })
	if e := r.begin(ctx, d); e != nil {
		return r.leave(*e, cancel)
	}
	return r.leave(r.serve(d, cancel), cancel)
}

func newRunner(d Deps) *Runner {
	r := &Runner{
		stepping: make(crew),
		spec:     d.Spec, kind: d.Kind, log: d.Log, recorder: d.Recorder, tape: d.Tape, player: d.Player, fixed: d.Routes, takesOf: d.Takes, own: d.Own, faults: d.Faults, disk: d.Disk,
		fatal: make(chan exit, 1), drained: make(chan struct{}),
	}
	if d.Clock == nil {
		c := SystemClock()
		d.Clock = &c
	}
	r.clock = newClock(*d.Clock)
	r.spec.Timing = d.Spec.Timing.withDefaults()
	r.beats = rounds.New(r.spec.Timing.Heartbeat)
	r.follow.init()
	r.follow.resume, r.follow.spawn = r.resume, r.jobs.Go
	r.outlets.init()
	r.running.init()
	r.answers.init()
	r.questions.init()
	r.events.init(d.Spec.Kind)
	r.counts.init(d.Spec.Name)
	r.openRoutes()
	r.stats.init()
	r.lifeline.init()
	r.share.init(r.spec, time.Now())
	r.setState(StateInitializing)
	return r
}

// begin loads the kind, takes up what the last instance left and announces READY.
func (r *Runner) begin(ctx context.Context, d Deps) *exit {
	r.tellState(0) // from here on it has one
	if err := r.announce(""); err != nil {
		return &exit{status: ExitFailed, reason: err}
	}
	traits, err := r.kind.Start(ctx, Env{
		Spec: r.spec, Log: d.Log, Stdout: d.Stdout, Stderr: d.Stderr, Fatal: r.fail, Ask: r.askFree, Processes: r.processes,
		Turns: &turn.Client{Bus: r.seat}, Emit: r.tellEmitted,
	})
	if err != nil {
		return &exit{status: statusOf(err), reason: err}
	}
	r.traits = r.configured(traits)
	r.inputs.Store(&r.traits.InputEvents)
	r.slots.open(r.traits)
	r.setInline()
	r.setState(StateReady)
	if err := r.announce(""); err != nil {
		return &exit{status: ExitFailed, reason: err}
	}
	r.counts.set.Registrations.With(r.spec.Name).Inc()
	if r.share.serving() {
		r.tellReady()
	}
	go r.recover()
	r.keeping.Go(func() { r.keep(r.ctx) })
	return nil
}

// serve waits for the end: an order, an orphan's deadline, or the death of what this runner stands for.
func (r *Runner) serve(d Deps, cancel context.CancelFunc) exit {
	r.watchStarter(d)
	for {
		select {
		case e := <-r.fatal:
			return e
		case <-d.Stop:
			r.drain(cancel)
			return exit{status: ExitOK}
		case <-r.drained:
			r.drain(cancel)
			return exit{status: ExitOK, ordered: true}
		case <-r.lifeline.refuse:
			r.refuseWith(orphanRefusal)
		case <-r.lifeline.kill:
			cancel()
			return exit{status: ExitOK, reason: errOrphaned}
		}
	}
}

// leave says why, ends the kind and gives everything back.
func (r *Runner) leave(e exit, cancel context.CancelFunc) int {
	r.slots.close()
	if e.status != ExitOK {
		r.log.Error("component ends", "status", e.status, "reason", e.reason)
		r.setState(StateFailed)
		r.announceLogged(fmt.Sprint(e.reason))
		r.tellFailure(nil, fmt.Sprint(e.reason))
		r.tellGone(event.EventFailed, fmt.Sprint(e.reason))
	} else if e.reason != nil {
		r.log.Info("component ends", "reason", e.reason)
	}
	cancel() // handlers that still run have nobody to answer to: their messages stay in the journal
	ctx, done := context.WithTimeout(context.WithoutCancel(r.ctx), r.spec.Timing.Drain)
	defer done()
	if err := r.kind.Close(ctx); err != nil {
		r.log.Warn("closing the component", "error", err)
	}
	r.jobs.wait(time.Second)
	if e.status == ExitOK {
		r.tellGone(event.EventDeregistered, "")
	}
	r.keepCounts()
	r.keeping.Wait() // or it would open again what is closed next
	r.routes.close()
	if e.ordered {
		return ExitOrdered
	}
	return e.status
}

// fail is Env.Fatal: the first reason counts.
func (r *Runner) fail(status int, reason error) {
	r.slots.close()
	select {
	case r.fatal <- exit{status: status, reason: reason}:
	default:
	}
}

func (r *Runner) announce(reason string) error {
	guard, child, groups := r.procs.get()
	held := r.held()
	return r.seat.Announce(Announcement{
		State: *r.state.Load(), Reason: reason, Traits: r.traits, Guard: guard, Child: child, Groups: groups,
		Standby: r.share.tell(held), Partitions: held,
	})
}

func (r *Runner) announceLogged(reason string) {
	if err := r.announce(reason); err != nil {
		r.log.Warn("announcing", "error", err)
	}
}

// processes is Env.Processes: it publishes the user's processes at once, so that whoever cleans up finds them.
func (r *Runner) processes(guard, child int, groups []int) {
	r.procs.set(guard, child, groups)
	r.announceLogged("")
}

// setState takes a step in the life of the component. One that is not in the table is not taken.
func (r *Runner) setState(s string) {
	if old := r.state.Load(); old != nil && *old != s && !bus.State(*old).May(bus.State(s)) {
		r.log.Error("a step was refused", "error", &bus.TransitionError{ID: r.spec.Instance, From: bus.State(*old), To: bus.State(s)})
		return
	}
	r.state.Store(&s)
	if r.events.fan.Load() != nil { // the first one is set before anybody can hear
		r.tellState(0)
	}
}

// statusOf is the exit status an error asks for: a kind may say that starting again would not help.
func statusOf(err error) int {
	var s interface{ ExitStatus() int }
	if errors.As(err, &s) {
		return s.ExitStatus()
	}
	return ExitFailed
}

package script

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// Options are what a Worker needs to know. Zero durations and sizes take the defaults.
type Options struct {
	Command      Command
	Initialize   any           // parameters of the first request
	ReadyTimeout time.Duration // until it must say ready; 30 s
	Grace        time.Duration // from the wish that it ends until it is killed; 8 s
	Pulse        time.Duration // between two pings; 5 s
	MaxLine      int           // longest message in bytes; 1 MiB
	Out          io.Writer     // its log besides stderr; nil drops it
	LastWords    time.Duration // how long a request that was given up may still say where it was; 0: not at all

	// Emit takes an event that the component publishes, with the session it belongs to when it says so; nil: it is noted
	// and dropped. It must not wait.
	Emit func(session, event string, data json.RawMessage)
	// Started is told the pids of the guard and of the user code as soon as they run, long before it is ready.
	Started func(guard, child int)
	// Ended is told that a component that was ready is gone without having been asked to go. All its requests have
	// their errors by then.
	Ended func(status int, reason error)
}

// Ready is what a component says of itself when it can take work.
type Ready struct {
	Name          string   `json:"name"`
	Version       string   `json:"version"`
	Capabilities  []string `json:"capabilities"`
	InputEvents   []string `json:"input_events"`
	OutputEvents  []string `json:"output_events"`
	Description   string   `json:"description"` // what agents are told of it
	Tools         []Tool   `json:"tools"`
	SideEffects   bool     `json:"side_effects"`   // calls of it change the world
	MaxConcurrent int      `json:"max_concurrent"` // 1 when it does not say: programs are sequential
}

// Tool is something that a component can be called for, in the form in which MCP lists tools.
type Tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	InputSchema json.RawMessage `json:"inputSchema"`
}

// A tree is what a Worker asks of the processes it talks to; *Tree is the real one.
type tree interface {
	Terminate()
	Kill()
	Exited() <-chan struct{}
	Exit() Exit
	Done() <-chan struct{}
	Left() []int
	CPU() (time.Duration, bool)
}

// Worker is a component in another process that speaks JSON-RPC on its stdin and stdout.
type Worker struct {
	opts   Options
	tree   tree
	stdout io.ReadCloser
	out    *outbox
	calls  calls
	notes  notes
	said   Ready

	ready    chan Ready    // one value: the first ready
	isReady  bool          // it was said; only the reader of stdout looks
	read     chan struct{} // closed when stdout has ended
	done     chan struct{} // closed when all is over
	stopping atomic.Bool
	begun    atomic.Bool           // it was ready: its end is news
	fault    atomic.Pointer[error] // why we kill it, when we do
}

// Open starts a component and waits until it is ready. An error that has a method ExitStatus says by it what a runner
// should end with.
func Open(ctx context.Context, o Options) (*Worker, error) {
	t, err := Start(o.Command)
	if err != nil {
		return nil, err
	}
	if o.Started != nil {
		o.Started(t.Guard(), t.Child())
	}
	w := newWorker(t, t.Stdin(), t.Stdout(), o)
	w.run()
	if err := w.begin(ctx); err != nil {
		w.stopping.Store(true)
		t.Kill()
		<-w.done
		return nil, err
	}
	return w, nil
}

func newWorker(t tree, stdin io.WriteCloser, stdout io.ReadCloser, o Options) *Worker {
	o.ReadyTimeout = cmp.Or(o.ReadyTimeout, 30*time.Second)
	o.Grace = cmp.Or(o.Grace, 8*time.Second)
	o.Pulse = cmp.Or(o.Pulse, 5*time.Second)
	o.MaxLine = cmp.Or(o.MaxLine, 1<<20)
	return &Worker{
		opts: o, tree: t, stdout: stdout, out: newOutbox(stdin), notes: notes{w: o.Out},
		ready: make(chan Ready, 1), read: make(chan struct{}), done: make(chan struct{}),
	}
}

// run starts what lives as long as the process: reading, writing, and waiting for its end.
func (w *Worker) run() {
	go w.out.run()
	go func() {
		defer close(w.read)
		w.listen()
	}()
	go w.supervise()
}

// begin says initialize and waits for ready.
func (w *Worker) begin(ctx context.Context) error {
	timer := time.NewTimer(w.opts.ReadyTimeout)
	defer timer.Stop()
	id, greeted, err := w.request(ctx, "initialize", w.opts.Initialize, false, Listener{})
	if err != nil {
		return err
	}
	defer w.calls.giveUp(id) // its answer is welcome and not needed
	answer := greeted.reply
	for {
		select {
		case w.said = <-w.ready:
			w.said.MaxConcurrent = max(1, w.said.MaxConcurrent)
			w.notify(ctx, "lifecycle", lifecycle{"initializing", "ready"})
			if slices.Contains(w.said.Capabilities, "ping") {
				go w.feelPulse()
			}
			return w.enter()
		case r := <-answer:
			answer = nil // any result will do: what counts is ready
			if remote := (*RemoteError)(nil); errors.As(r.err, &remote) {
				return errRefused(remote.Message)
			}
		case <-w.done:
			return errBeforeReady(w.endOf())
		case <-timer.C:
			return errSilent(w.opts.ReadyTimeout)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// enter makes the end of the process news from here on. Of an end that came just before, one of the two sides learns.
func (w *Worker) enter() error {
	w.begun.Store(true)
	select {
	case <-w.done:
		return w.endOf()
	default:
		return nil
	}
}

type lifecycle struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Ready is what the component said of itself.
func (w *Worker) Ready() Ready { return w.said }

// Process hands a request over and waits for the answer. A *CrashError says that the process died with it, a *RemoteError what the component answered instead.
func (w *Worker) Process(ctx context.Context, r Request, l Listener) (Payload, error) {
	wait, err := w.Post(ctx, r, l)
	if err != nil {
		return Payload{}, err
	}
	return wait(ctx)
}

// Post hands a request over, in the order of these calls, and returns what waits for the answer, which must be called.
func (w *Worker) Post(ctx context.Context, r Request, l Listener) (wait func(context.Context) (Payload, error), err error) {
	id, one, err := w.request(ctx, "process", r.params(), true, l)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Payload, error) { return w.await(ctx, id, one) }, nil
}

func (w *Worker) await(ctx context.Context, id int64, one *call) (Payload, error) {
	defer one.silence()
	select {
	case got := <-one.reply:
		if got.err != nil {
			return Payload{}, got.err
		}
		return decodeResult(got.result)
	case <-ctx.Done():
		return Payload{}, w.lastWords(id, one, context.Cause(ctx))
	}
}

// lastWords gives a request up. What it says of its own end is better than why we gave it up.
func (w *Worker) lastWords(id int64, one *call, cause error) error {
	w.notifyNow("cancel", cancel{id, cause.Error()})
	if w.opts.LastWords > 0 {
		timer := time.NewTimer(w.opts.LastWords)
		defer timer.Stop()
		select {
		case got := <-one.reply:
			if got.err != nil {
				return got.err
			}
			return cause
		case <-timer.C:
		}
	}
	w.calls.giveUp(id)
	return cause
}

type cancel struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
}

// Ping asks for a sign of life.
func (w *Worker) Ping(ctx context.Context) error {
	id, one, err := w.request(ctx, "ping", struct{}{}, false, Listener{})
	if err != nil {
		return err
	}
	select {
	case got := <-one.reply:
		if remote := (*RemoteError)(nil); errors.As(got.err, &remote) {
			return nil // an answer is an answer
		}
		return got.err
	case <-ctx.Done():
		w.calls.giveUp(id)
		return context.Cause(ctx)
	}
}

func (w *Worker) request(ctx context.Context, method string, params any, work bool, l Listener) (int64, *call, error) {
	id, one, err := w.calls.begin(work, l)
	if err != nil {
		return 0, nil, err
	}
	err = w.out.send(ctx, message{ID: mustJSON(id), Method: method, Params: mustJSON(params)})
	if err == nil {
		return id, one, nil
	}
	if errors.Is(err, errBroken) {
		// It does not read any more. Its end is near, and will say more than this.
		return id, one, nil
	}
	w.calls.settle(id, reply{})
	return 0, nil, err
}

func (w *Worker) notify(ctx context.Context, method string, params any) {
	w.out.send(ctx, message{Method: method, Params: mustJSON(params)}) //nolint:errcheck // its end will say more
}

// notifyNow sends only when there is room: it must not hold up whoever has given up already.
func (w *Worker) notifyNow(method string, params any) {
	b := mustJSON(message{Version: "2.0", Method: method, Params: mustJSON(params)})
	select {
	case w.out.lines <- append(b, '\n'):
	default:
	}
}

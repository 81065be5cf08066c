package pyfile

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

const (
	readyLimit = 2 * time.Minute        // to load a file: some import a lot
	lastWords  = 30 * time.Millisecond  // for a function that is stopped to say where it was
	settling   = 300 * time.Millisecond // for it to really stop, before its worker is given up
	glance     = 20 * time.Millisecond  // between two looks whether it has
	moment     = 250 * time.Millisecond // that calls may wait for hooks to be on their way
	drainLimit = 3 * time.Second        // for hooks, at the end
	mostHooks  = 256                    // events that wait for the hooks of one file
	restPause  = time.Second            // after a worker that died as soon as it was there
	maxLine    = 32 << 20               // of the protocol
)

// file is one Python file and the worker that runs it.
type file struct {
	h    *Host
	path string

	mu      sync.Mutex
	now     *worker
	closed  bool
	over    chan struct{}  // closed with it
	old     sync.WaitGroup // workers that were given up and are not gone yet
	hooks   int            // events that hooks have not heard to the end
	quiet   chan struct{}  // closed when there are none
	dropped int
	unsent  int           // of hooks, that the worker does not have yet
	sent    chan struct{} // closed when there are none
	late    bool          // a call has waited for that in vain
	queue   chan events.Delivery
}

// worker is one process. All but ready and made is guarded by the file's mutex.
type worker struct {
	made    time.Time
	ready   chan struct{} // closed when it can be asked, or err is set
	process *script.Worker
	err     error
	child   int
	calls   int            // under way
	stuck   map[string]int // sessions with a call that was stopped and may still run
	moved   chan struct{}  // closed when stuck has less in it
	retired bool           // takes no more calls
	idle    chan struct{}
}

// begin starts a worker, which takes the place of the one before. The caller holds mu.
func (f *file) begin() *worker {
	w := &worker{
		made: time.Now(), ready: make(chan struct{}), idle: make(chan struct{}), stuck: map[string]int{}, moved: make(chan struct{}),
	}
	f.now = w
	f.old.Add(1)
	go func() {
		defer f.old.Done()
		f.start(w)
	}()
	return w
}

func (f *file) start(w *worker) {
	h := f.h
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	process, err := script.Open(ctx, script.Options{
		Command: script.Command{
			Argv: []string{h.python, "-X", "utf8", h.worker}, Dir: h.env.Spec.App.Dir, Env: h.environ(),
			Stderr: h.env.Stderr, Prints: h.env.Stdout, Apart: true,
		},
		Initialize:   map[string]any{"root": h.env.Spec.App.Dir, "file": f.path, "listeners": h.listeners(f.path), "terminal": h.terminal(f.path), "seed": h.env.Spec.App.Seed},
		ReadyTimeout: readyLimit, Grace: time.Second, MaxLine: maxLine, Out: h.env.Stderr, LastWords: lastWords,
		Started: func(guard, child int) {
			f.mu.Lock()
			w.child = child
			f.mu.Unlock()
			h.started(guard, child)
		},
		Ended: func(_ int, reason error) { f.ended(w, reason) },
	})
	f.mu.Lock()
	w.process, w.err = process, explain(h.python, f.path, err)
	closed := f.closed
	f.mu.Unlock()
	close(w.ready)
	if err != nil {
		h.env.Log.Error("a Python file cannot be run", "file", f.path, "error", w.err)
		return
	}
	f.problem(w)
	if closed {
		f.end(w)
	}
}

// problem writes to the log what keeps a file from being loaded, before anybody calls it.
func (f *file) problem(w *worker) {
	ctx, cancel := context.WithTimeout(context.Background(), DefaultLimit)
	defer cancel()
	res, err := send(ctx, w, "", map[string]any{"op": "describe"})
	var said struct {
		Problem string `json:"problem"`
	}
	if err == nil && json.Unmarshal(res.Body, &said) == nil && said.Problem != "" {
		f.h.env.Log.Error(said.Problem)
	}
}

// ended is told that a worker died that nobody asked to. The next one is there before it is needed, unless this one died
// as soon as it had begun: then the next call starts it.
func (f *file) ended(w *worker, reason error) {
	f.h.env.Log.Error("the Python process of a file died", "file", f.path, "reason", reason)
	f.h.gone(w.child)
	f.mu.Lock()
	defer f.mu.Unlock()
	w.retired = true
	if f.now != w {
		return
	}
	f.now = nil
	if !f.closed && time.Since(w.made) > restPause {
		f.begin()
	}
}

// take is the worker that a call goes to, counted in. A call does not queue behind one of its session that was stopped.
func (f *file) take(ctx context.Context, session string) (*worker, error) {
	for {
		f.mu.Lock()
		if f.closed {
			f.mu.Unlock()
			return nil, errClosed
		}
		w := f.now
		if w == nil {
			w = f.begin()
		}
		f.mu.Unlock()
		select {
		case <-w.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		f.mu.Lock()
		switch {
		case w.err != nil:
			if f.now == w {
				f.now = nil // the next call tries again
			}
			f.mu.Unlock()
			return nil, w.err
		case !w.retired && w.stuck[session] == 0:
			w.calls++
			f.mu.Unlock()
			return w, nil
		}
		moved := w.moved
		if w.retired {
			moved = closedChannel()
		}
		f.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func closedChannel() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func (f *file) giveBack(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.calls--; w.calls == 0 && w.retired {
		select {
		case <-w.idle:
		default:
			close(w.idle)
		}
	}
}

// ask hands a request to the worker, or to the next one when it ended before it saw the request.
func (f *file) ask(ctx context.Context, session string, limit time.Duration, params map[string]any) (component.Result, error) {
	for {
		res, err := f.askOnce(ctx, session, limit, params)
		if !errors.Is(err, errUnseen) {
			return res, err
		}
	}
}

// askOnce hands a request to the worker. What takes longer than limit is stopped.
func (f *file) askOnce(ctx context.Context, session string, limit time.Duration, params map[string]any) (component.Result, error) {
	w, err := f.take(ctx, session)
	if err != nil {
		return component.Result{}, err
	}
	defer f.giveBack(w)
	f.behindHooks(ctx)
	limited, cancel := context.WithTimeoutCause(ctx, limit, errLimit)
	defer cancel()
	res, err := send(limited, w, session, params)
	var crash *script.CrashError
	switch {
	case err == nil:
		return res, nil
	case limited.Err() != nil:
		f.stop(w, session)
		if ctx.Err() == nil {
			err = errTooSlow(limit, err)
		}
		return res, err
	case errors.As(err, &crash):
		return res, errDied(f.path, err)
	case errors.Is(err, script.ErrEnded):
		f.mu.Lock()
		w.retired = true
		if f.now == w {
			f.now = nil
		}
		f.mu.Unlock()
		return res, errUnseen
	}
	return res, err
}

// stop begins to see to it that what was stopped in a worker does not run on.
func (f *file) stop(w *worker, session string) {
	f.mu.Lock()
	w.stuck[session]++
	f.mu.Unlock()
	go f.stopped(w, session)
}

func request(session string, params map[string]any) (script.Request, error) {
	body, err := json.Marshal(params)
	return script.Request{Role: "call", Session: session, Payload: script.Payload{ContentType: tool.JSON, Body: body}}, err
}

func send(ctx context.Context, w *worker, session string, params map[string]any) (component.Result, error) {
	r, err := request(session, params)
	if err != nil {
		return component.Result{}, err
	}
	reply, err := w.process.Process(ctx, r, script.Listener{})
	return component.Result{ContentType: reply.ContentType, Body: reply.Body}, err
}

// stopped sees to it that a function that was stopped is not running on: then its worker is given up.
func (f *file) stopped(w *worker, session string) {
	free := f.settle(w)
	f.mu.Lock()
	if w.stuck[session]--; w.stuck[session] <= 0 {
		delete(w.stuck, session)
	}
	close(w.moved)
	w.moved = make(chan struct{})
	if free || w.retired || f.closed { // closed: the worker is ended with its file
		f.mu.Unlock()
		return
	}
	w.retired = true
	if f.now == w {
		f.begin()
	}
	if w.calls == 0 {
		close(w.idle)
	}
	f.old.Add(1)
	f.mu.Unlock()
	f.h.env.Log.Warn("a function does not stop; its Python process is replaced, and what its module held begins anew", "file", f.path)
	defer f.old.Done()
	<-w.idle // the others in it have their own limits
	f.end(w)
}

// settle reports whether everything that was stopped in a worker has really stopped, within a moment.
func (f *file) settle(w *worker) bool {
	ctx, cancel := context.WithTimeout(context.Background(), settling)
	defer cancel()
	for tick := time.NewTicker(glance); ; {
		res, err := send(ctx, w, "", map[string]any{"op": "stuck"})
		if err == nil && string(res.Body) == "0" {
			tick.Stop()
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return false
		}
	}
}

// end ends a worker.
func (f *file) end(w *worker) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := w.process.Stop(ctx); err != nil {
		f.h.env.Log.Warn("ending a Python process", "file", f.path, "error", err)
	}
	f.h.gone(w.child)
}

func (f *file) close(ctx context.Context) {
	f.drain(ctx)
	f.mu.Lock()
	f.closed = true
	close(f.over)
	w := f.now
	f.mu.Unlock()
	if w != nil {
		select {
		case <-w.ready:
			if w.err == nil {
				f.end(w)
			}
		case <-ctx.Done():
		default: // start ends it
		}
	}
	done := make(chan struct{})
	go func() { f.old.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

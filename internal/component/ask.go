package component

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// A handler's requests to other components are steps of its turn: INTENT before the request, STEP with the result (R4).
// A handler that runs again after a crash issues the same requests in the same order and gets the results it had; only
// a request whose result was never seen is sent again, under the same id, and the callee's receipt says what became of
// it (R5).

// maxStack is how deep calls may hang on each other.
const maxStack = 16

// book is where the requests of a handler are journaled as steps: of a turn's hop, or of a call.
type book interface {
	id(n int) string
	intent(p *delivery.Partition, n int, m event.Message, now time.Time) (delivery.StepState, event.Message, delivery.Effects)
	step(p *delivery.Partition, n int, result event.Message, now time.Time) delivery.Effects
}

// jobBook is the book of a hop.
type jobBook struct {
	job  delivery.Job
	name string
}

func (b jobBook) id(n int) string { return b.job.CallID(b.name, n) }

func (b jobBook) intent(p *delivery.Partition, n int, m event.Message, now time.Time) (delivery.StepState, event.Message, delivery.Effects) {
	return p.Intent(b.job, n, m, now)
}

func (b jobBook) step(p *delivery.Partition, n int, result event.Message, now time.Time) delivery.Effects {
	return p.Step(b.job, n, result, now)
}

// callBook is the book of a call that is named by its id.
type callBook string

func (b callBook) id(n int) string { return string(b) + "/" + strconv.Itoa(n) }

func (b callBook) intent(p *delivery.Partition, n int, m event.Message, now time.Time) (delivery.StepState, event.Message, delivery.Effects) {
	return p.IntentOf(string(b), n, m, now)
}

func (b callBook) step(p *delivery.Partition, n int, result event.Message, now time.Time) delivery.Effects {
	return p.StepOf(string(b), n, result, now)
}

// asker issues the requests of one run of a handler. Several may be under way at once; their numbers are given in the
// order of issue, which must be the same on every run.
type asker struct {
	r    *Runner
	in   *inbox
	on   *event.Message // what is worked on
	book book
	last atomic.Int32
	fell fellBack
}

// ask is Task.Ask.
func (a *asker) ask(ctx context.Context, q Request) (Result, error) {
	n := int(a.last.Add(1))
	m, done, res, err := a.begin(ctx, n, q)
	if done {
		return res, err
	}
	return a.finish(ctx, n, m, q)
}

// issue is Task.Issue.
func (a *asker) issue(ctx context.Context, q Request) func() (Result, error) {
	n := int(a.last.Add(1))
	m, done, res, err := a.begin(ctx, n, q)
	if done {
		return func() (Result, error) { return res, err }
	}
	over := make(chan struct{})
	a.r.jobs.Go(func() {
		defer close(over)
		res, err = a.finish(ctx, n, m, q)
	})
	return func() (Result, error) {
		<-over
		return res, err
	}
}

// begin journals the intent of a request. done means that there is nothing to send: here is what comes of it.
func (a *asker) begin(ctx context.Context, n int, q Request) (m event.Message, done bool, res Result, err error) {
	m, err = a.r.request(ctx, a.on, a.book.id(n), q)
	if err != nil {
		return m, true, res, err
	}
	state, prior, err := a.intent(n, m)
	switch {
	case err != nil:
		return m, true, res, err
	case state == delivery.StepCanceled:
		return m, true, res, bus.ErrCanceled
	case state == delivery.StepStrange:
		return m, true, res, errStrange(n, prior, m)
	case state == delivery.StepDone:
		a.fell.add(q.To, &prior.Header)
		a.r.taped(&m, prior, nil, time.Now()) // who had it may have died before it was kept
		res, err = stepResult(prior)
		return m, true, res, err
	case state == delivery.StepAgain:
		m.Attempt = 2
	}
	return m, false, res, nil
}

// finish sends a request and keeps what comes of it.
func (a *asker) finish(ctx context.Context, n int, m event.Message, q Request) (Result, error) {
	began := time.Now()
	a.r.tellCall(&m)
	reply, play, err := a.r.played(&m)
	if !play {
		a.r.at(fault.CallBefore)
		reply, err = a.r.send(ctx, m, q)
		a.r.at(fault.CallAfter)
	}
	a.r.tellAnswer(&m, &reply, err, time.Since(began))
	if ctx.Err() != nil && err != nil {
		return Result{}, context.Cause(ctx) // no result: the next run asks again
	}
	if err == nil {
		a.fell.add(q.To, &reply.Header)
	}
	res, kept := a.keep(n, reply, err)
	a.r.taped(&m, reply, err, began)
	return res, kept
}

// request is q as a message that hangs on in, the message whose handler asks.
func (r *Runner) request(ctx context.Context, in *event.Message, id string, q Request) (event.Message, error) {
	if strings.Count(in.Stack, ",") >= maxStack {
		return event.Message{}, fmt.Errorf("loop: calls hang on each other %d deep: %s", maxStack, in.Stack)
	}
	m := event.Message{Header: event.Header{
		ID: id, CorrelationID: id, Type: q.Type, Subject: q.To, Source: r.spec.Name, DataContentType: q.ContentType,
		Session: in.Session, Turn: in.Turn, Origin: in.Origin, Stack: in.Stack + r.spec.Name + ":" + in.Turn + ",", TraceParent: event.NextSpan(in.TraceParent, r.spec.Name), Attempt: 1,
	}, Body: q.Body}
	if m.Type == "" {
		m.Type = event.TypeProcess
	}
	if d, ok := ctx.Deadline(); ok {
		m.TTL = max(1, time.Until(d).Milliseconds())
	}
	return m, nil
}

func (a *asker) intent(n int, m event.Message) (state delivery.StepState, prior event.Message, err error) {
	err = a.in.step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		state, prior, e = a.book.intent(p, n, m, now)
		return e
	})
	return state, prior, err
}

// keep journals the result of a request, whether it went well or not: a run that repeats sees the same.
func (a *asker) keep(n int, reply event.Message, failure error) (Result, error) {
	if failure != nil {
		reply = event.Message{Header: event.Header{Type: delivery.StepFailed}, Body: []byte(failure.Error())}
	}
	err := a.in.step(func(p *delivery.Partition, now time.Time) delivery.Effects { return a.book.step(p, n, reply, now) })
	if err != nil {
		return Result{}, err
	}
	if failure != nil {
		return Result{}, failure
	}
	return stepResult(reply)
}

func stepResult(m event.Message) (Result, error) {
	if m.Type == delivery.StepFailed {
		return Result{}, errors.New(string(m.Body))
	}
	return Result{ContentType: m.DataContentType, Body: m.Body, Fallback: m.Fallback}, nil
}

// nested issues the requests of one Answer whose kind does not journal them (Traits.Steps). They are no steps: what keeps them from acting twice are their ids, which a
// question that comes again makes again, and the receipts of their callees.
type nested struct {
	r    *Runner
	m    *event.Message
	last atomic.Int32
	fell fellBack
}

// ask is Question.Ask. The id says what is asked too: a question that comes again may take another way.
func (n *nested) ask(ctx context.Context, q Request) (Result, error) {
	sum := sha256.New()
	for _, part := range []string{q.To, q.Type, q.ContentType} {
		sum.Write([]byte(part + "\n"))
	}
	sum.Write(q.Body)
	id := n.m.ID + "/" + strconv.Itoa(int(n.last.Add(1))) + "." + hex.EncodeToString(sum.Sum(nil)[:6])
	m, err := n.r.request(ctx, n.m, id, q)
	if err != nil {
		return Result{}, err
	}
	began := time.Now()
	reply, play, err := n.r.played(&m)
	if !play {
		reply, err = n.r.send(ctx, m, q)
	}
	if ctx.Err() == nil {
		n.r.taped(&m, reply, err, began)
	}
	if err == nil {
		n.fell.add(q.To, &reply.Header)
	}
	return answered(ctx, reply, err)
}

// issue is Question.Issue.
func (n *nested) issue(ctx context.Context, q Request) func() (Result, error) {
	var res Result
	var err error
	over := make(chan struct{})
	n.r.jobs.Go(func() {
		defer close(over)
		res, err = n.ask(ctx, q)
	})
	return func() (Result, error) {
		<-over
		return res, err
	}
}

// askFree is Env.Ask.
func (r *Runner) askFree(ctx context.Context, q Request) (Result, error) {
	m, err := r.request(ctx, &event.Message{}, rand.Text(), q)
	if err != nil {
		return Result{}, err
	}
	m.Stack = "" // it hangs on nothing
	reply, err := r.guard(ctx, q.To, m, q.Chunk)
	return answered(ctx, reply, err)
}

func answered(ctx context.Context, reply event.Message, err error) (Result, error) {
	switch {
	case err == nil:
		return stepResult(reply)
	case ctx.Err() != nil:
		return Result{}, context.Cause(ctx)
	}
	return Result{}, err
}

// pieces passes on what a callee streams.
func pieces(to func(string)) func(event.Message) {
	return func(m event.Message) {
		var c event.Chunk
		if to != nil && m.Type == event.TypeChunk && json.Unmarshal(m.Body, &c) == nil && c.Text != "" {
			to(c.Text)
		}
	}
}

// fellBack are the calls of one answer that a fallback answered, and those that were made for them.
type fellBack struct {
	mu   sync.Mutex
	list string // guarded by mu
}

func (f *fellBack) add(to string, reply *event.Header) {
	if reply.Fallback == "" && reply.Fallbacks == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = event.AddFallbacks(f.list, to, reply)
}

func (f *fellBack) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

func (a *asker) fellBack() string  { return a.fell.said() }
func (n *nested) fellBack() string { return n.fell.said() }

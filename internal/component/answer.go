package component

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// receiptElsewhere: the partition is about to leave, so whoever gets it shall begin what is new.
const receiptElsewhere delivery.ReceiptState = 0

// answers are the requests of other components that this one works on.
type answers struct {
	mu      sync.Mutex
	used    int
	waiting map[string][]bus.Request // asked again while it runs, by call id
	acting  running                  // by call id
}

func (a *answers) init() {
	a.waiting = map[string][]bus.Request{}
	a.acting.init()
}

// answer takes a request from another component.
func (r *Runner) answer(req bus.Request, m event.Message) {
	k, ok := r.kind.(Answerer)
	if !ok {
		req.Fail(bus.UnknownType, r.spec.Name+" ("+r.spec.Kind+" "+r.spec.Type+") does not answer "+m.Type)
		return
	}
	if !r.takes(&m) {
		req.Fail(bus.UnknownType, r.spec.Name+" does not take "+m.Type+"; it takes "+strings.Join(*r.inputs.Load(), ", "))
		return
	}
	if !r.answers.take(r.traits.MaxConcurrent, m.Stack != "") {
		req.Fail(bus.Busy, r.spec.Name+" works on as many requests as it can")
		return
	}
	if r.tape != nil {
		r.tape.Asked()
	}
	r.jobs.Go(func() {
		defer r.answers.release()
		if (r.traits.SideEffects || r.traits.Steps) && m.ID != "" {
			r.answerOnce(k, req, m)
			return
		}
		result, died := r.work(k, req.Context(), req, m, &nested{r: r, m: &m})
		if died {
			req.Fail(bus.Draining, r.spec.Name+" died while it worked on this request") // asked again when it is back
			return
		}
		r.reply(req, result)
	})
}

// take counts a request in. A nested call is not held back: its caller would wait for itself (R10).
func (a *answers) take(limit int, nested bool) bool {
	if limit <= 0 {
		limit = defaultConcurrent
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used >= limit && !nested {
		return false
	}
	a.used++
	return true
}

func (a *answers) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used--
}

// answerOnce keeps a receipt: what changes the world does so once per call id (R5).
func (r *Runner) answerOnce(k Answerer, req bus.Request, m event.Message) {
	in := r.inboxes[delivery.PartitionOf(m.Session)]
	var state delivery.ReceiptState
	var known event.Message
	err := in.step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		if in.leaving && !p.Knows(m.ID) {
			state = receiptElsewhere
			return e
		}
		state, known, e = p.Ask(m, now)
		switch {
		case state == delivery.ReceiptRunning:
			r.answers.attach(m.ID, req)
		case state == delivery.ReceiptUnknown && r.traits.Steps:
			p.Resume(m.ID)
		}
		return e
	})
	switch {
	case err != nil:
		r.unwritten(req, err)
	case state == receiptElsewhere:
		r.unwritten(req, errClosed)
	case state == delivery.ReceiptDone:
		known.Type = known.Subject
		r.reply(req, known)
	case r.traits.Steps && (state == delivery.ReceiptFresh || state == delivery.ReceiptUnknown):
		r.goOn(k, in, req, m)
	case state == delivery.ReceiptUnknown:
		req.Fail(bus.UnknownOutcome, r.spec.Name+" died while it worked on this request")
	case state == delivery.ReceiptFresh:
		r.act(k, in, req, m)
	}
}

// act does what was asked and keeps the result. The caller's going away does not end it: the effect may be half done,
// and the caller may come back for the result. That its turn was canceled does: nobody will.
func (r *Runner) act(k Answerer, in *inbox, req bus.Request, m event.Message) {
	ctx, done := r.answers.acting.begin(r.ctx, m.ID)
	defer done()
	r.answers.mind(req, m.ID)
	result, died := r.work(k, ctx, req, m, &nested{r: r, m: &m})
	if died || r.ctx.Err() != nil { // the receipt stays without a result: nobody knows the outcome
		for _, each := range append(r.answers.detach(m.ID), req) {
			each.Fail(bus.UnknownOutcome, r.spec.Name+" died while it worked on this request")
		}
		return
	}
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Answered(m.ID, result, now) })
	r.reply(req, result)
	for _, again := range r.answers.detach(m.ID) {
		r.reply(again, result)
	}
}

// goOn does what was asked, from the last step on when it comes again. It ends when its caller goes away: what was done is
// journaled, and whoever asks again goes on with it.
func (r *Runner) goOn(k Answerer, in *inbox, req bus.Request, m event.Message) {
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	stop := context.AfterFunc(r.ctx, cancel)
	defer stop()
	result, died := r.work(k, ctx, req, m, &asker{r: r, in: in, on: &m, book: callBook(m.ID)})
	if died || ctx.Err() != nil {
		in.stepLogged(func(p *delivery.Partition, _ time.Time) delivery.Effects {
			p.Rest(m.ID)
			return delivery.Effects{}
		})
		for _, each := range append(r.answers.detach(m.ID), req) {
			each.Fail(bus.Draining, r.spec.Name+" did not finish this request") // asked again, it goes on
		}
		return
	}
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects {
		if result.Type == delivery.StepFailed { // whoever asks again wants another try, and not to hear this once more
			p.Forget(m.ID)
			return delivery.Effects{}
		}
		return p.Answered(m.ID, result, now)
	})
	r.reply(req, result)
	for _, again := range r.answers.detach(m.ID) {
		r.reply(again, result)
	}
}

// mind ends the work on a call when one who asked for it tells that it is not wanted any more.
func (a *answers) mind(req bus.Request, id string) {
	ctx := req.Context()
	context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), bus.ErrCanceled) {
			a.acting.stopBegun(id)
		}
	})
}

func (a *answers) attach(id string, req bus.Request) {
	a.mind(req, id)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting[id] = append(a.waiting[id], req)
}

func (a *answers) detach(id string) []bus.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	reqs := a.waiting[id]
	delete(a.waiting, id)
	return reqs
}

// asks is how an answer asks others.
type asks interface {
	ask(ctx context.Context, q Request) (Result, error)
	issue(ctx context.Context, q Request) func() (Result, error)
	fellBack() string // the calls so far that a fallback answered
}

// work runs the kind's Answer; a failure becomes a message of type StepFailed. died means that there is no result: the
// process that worked on it is gone.
func (r *Runner) work(k Answerer, ctx context.Context, req bus.Request, m event.Message, others asks) (result event.Message, died bool) {
	if m.TTL > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, time.Duration(m.TTL)*time.Millisecond, errDeadline)
		defer cancel()
	}
	r.tellRequest(&m)
	began := time.Now()
	res, err := r.guarded(m.Turn, func() (Result, error) {
		return k.Answer(ctx, Question{
			ID: m.ID, From: m.Source, Acceptor: m.Origin, Turn: m.Turn, Session: m.Session, Type: m.Type, ContentType: m.DataContentType, Body: m.Body,
			Chunk: func(text string) { req.Push(chunkMessage(m.Turn, event.Chunk{Stream: m.ID, Text: text})) },
			Ask:   others.ask, Issue: others.issue,
		})
	})
	took := time.Since(began)
	r.stats.add(took, err == nil)
	if err != nil {
		r.tellFailure(&m, err.Error())
		return failedResult(err), errors.Is(err, ErrCrashed) || errors.Is(err, ErrInterrupted)
	}
	r.tellOutcome(&m, delivery.Outcome{Body: res.Body}, took)
	return event.Message{Header: event.Header{
		Type: event.TypeResult, DataContentType: res.ContentType, Fallbacks: others.fellBack(),
	}, Body: res.Body}, false
}

// describe says what this component can be asked for.
func (r *Runner) describe(req bus.Request, m event.Message) {
	k, ok := r.kind.(Describer)
	if !ok || *r.state.Load() != StateReady {
		req.Fail(bus.UnknownType, r.spec.Name+" ("+r.spec.Kind+" "+r.spec.Type+") does not describe itself")
		return
	}
	r.jobs.Go(func() {
		res, err := r.guarded(m.Turn, func() (Result, error) { return k.Describe(req.Context()) })
		if err != nil {
			req.Fail(bus.Failed, err.Error())
			return
		}
		req.Reply(event.Message{Header: event.Header{Type: event.TypeResult, DataContentType: res.ContentType}, Body: res.Body})
	})
}

// failedResult is a failure as a message. What a receipt keeps of it are its words and its code.
func failedResult(err error) event.Message {
	m := event.Message{Header: event.Header{Type: delivery.StepFailed}, Body: []byte(err.Error())}
	var later interface{ RetryAfter() time.Duration }
	switch {
	case errors.Is(err, ErrBadRequest):
		m.DataContentType = string(bus.Refused)
	case errors.As(err, &later) && later.RetryAfter() > 0:
		m.DataContentType, m.TTL = string(bus.Overloaded), later.RetryAfter().Milliseconds()
	}
	return m
}

// reply sends a result, or the failure it stands for.
func (r *Runner) reply(req bus.Request, m event.Message) {
	r.faults.AtFrom(fault.AnswerBefore, req.Message().Source)
	defer r.at(fault.AnswerAfter)
	if m.Type == delivery.StepFailed {
		code := cmp.Or(bus.Code(m.DataContentType), bus.Failed)
		req.Refuse(bus.Verdict{Code: code, Reason: string(m.Body), RetryAfterMS: int(m.TTL)})
		return
	}
	req.Reply(event.Message{Header: event.Header{Type: m.Type, DataContentType: m.DataContentType, Fallbacks: m.Fallbacks}, Body: m.Body})
}

package component

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// after does what may follow once the records are on disk: tell the awaiting, run the handlers.
func (r *Runner) after(in *inbox, e *delivery.Effects) {
	for i := range e.Ended {
		r.at(fault.TellBefore)
		r.follow.ended(e.Ended[i])
		r.questions.ended(e.Ended[i].Turn)
		r.at(fault.TellAfter)
	}
	for _, job := range e.Stops {
		r.running.stop(job.ID())
	}
	for _, job := range e.Starts {
		r.jobs.Go(func() { r.run(in, job) })
	}
}

// run handles one message and commits its outcome.
func (r *Runner) run(in *inbox, job delivery.Job) {
	r.tellLoad()
	r.tellRequest(&job.Message)
	began := time.Now()
	r.faults.AtFrom(fault.HandleBefore, job.Message.Source)
	outcome, gone := r.handle(in, job)
	r.at(fault.HandleAfter)
	took := time.Since(began)
	r.slots.release()
	r.tellLoad()
	if gone {
		return // the process this runner stands for is dead: the next instance replays the message
	}
	r.stats.add(took, outcome.Err == "")
	r.commit(in, job, outcome)
	r.tapedHop(&job.Message, outcome, began, took)
	r.tellOutcome(&job.Message, outcome, took)
	r.pumpOthers()
}

// commit writes the outcome. A result that cannot be written now is kept and tried again: the work was done.
func (r *Runner) commit(in *inbox, job delivery.Job, o delivery.Outcome) {
	for {
		err := in.step(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Complete(job, o, now) })
		if err == nil || errors.Is(err, errClosed) {
			return
		}
		select {
		case <-time.After(appendRetry):
		case <-r.ctx.Done():
			return
		}
	}
}

// handle runs the kind's handler. gone means that there is nothing to commit: the handler did not get to its end.
func (r *Runner) handle(in *inbox, job delivery.Job) (o delivery.Outcome, gone bool) {
	m := &job.Message
	ctx, cancel := r.deadline(m)
	defer cancel()
	ctx, done := r.running.begin(ctx, job.ID())
	defer done()
	task, out := r.task(m)
	defer out.done()
	steps := &asker{r: r, in: in, on: m, book: jobBook{job, r.spec.Name}}
	task.Ask, task.Issue = steps.ask, steps.issue
	res, err := r.guarded(m.Turn, func() (Result, error) {
		return r.handleOrPlay(m, func() (Result, error) { return r.kind.Handle(ctx, task) })
	})
	switch {
	case err != nil && errors.Is(context.Cause(ctx), bus.ErrCanceled):
		return delivery.Outcome{Err: bus.ErrCanceled.Error()}, false
	case err == nil:
		return delivery.Outcome{ContentType: res.ContentType, Body: res.Body, Tokens: res.Tokens, Cost: res.Cost}, false
	case errors.Is(err, ErrInterrupted):
		r.slots.close()
		return o, true
	case errors.Is(err, ErrCrashed):
		return r.blame(err)
	case errors.Is(err, ErrSetAside):
		return delivery.Outcome{Err: err.Error(), SetAside: true}, false
	case r.ctx.Err() != nil:
		return o, true
	}
	return delivery.Outcome{Err: err.Error()}, false
}

// blame counts a death against its message when nothing else was running; beside others it is only a suspect.
func (r *Runner) blame(err error) (delivery.Outcome, bool) {
	r.slots.close()
	if r.slots.inFlight() > 1 {
		return delivery.Outcome{}, true
	}
	return delivery.Outcome{Err: err.Error(), Crashed: true}, false
}

// guarded runs a kind's function; a panic is the turn's failure, with the stack in the log.
func (r *Runner) guarded(turn string, f func() (Result, error)) (res Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			r.log.Error("panic", "turn", turn, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error: %v", v)
		}
	}()
	return r.hidden(f())
}

func (r *Runner) deadline(m *event.Message) (context.Context, context.CancelFunc) {
	if m.TTL <= 0 {
		return r.ctx, func() {}
	}
	return context.WithTimeoutCause(r.ctx, time.Duration(m.TTL)*time.Millisecond, errDeadline)
}

func (r *Runner) task(m *event.Message) (Task, *outlet) {
	t := plainTask(m)
	s := &outlet{r: r, to: m.Origin, head: event.Header{
		Type: event.TypeChunk, Turn: m.Turn, Session: m.Session, Source: r.spec.Name,
	}, id: m.Turn + "/" + r.spec.Name + "/" + strconv.Itoa(m.Attempt)}
	if m.Branch != "" {
		s.id = m.Turn + "/" + r.spec.Name + "." + m.Branch + "/" + strconv.Itoa(m.Attempt)
	}
	t.Chunk, t.Restart = s.push, s.restart
	return t, s
}

func plainTask(m *event.Message) Task {
	return Task{
		Turn: m.Turn, Session: m.Session, Branch: m.Branch, Acceptor: m.Origin, Attempt: m.Attempt,
		ContentType: m.DataContentType, Body: m.Body,
	}
}

// inline does the work of an inline kind, within the step that received the message.
func (r *Runner) inline(m event.Message) delivery.Outcome {
	r.inlineFaults(&m)
	if r.traits.Proxy && r.tape != nil {
		r.tape.Asked() // so that it is known who handed on
	}
	r.tellRequest(&m)
	began := time.Now()
	task := plainTask(&m)
	task.Chunk, task.Restart = func(string) {}, func() {}
	res, err := r.guarded(m.Turn, func() (Result, error) { return r.kind.Handle(r.ctx, task) })
	took := time.Since(began)
	r.stats.add(took, err == nil)
	o := delivery.Outcome{ContentType: res.ContentType, Body: res.Body, Took: took}
	if err != nil {
		o = delivery.Outcome{Err: err.Error(), Took: took}
	}
	r.tellOutcome(&m, o, took)
	return o
}

// settled is what happens when the receiver has taken or refused a message.
func (in *inbox) settled(m delivery.Parcel) func(bus.Verdict) {
	since := time.Now()
	return func(v bus.Verdict) {
		in.r.at(fault.Settle)
		in.r.routed(since, v)
		in.postLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Settled(m, v, now) })
	}
}

// pumpOthers gives freed slots to partitions that wait for one.
func (r *Runner) pumpOthers() {
	for n := r.slots.nextWaiting(); n >= 0; n = r.slots.nextWaiting() {
		r.inboxes[n].stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Pump(now) })
	}
}

// recover takes up what the last instance left: suspects first and alone, then everything.
func (r *Runner) recover() {
	r.at(fault.RecoverBefore)
	defer r.at(fault.RecoverAfter)
	for _, in := range r.inboxes {
		in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Recover(now) })
	}
	for _, in := range r.inboxes {
		for r.runSuspect(in) {
		}
	}
	r.slots.begin()
	r.recovered.Store(true)
	for _, in := range r.inboxes {
		in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Pump(now) })
	}
	if r.recorder != nil {
		r.recorder.Flush() // the replay is over
	}
}

// runSuspect runs one suspect to its end; false when the partition has none left.
func (r *Runner) runSuspect(in *inbox) bool {
	var job delivery.Job
	found, begun := false, false
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects {
		if r.ctx.Err() != nil || r.slots.isClosed() || in.leaving {
			return delivery.Effects{}
		}
		e, ok := p.NextSuspect(!r.spec.Innocent, now)
		found = ok
		if begun = len(e.Starts) > 0; begun { // else it is over already: it was done inline, or its time was
			job = e.Starts[0]
			e.Starts = nil
		}
		return e
	})
	if begun {
		r.slots.force()
		r.run(in, job)
	}
	return found
}

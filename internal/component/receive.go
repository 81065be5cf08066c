package component

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

const jsonType = "application/json"

// receiver is the side of the runner that the bus calls.
type receiver Runner

// Accept journals the chain messages of one read, a partition at a time, each with one append.
func (v *receiver) Accept(batch []event.Message) []bus.Verdict {
	r := (*Runner)(v)
	verdicts := make([]bus.Verdict, len(batch))
	if len(batch) == 1 { // the usual case, without the bookkeeping
		in := r.inboxes[delivery.PartitionOf(batch[0].Session)]
		r.judge(verdicts, in.step(r.receive(batch, verdicts)))
		return verdicts
	}
	for n, at := range byPartition(batch) {
		if len(at) == 0 {
			continue
		}
		some, judged := pick(batch, at), make([]bus.Verdict, len(at))
		r.judge(judged, r.inboxes[n].step(r.receive(some, judged)))
		for i, place := range at {
			verdicts[place] = judged[i]
		}
	}
	return verdicts
}

// AcceptLater implements bus.LateReceiver, where a message is accepted when it is on the disk: all partitions wait at
// once, and what comes meanwhile shares the next wait.
func (v *receiver) AcceptLater(batch []event.Message, answer func([]int, []bus.Verdict)) bool {
	r := (*Runner)(v)
	if !r.toDisk() {
		return false
	}
	for n, at := range byPartition(batch) {
		if len(at) == 0 {
			continue
		}
		judged := make([]bus.Verdict, len(at))
		r.inboxes[n].post(r.receive(pick(batch, at), judged), func(err error) {
			r.judge(judged, err)
			answer(at, judged)
		})
	}
	return true
}

// byPartition are the places of the messages of each partition.
func byPartition(batch []event.Message) (parts [delivery.Partitions][]int) {
	for i := range batch {
		n := delivery.PartitionOf(batch[i].Session)
		parts[n] = append(parts[n], i)
	}
	return parts
}

func pick(batch []event.Message, at []int) []event.Message {
	some := make([]event.Message, len(at))
	for i, place := range at {
		some[i] = batch[place]
	}
	return some
}

// receive is the step that takes messages of one partition and leaves a verdict on each.
func (r *Runner) receive(some []event.Message, verdicts []bus.Verdict) stepFunc {
	return func(p *delivery.Partition, now time.Time) delivery.Effects {
		v, all := p.Receive(some[0], now)
		verdicts[0] = v
		for i := range some[1:] {
			v, e := p.Receive(some[1+i], now)
			verdicts[1+i] = v
			all.Join(e)
		}
		return all
	}
}

// judge counts the verdicts of a step that has ended with err.
func (r *Runner) judge(verdicts []bus.Verdict, err error) {
	for i := range verdicts {
		if err != nil {
			verdicts[i] = unwritten(err)
		}
		r.judged(verdicts[i])
	}
}

// unwritten is the verdict on what could not be journaled.
func unwritten(err error) bus.Verdict {
	if errors.Is(err, errClosed) {
		return bus.Verdict{Code: bus.NotOwner, Reason: "another instance has this session"}
	}
	return bus.Verdict{Code: bus.Busy, Reason: err.Error(), RetryAfterMS: 500}
}

// unwritten refuses a call that could not be journaled.
func (r *Runner) unwritten(req bus.Request, err error) {
	v := unwritten(err)
	if v.Code == bus.Busy {
		v.Reason = r.spec.Name + " cannot write its journal: " + v.Reason
	}
	req.Fail(v.Code, v.Reason)
}

// Call answers the requests that every component answers.
func (v *receiver) Call(req bus.Request) {
	r := (*Runner)(v)
	m := req.Message()
	if r.traits.Proxy && m.Chain != "" {
		r.proxy(req, m)
		return
	}
	switch m.Type {
	case event.TypeSubmit:
		r.submit(req, m, func(accepted event.Accepted) {
			replyJSON(req, accepted)
			r.at(fault.SubmitAfter)
		})
	case event.TypeAsk:
		r.ask(req, m)
	case event.TypeCancel:
		r.cancel(req, m)
	case event.TypeQuestion:
		r.question(req, m)
	case event.TypeSay:
		r.say(req, m)
	case event.TypeAwait:
		r.await(req, m)
	case event.TypeBreakers:
		replyJSON(req, r.breakers())
	case event.TypeBreakerOrder:
		r.order(req, m)
	case event.TypeMetrics:
		r.measured(req)
	case event.TypeDescribe:
		r.describe(req, m)
	case event.TypeHistory:
		r.history(req, m)
	case event.TypeHealth:
		replyJSON(req, r.Health())
	case event.TypeStream:
		r.streamed(req, m)
	case event.TypeFault:
		r.arm(req, m)
	case event.TypeDrop:
		r.dropLetter(req, m)
	case event.TypeOwes:
		replyJSON(req, r.owes())
	case event.TypeSessionEnd:
		r.sessionEnded(req, m)
	case event.TypeCalls:
		r.newCalls(req, m)
	case event.TypeShare:
		r.divide(req, m)
	case event.TypeAdopt:
		r.adopt(req)
	case event.TypeShutdown:
		go r.shutdown(req, m)
	default:
		r.answer(req, m)
	}
}

// Event takes what needs no answer: pieces of an answer on their way to whoever follows the turn.
func (v *receiver) Event(m event.Message) {
	if m.Type == event.TypeChunk {
		(*Runner)(v).follow.chunk(m)
	}
}

// ask is submit and await in one call.
func (r *Runner) ask(req bus.Request, m event.Message) {
	m.Type = event.TypeSubmit
	r.submit(req, m, func(accepted event.Accepted) {
		body, err := json.Marshal(accepted)
		if err != nil {
			req.Fail(bus.Refused, err.Error())
			return
		}
		pushSoon(req, event.Message{Header: event.Header{Type: event.TypeAccepted, Turn: m.Turn, DataContentType: jsonType}, Body: body})
		r.at(fault.SubmitAfter)
		r.await(req, m)
	})
}

// pushSoon pushes what nobody waits for: it may leave with what comes next.
func pushSoon(req bus.Request, m event.Message) {
	if late, ok := req.(interface{ PushSoon(event.Message) }); ok {
		late.PushSoon(m)
		return
	}
	req.Push(m)
}

// submit journals a turn and calls then; when it is refused the caller has been told why, and then is not called.
func (r *Runner) submit(req bus.Request, m event.Message, then func(event.Accepted)) {
	if why := r.refuse.Load(); why != nil {
		r.refused(why.Code)
		req.Fail(why.Code, why.Reason)
		return
	}
	if wrong := r.route(&m); wrong != nil {
		r.refused(wrong.Code)
		req.Fail(wrong.Code, wrong.Reason)
		return
	}
	m.User = 0 // who asks is no part of the turn
	var refused *delivery.Refusal
	r.inboxes[delivery.PartitionOf(m.Session)].post(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		refused, e = p.Submit(m, now)
		return e
	}, func(err error) {
		switch {
		case err != nil:
			r.refused(unwritten(err).Code)
			r.unwritten(req, err)
		case refused != nil:
			r.refused(refused.Code)
			req.Fail(refused.Code, refused.Reason)
		default:
			r.at(fault.SubmitBefore)
			then(event.Accepted{Turn: m.Turn, Session: m.Session, Acceptor: r.spec.Name})
		}
	})
}

// cancel asks for the end of a turn. The answer only says that the wish is journaled: whether the turn was canceled
// says its END.
func (r *Runner) cancel(req bus.Request, m event.Message) {
	known := false
	err := r.inboxes[delivery.PartitionOf(m.Session)].step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		known, e = p.Cancel(m.Turn, now)
		return e
	})
	switch {
	case err != nil:
		r.unwritten(req, err)
	case !known:
		req.Fail(bus.Refused, "turn "+m.Turn+" is not open here")
	default:
		replyJSON(req, event.Accepted{Turn: m.Turn, Session: m.Session, Acceptor: r.spec.Name})
	}
}

// await answers with the END whenever it exists; until then the caller gets the pieces of the answer.
func (r *Runner) await(req bus.Request, m event.Message) {
	in := r.inboxes[delivery.PartitionOf(m.Session)]
	in.mu.Lock()
	if in.journal == nil {
		in.mu.Unlock()
		r.unwritten(req, errClosed)
		return
	}
	end, ended, known := in.part.Await(m.Turn)
	if known && !ended {
		r.follow.add(m, req) // under mu: neither the END nor the partition's leaving can slip between the look and the entry
		if m.User > 0 {
			r.questions.show(m.Turn, req)
		}
	}
	in.mu.Unlock()
	switch {
	case ended:
		req.Reply(end)
	case !known:
		req.Fail(bus.Refused, "no turn "+m.Turn+" was accepted here")
	}
}

// shutdown refuses new turns and answers when the ones that were accepted have ended. Then the runner ends, unless it is only
// to drain.
func (r *Runner) shutdown(req bus.Request, m event.Message) {
	if m.Subject == event.ShutdownDrain {
		r.refuseWith(stoppingRefusal)
	} else if r.refuse.Load() == nil {
		r.refuseWith(endingRefusal)
	}
	open := r.waitIdle(req.Context())
	replyJSON(req, map[string]any{"open": open})
	if m.Subject != event.ShutdownDrain {
		r.stopOnce.Do(func() { close(r.drained) })
	}
}

func replyJSON(req bus.Request, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	req.Reply(event.Message{Header: event.Header{DataContentType: jsonType}, Body: body})
}

package component

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// A hop may ask the user whose turn it works on. The acceptor keeps a receipt of the question under the id of the call: a
// hop that comes again after a crash finds its question still open, or the answer that was given meanwhile; and an
// acceptor that died in between takes it for open, because a question that was not answered did nothing.

// askingBeat is how often whoever asked hears that its question is still open.
const askingBeat = time.Second

// questions are those that are open at this acceptor.
type questions struct {
	mu   sync.Mutex
	open map[string]*openQuestion // by the id of the call
}

type openQuestion struct {
	q       event.UserQuestion
	session string
	reqs    []bus.Request
	over    chan struct{}
}

func (qs *questions) init() { qs.open = map[string]*openQuestion{} }

// question takes a question of a hop.
func (r *Runner) question(req bus.Request, m event.Message) {
	var q event.UserQuestion
	if err := json.Unmarshal(m.Body, &q); err != nil || m.ID == "" {
		req.Fail(bus.Refused, "a question has an id, and its text as JSON")
		return
	}
	q.ID, q.Turn, q.Component = m.ID, m.Turn, m.Source
	in := r.inboxes[delivery.PartitionOf(m.Session)]
	var state delivery.ReceiptState
	var known event.Message
	refused, fresh := false, false
	err := in.step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		if _, ended, there := p.Await(m.Turn); !there || ended {
			refused = true
			return e
		}
		state, known, e = p.Ask(m, now)
		if state != delivery.ReceiptDone {
			p.Rest(m.ID) // it waits for somebody outside, and keeps nobody from leaving
			fresh = r.questions.put(q, m.Session, req)
		}
		return e
	})
	switch {
	case err != nil:
		if o, there := r.questions.drop(m.ID); there {
			for _, each := range o.reqs {
				r.unwritten(each, err)
			}
			return
		}
		r.unwritten(req, err)
	case refused:
		req.Fail(bus.Refused, "turn "+m.Turn+" is not open here")
	case state == delivery.ReceiptDone:
		known.Type = known.Subject
		r.reply(req, known)
	case fresh:
		r.pose(q)
	}
}

// put notes a question, or that it is asked once more; fresh means that nobody has seen it yet.
func (qs *questions) put(q event.UserQuestion, session string, req bus.Request) (fresh bool) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if o := qs.open[q.ID]; o != nil {
		o.reqs = append(o.reqs, req)
		return false
	}
	qs.open[q.ID] = &openQuestion{q: q, session: session, reqs: []bus.Request{req}, over: make(chan struct{})}
	return true
}

// drop forgets a question and returns who waits for its answer.
func (qs *questions) drop(id string) (o *openQuestion, ok bool) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if o, ok = qs.open[id]; ok {
		delete(qs.open, id)
		close(o.over)
	}
	return o, ok
}

// pose shows a question to everybody who can answer, and watches over it.
func (r *Runner) pose(q event.UserQuestion) {
	m := questionMessage(q)
	r.follow.tellUsers(q.Turn, &m)
	r.questions.mu.Lock()
	o := r.questions.open[q.ID]
	r.questions.mu.Unlock()
	if o != nil {
		r.keeping.Go(func() { r.watchQuestion(o) })
	}
}

// watchQuestion gives signs of life to whoever asked, and ends the question when nobody is there to answer, or when the
// user takes too long.
func (r *Runner) watchQuestion(o *openQuestion) {
	patience := r.spec.Timing.Asking
	tick := time.NewTicker(max(time.Millisecond, min(askingBeat, patience/2)))
	defer tick.Stop()
	began, seen := time.Now(), time.Now()
	for {
		select {
		case <-o.over:
			return
		case <-r.ctx.Done():
			return
		case now := <-tick.C:
			if r.follow.tellUsers(o.q.Turn, nil) {
				seen = now
			}
			limit := time.Duration(o.q.TimeoutMS) * time.Millisecond
			none := ""
			switch {
			case now.Sub(seen) >= patience:
				none = event.NoUser
			case limit > 0 && now.Sub(began) >= limit:
				none = "the user did not answer within " + limit.String()
			default:
				r.questions.beat(o)
				continue
			}
			if _, err := r.settle(o.session, event.UserAnswer{ID: o.q.ID, None: none}); err != nil {
				r.log.Warn("a question stays open", "question", o.q.ID, "error", err) // until the next beat
			}
		}
	}
}

// beat is a sign of life to whoever asked.
func (qs *questions) beat(o *openQuestion) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	for _, req := range o.reqs {
		req.Push(chunkMessage(o.q.Turn, event.Chunk{Stream: o.q.ID}))
	}
}

// show pushes the open questions of a turn to somebody who can answer them.
func (qs *questions) show(turn string, req bus.Request) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	for _, o := range qs.open {
		if o.q.Turn == turn {
			req.Push(questionMessage(o.q))
		}
	}
}

// ended forgets the questions of a turn that is over.
func (qs *questions) ended(turn string) {
	for _, o := range qs.those(func(o *openQuestion) bool { return o.q.Turn == turn }) {
		for _, req := range o.reqs {
			req.Fail(bus.Refused, "turn "+turn+" has ended")
		}
	}
}

// release sends whoever asked in a partition to its next owner.
func (qs *questions) release(partition int) {
	for _, o := range qs.those(func(o *openQuestion) bool { return delivery.PartitionOf(o.session) == partition }) {
		for _, req := range o.reqs {
			req.Fail(bus.NotOwner, "another instance has this session now")
		}
	}
}

// those takes questions out.
func (qs *questions) those(which func(*openQuestion) bool) (out []*openQuestion) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	for id, o := range qs.open {
		if which(o) {
			delete(qs.open, id)
			close(o.over)
			out = append(out, o)
		}
	}
	return out
}

// say takes what the user says to a question. The reply means that the answer is journaled; to say it again is harmless.
func (r *Runner) say(req bus.Request, m event.Message) {
	var a event.UserAnswer
	if err := json.Unmarshal(m.Body, &a); err != nil || a.ID == "" {
		req.Fail(bus.Refused, "an answer is JSON with the id of its question and a text")
		return
	}
	known, err := r.settle(m.Session, a)
	switch {
	case err != nil:
		r.unwritten(req, err)
	case !known:
		req.Fail(bus.Refused, "there is no question "+a.ID+" here")
	default:
		replyJSON(req, event.Accepted{Turn: m.Turn, Session: m.Session, Acceptor: r.spec.Name})
	}
}

// settle keeps the answer to a question, then hands it to whoever asked. The first answer stands.
func (r *Runner) settle(session string, a event.UserAnswer) (known bool, err error) {
	body := event.Payload(a)
	result := event.Message{Header: event.Header{Type: event.TypeResult, DataContentType: jsonType}, Body: body}
	answered := false
	err = r.inboxes[delivery.PartitionOf(session)].step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		if known = p.Knows(a.ID); !known {
			return delivery.Effects{}
		}
		e := p.Answered(a.ID, result, now)
		answered = len(e.Records) > 0
		return e
	})
	if err != nil || !known || !answered {
		return known, err
	}
	o, there := r.questions.drop(a.ID)
	if !there {
		return true, nil
	}
	said := event.Message{Header: event.Header{Type: event.TypeSay, Turn: o.q.Turn, DataContentType: jsonType}, Body: body}
	r.follow.tellUsers(o.q.Turn, &said)
	for _, req := range o.reqs {
		r.reply(req, result)
	}
	return true, nil
}

func questionMessage(q event.UserQuestion) event.Message {
	return event.Message{Header: event.Header{Type: event.TypeQuestion, Turn: q.Turn, DataContentType: jsonType}, Body: event.Payload(q)}
}

package localbus

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// served is the receiving end of a connection that another peer dialed: it takes messages and answers them.
type served struct {
	*conn
	holding bool            // answers are collected until the end of this read
	chain   []event.Message // chain messages of this read
	streams []uint32        // their streams
	frames  int             // of this read
	pings   int             // among them

	emptied chan struct{} // filled when nothing waits to be written any more

	mu   sync.Mutex
	open map[uint32]*request // calls that are not answered yet
}

// openBound is how many calls of one connection may wait for their answers.
const openBound = 16 << 10

func newServed(c *conn) *served {
	s := &served{conn: c, open: map[uint32]*request{}, emptied: make(chan struct{}, 1)}
	c.handle, c.batch, c.ended = s.frame, s.endOfRead, s.lost
	c.out.empty = s.refill
	return s
}

// run reads until the connection is over. After each read that brought something it waits for the next one in the
// kernel for a moment: answers to an answer come at once or after a long time. A ping is no work, and nothing follows it.
func (s *served) run() {
	how := patient
	for {
		s.frames, s.pings = 0, 0
		if s.out.slow.Load() {
			s.awaitTaken()
		}
		got, err := s.readOnce(how)
		if err != nil {
			return
		}
		if how = patient; !got {
			continue
		}
		s.peer.lazy.collect()
		if s.frames == 0 || s.frames > s.pings {
			how = soon
		}
	}
}

// awaitTaken reads nothing more from a peer that does not take its answers: they would pile up here.
func (s *served) awaitTaken() {
	for s.out.waiting() > answerBound {
		select {
		case <-s.emptied:
		case <-s.done:
			return
		}
	}
}

func (s *served) readOnce(how patience) (bool, error) {
	if how == soon && s.peer.takeKernel() {
		defer s.peer.giveKernel()
		return s.read(soon)
	}
	return s.read(patient)
}

func (s *served) frame(f frame) error {
	s.frames++
	switch f.typ {
	case frameMsg:
		return s.message(f)
	case framePing:
		s.pings++
		body, err := json.Marshal(s.peer.opts.Health())
		if err != nil {
			return err
		}
		_ = s.out.bare(framePong, f.stream, nil, body) // a broken connection is seen by its reader
		s.peer.Look()
	case frameCancel:
		s.cancel(f.stream, cancelCause(f.header))
	case frameCredit:
		s.credit(f)
	case frameGoAway, frameAck, frameNack, frameStream, frameStreamEnd, framePong:
		// has no meaning in this direction
	default:
		if f.flags&flagMust != 0 {
			return errUnknownFrame
		}
	}
	return nil
}

func (s *served) message(f frame) error {
	m, err := f.message()
	if err != nil {
		s.nack(f.stream, bus.Verdict{Code: bus.Refused, Reason: err.Error()})
		return nil //nolint:nilerr // the sender was told; the connection goes on
	}
	switch {
	case f.flags&flagEvent != 0:
		s.peer.opts.Receiver.Event(m)
	case f.flags&flagCall != 0:
		s.call(f.stream, m)
	default:
		s.chain = append(s.chain, m)
		s.streams = append(s.streams, f.stream)
	}
	return nil
}

func (s *served) call(stream uint32, m event.Message) {
	if !s.holding {
		s.holding = true
		s.out.hold()
	}
	if s.full() {
		s.nack(stream, bus.Verdict{Code: bus.Busy, Reason: "too many calls of this connection wait for their answers", RetryAfterMS: 500})
		return
	}
	r := &request{s: s, stream: stream, msg: m, arrived: time.Now()}
	if m.Type == typeSubscribe {
		s.register(r)
		s.peer.subs.add(r)
		return
	}
	if m.Turn != "" && s.peer.opts.Faults.Drops(fault.Receive, m.Source) {
		s.closeSoon(fault.ErrDrop)
		return
	}
	s.peer.opts.Receiver.Call(r)
	s.register(r)
}

func (s *served) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open) >= openBound
}

// register remembers a call that was not answered on the spot.
func (s *served) register(r *request) {
	s.mu.Lock()
	if !r.over.Load() {
		s.open[r.stream] = r
	}
	s.mu.Unlock()
	if s.isClosed() {
		s.cancel(r.stream, nil) // lost has run already, or finds nothing
	}
}

// endOfRead writes the answers to the calls of one read in one write, hands over the chain messages
// together, and writes their ACKs in one write. What the receiver sends on meanwhile is collected when there is more than
// one message, so that it, too, goes out together.
func (s *served) endOfRead() {
	if s.holding {
		s.holding = false
		s.out.release()
	}
	if len(s.chain) == 0 {
		return
	}
	if s.cut(fault.Receive) {
		return
	}
	if s.acceptLater() {
		return
	}
	many := len(s.chain) > 1
	if many {
		s.peer.cork.hold()
	}
	verdicts := s.peer.opts.Receiver.Accept(s.chain)
	if many {
		s.peer.cork.release()
	}
	if s.cut(fault.AckBefore) {
		return
	}
	s.answer(s.streams, verdicts)
	s.forgetRead()
}

// acceptLater gives the chain messages of this read to a receiver that answers when it can; false when it is not one.
func (s *served) acceptLater() bool {
	late, ok := s.peer.opts.Receiver.(bus.LateReceiver)
	if !ok {
		return false
	}
	streams := s.streams
	if !late.AcceptLater(s.chain, func(at []int, verdicts []bus.Verdict) {
		if err := s.peer.opts.Faults.Cut(fault.AckBefore, ""); err != nil {
			s.closeSoon(err)
			return
		}
		these := make([]uint32, len(at))
		for n, i := range at {
			these[n] = streams[i]
		}
		s.answer(these, verdicts)
	}) {
		return false
	}
	s.chain, s.streams = nil, nil // they are the receiver's now
	return true
}

// answer writes the verdicts on messages in one write.
func (s *served) answer(streams []uint32, verdicts []bus.Verdict) {
	s.out.hold()
	for i, stream := range streams {
		if i < len(verdicts) && verdicts[i].Code == bus.OK {
			_ = s.out.bare(frameAck, stream, nil, nil) // a broken connection is seen by its reader
			continue
		}
		v := bus.Verdict{Code: bus.Busy, Reason: "no verdict"}
		if i < len(verdicts) {
			v = verdicts[i]
		}
		s.nack(stream, v)
	}
	s.out.release()
	s.peer.opts.Faults.At(fault.AckAfter)
}

func (s *served) forgetRead() {
	clear(s.chain)
	s.chain, s.streams = s.chain[:0], s.streams[:0]
}

// cut is a seam at which the connection may be ordered to end with what was read.
func (s *served) cut(p fault.Point) bool {
	from := ""
	if len(s.chain) > 0 {
		from = s.chain[0].Source // a connection has one sender
	}
	err := s.peer.opts.Faults.Cut(p, from)
	if err != nil {
		s.closeSoon(err)
		s.forgetRead()
	}
	return err != nil
}

// nackHeader is the header of a NACK.
type nackHeader struct {
	Code         bus.Code `json:"code"`
	Reason       string   `json:"reason,omitempty"`
	Seq          uint64   `json:"seq,omitempty,string"`
	RetryAfterMS int      `json:"retry_after_ms,omitempty"`
	Instance     string   `json:"instance,omitempty"`
}

func (s *served) nack(stream uint32, v bus.Verdict) {
	const maxReason = 8 << 10
	if len(v.Reason) > maxReason {
		v.Reason = v.Reason[:maxReason]
	}
	header, err := json.Marshal(nackHeader(v))
	if err != nil {
		return // strings and numbers always marshal
	}
	_ = s.out.bare(frameNack, stream, header, nil) // a broken connection is seen by its reader
}

func (s *served) cancel(stream uint32, cause error) {
	s.mu.Lock()
	r := s.open[stream]
	delete(s.open, stream)
	s.mu.Unlock()
	if r != nil {
		r.end(cause)
	}
}

// lost ends every call of a caller that is gone.
func (s *served) lost(error) {
	s.mu.Lock()
	open := s.open
	s.open = map[uint32]*request{}
	s.mu.Unlock()
	for _, r := range open {
		r.end(nil)
	}
	s.peer.forgetServed(s)
}

// refill writes what pushes wait for room, and lets a reading go on that waited for this.
func (s *served) refill() {
	select {
	case s.emptied <- struct{}{}:
	default:
	}
	s.mu.Lock()
	open := make([]*request, 0, len(s.open))
	for _, r := range s.open {
		open = append(open, r)
	}
	s.mu.Unlock()
	for _, r := range open {
		r.refill()
	}
}

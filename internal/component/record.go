package component

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
)

// Recorder keeps sessions outside of the component: a projection of the TURN and END records of an acceptor. It takes
// them after they are in the journal, and again, marked as replayed, whenever the journal is read back.
type Recorder interface {
	// Accepted takes a TURN record: the submit, its Origin the acceptor.
	Accepted(m event.Message, at time.Time, replayed bool)
	// Ended takes an END record, as End.Message makes it.
	Ended(m event.Message, at time.Time, replayed bool)
	// Flush returns when everything it took is kept, with how much was lost so far: only the journal has that.
	Flush() (lost int)
}

// Historian is a Recorder that also knows what was said.
type Historian interface {
	// Past returns the last turns of a session that were answered before another one, oldest first.
	Past(q event.HistoryRequest) ([]event.Past, error)
}

// history answers with earlier turns of a session. An app that keeps no sessions has none.
func (r *Runner) history(req bus.Request, m event.Message) {
	var q event.HistoryRequest
	if err := json.Unmarshal(m.Body, &q); err != nil {
		req.Fail(bus.Refused, "a history request that cannot be read: "+err.Error())
		return
	}
	h, ok := r.recorder.(Historian)
	if !ok {
		replyJSON(req, []event.Past{})
		return
	}
	r.jobs.Go(func() {
		past, err := h.Past(q)
		if err != nil {
			req.Fail(bus.Failed, err.Error())
			return
		}
		replyJSON(req, append([]event.Past{}, past...))
	})
}

// record tells the recorder what has just been appended.
func (in *inbox) record(recs []delivery.Record, replayed bool) {
	rec := in.r.recorder
	if rec == nil {
		return
	}
	for i := range recs {
		switch r := &recs[i]; r.Kind {
		case delivery.Turn:
			rec.Accepted(r.Head, time.UnixMilli(r.At), replayed)
		case delivery.End:
			rec.Ended(r.Head, time.UnixMilli(r.At), replayed)
		}
	}
}

// recorded makes sure that everything in the journal has been recorded, because the journal is about to forget or to be
// closed. It needs no lock: records are appended before they are told, and may be told twice.
func (in *inbox) recorded(j *journal.Journal) {
	rec := in.r.recorder
	if rec == nil {
		return
	}
	lost := int64(rec.Flush())
	if lost == in.lost.Swap(lost) {
		return
	}
	err := j.Replay(in.decoded(func(d delivery.Record) error {
		in.record([]delivery.Record{d}, true)
		return nil
	}))
	if err != nil && !errors.Is(err, journal.ErrClosed) { // then the next run reads it
		in.r.log.Warn("reading the journal for the sessions", "partition", in.n, "error", err)
	}
	rec.Flush()
}

// dropLetter forgets a dead letter; the body of the request is its id.
func (r *Runner) dropLetter(req bus.Request, m event.Message) {
	found := false
	err := r.inboxes[delivery.PartitionOf(m.Session)].step(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var e delivery.Effects
		found, e = p.Drop(string(m.Body), now)
		return e
	})
	switch {
	case err != nil:
		r.unwritten(req, err)
	case !found:
		req.Fail(bus.Refused, r.spec.Name+" has no dead letter "+string(m.Body))
	default:
		req.Reply(event.Message{})
	}
}

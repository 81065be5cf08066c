package delivery

import (
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// A handler's calls are journaled as steps of its turn (R4): INTENT with the id of the request before it is sent, STEP
// with its result. A handler that runs again gets the results it had; only a call that had an INTENT and no STEP is asked
// again, under the same id, and its callee's receipt says what became of it (R5).

// step is one call of a handler.
type step struct {
	intent event.Message
	result *event.Message
}

// StepState says what is known of a handler's n-th call.
type StepState uint8

// The states of a step.
const (
	StepFresh    StepState = iota + 1 // the INTENT is written: send the request
	StepAgain                         // an earlier run sent the request and never saw its result: ask again
	StepDone                          // the result is known
	StepCanceled                      // the turn was canceled: send nothing
	StepStrange                       // an earlier run asked something else here: send nothing, and take no result for another's
)

// CallID is the id of a handler's n-th call: the same one on every run.
func (j Job) CallID(component string, n int) string {
	id := j.Message.Turn + "/" + component
	if j.Message.ID != "" && j.Message.Source != "" {
		id += "." + j.Message.ID
	}
	return id + "/" + strconv.Itoa(n)
}

// Intent is called before a handler's n-th request m, which has its CallID as id. For StepDone the result of the earlier
// run comes back, for StepStrange what the earlier run asked.
func (p *Partition) Intent(j Job, n int, m event.Message, now time.Time) (StepState, event.Message, Effects) {
	p.now = now
	var e Effects
	it := p.work[j.key]
	switch {
	case it == nil || it.canceled:
		return StepCanceled, event.Message{}, e
	case it.steps[n] != nil && (it.steps[n].intent.Subject != m.Subject || it.steps[n].intent.Type != m.Type):
		return StepStrange, it.steps[n].intent, e
	case it.steps[n] != nil && it.steps[n].result != nil:
		return StepDone, *it.steps[n].result, e
	case it.steps[n] != nil:
		return StepAgain, event.Message{}, e
	}
	h := it.ref()
	h.ID, h.Subject, h.Type, h.DataContentType = m.ID, m.Subject, m.Type, m.DataContentType
	intent := event.Message{Header: h, Body: m.Body}
	it.setStep(n, &step{intent: intent})
	p.takeSent(&e)
	e.record(Record{Kind: Intent, Head: intent})
	return StepFresh, event.Message{}, e
}

// Step keeps the result of a handler's n-th request. A result that is an error has its text in Body and the type
// StepFailed.
func (p *Partition) Step(j Job, n int, result event.Message, now time.Time) Effects {
	p.now = now
	var e Effects
	it := p.work[j.key]
	if it == nil || it.steps[n] == nil || it.steps[n].result != nil {
		return e
	}
	h := it.ref()
	h.ID, h.Type, h.DataContentType, h.Fallback = it.steps[n].intent.ID, result.Type, result.DataContentType, result.Fallback
	kept := event.Message{Header: h, Body: result.Body}
	it.steps[n].result = &kept
	e.record(Record{Kind: Step, Head: kept})
	return e
}

// StepFailed is the type of a step's result that is an error.
const StepFailed = "step.failed"

func (it *item) setStep(n int, s *step) {
	if it.steps == nil {
		it.steps = map[int]*step{}
	}
	it.steps[n] = s
}

// restoreStep takes an INTENT or a STEP.
func (p *Partition) restoreStep(kind Kind, m *event.Message) {
	it := p.work[keyOf(In, &m.Header)]
	if it == nil {
		return
	}
	n, err := strconv.Atoi(m.ID[strings.LastIndexByte(m.ID, '/')+1:])
	if err != nil {
		return
	}
	if kind == Intent {
		it.setStep(n, &step{intent: *m})
		return
	}
	if s := it.steps[n]; s != nil {
		s.result = m
	}
}

// fallbacks are the calls that a fallback answered, in the order of their numbers.
func (it *item) fallbacks() string {
	var out []string
	for n := 1; n <= len(it.steps); n++ {
		if s := it.steps[n]; s != nil && s.result != nil && s.result.Fallback != "" {
			out = append(out, s.intent.Subject+":"+s.result.Fallback)
		}
	}
	return strings.Join(out, " ")
}

// stepRecords are the item's steps for a snapshot.
func (it *item) stepRecords() []Record {
	var out []Record
	for n := 1; n <= len(it.steps); n++ {
		s := it.steps[n]
		if s == nil {
			continue
		}
		out = append(out, Record{Kind: Intent, Head: s.intent})
		if s.result != nil {
			out = append(out, Record{Kind: Step, Head: *s.result})
		}
	}
	return out
}

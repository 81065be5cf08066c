package delivery

import (
	"cmp"
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
	if it == nil || it.canceled {
		return StepCanceled, event.Message{}, e
	}
	return p.intend(&it.steps, it.ref(), n, m)
}

// intend is the n-th request of a handler whose steps these are; h names what it works on.
func (p *Partition) intend(s *steps, h event.Header, n int, m event.Message) (StepState, event.Message, Effects) {
	var e Effects
	switch known := (*s)[n]; {
	case known == nil:
	case known.intent.Subject != m.Subject || known.intent.Type != m.Type:
		return StepStrange, known.intent, e
	case known.result != nil:
		return StepDone, *known.result, e
	default:
		return StepAgain, event.Message{}, e
	}
	h.ID, h.Subject, h.Type, h.DataContentType = m.ID, m.Subject, m.Type, m.DataContentType
	intent := event.Message{Header: h, Body: m.Body}
	s.set(n, &step{intent: intent})
	p.takeSent(&e)
	e.record(Record{Kind: Intent, Head: intent})
	return StepFresh, event.Message{}, e
}

// Step keeps the result of a handler's n-th request. A result that is an error has its text in Body and the type
// StepFailed.
func (p *Partition) Step(j Job, n int, result event.Message, now time.Time) Effects {
	p.now = now
	it := p.work[j.key]
	if it == nil {
		return Effects{}
	}
	return it.steps.keep(it.ref(), n, result)
}

// keep is the result of the n-th request; h names what its handler works on.
func (s steps) keep(h event.Header, n int, result event.Message) Effects {
	var e Effects
	if s[n] == nil || s[n].result != nil {
		return e
	}
	h.ID, h.Type, h.DataContentType, h.Fallback, h.Fallbacks = s[n].intent.ID, result.Type, result.DataContentType, result.Fallback, result.Fallbacks
	kept := event.Message{Header: h, Body: result.Body}
	s[n].result = &kept
	e.record(Record{Kind: Step, Head: kept})
	return e
}

// StepFailed is the type of a step's result that is an error.
const StepFailed = "step.failed"

// steps are a handler's, by number.
type steps map[int]*step

func (s *steps) set(n int, one *step) {
	if *s == nil {
		*s = steps{}
	}
	(*s)[n] = one
}

// restoreStep takes an INTENT or a STEP, of a piece of work or of a call.
func (p *Partition) restoreStep(kind Kind, m *event.Message) {
	var of *steps
	if it := p.work[keyOf(In, &m.Header)]; it != nil && m.CorrelationID == "" {
		of = &it.steps
	} else if r := p.receipts[m.CorrelationID]; r != nil {
		of = &r.steps
	}
	n, err := strconv.Atoi(m.ID[strings.LastIndexByte(m.ID, '/')+1:])
	if of == nil || err != nil {
		return
	}
	if kind == Intent {
		of.set(n, &step{intent: *m})
		return
	}
	if s := (*of)[n]; s != nil {
		s.result = m
	}
}

// fallbacks are the calls that a fallback answered, in the order of their numbers.
func (s steps) fallbacks() string {
	list := ""
	for _, n := range sortedKeys(s, cmp.Compare[int]) {
		if s[n].result != nil {
			list = event.AddFallbacks(list, s[n].intent.Subject, &s[n].result.Header)
		}
	}
	return list
}

// records are the steps for a snapshot.
func (s steps) records() []Record {
	var out []Record
	for _, n := range sortedKeys(s, cmp.Compare[int]) {
		out = append(out, Record{Kind: Intent, Head: s[n].intent})
		if s[n].result != nil {
			out = append(out, Record{Kind: Step, Head: *s[n].result})
		}
	}
	return out
}

package delivery

import (
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// Effects is what a step of the machine asks its driver to do, in the order of the fields. If the append fails, the
// driver throws the machine away and restores it from the journal: nothing else of the step has happened.
type Effects struct {
	Records []Record        // append these in one write
	Sends   []Parcel        // hand these to the link of their Subject, in order
	Starts  []Job           // run these handlers
	Stops   []Job           // tell these running handlers to end: their turn was canceled
	Ended   []event.Message // tell whoever awaits these turns
	Wake    time.Time       // call Tick then, at the latest; zero: no need
}

func (e *Effects) record(r Record) {
	if cap(e.Records) == 0 {
		e.Records = make([]Record, 0, 3) // a usual step has two or three
	}
	e.Records = append(e.Records, r)
}

func (e *Effects) wakeAt(t time.Time) {
	if !t.IsZero() && (e.Wake.IsZero() || t.Before(e.Wake)) {
		e.Wake = t
	}
}

// effects is what a step begins with: the room that another one has given back, if any.
func (p *Partition) effects() Effects {
	e := Effects{Records: p.spare}
	p.spare = nil
	return e
}

// Reuse takes back the records of a step once they are stored: a later step puts its own there. Without it every message
// would leave a kilobyte to the collector.
func (p *Partition) Reuse(recs []Record) { p.spare = emptied(recs) }

// emptied keeps the room of recs and nothing that they refer to. What a burst needed is not kept.
func emptied(recs []Record) []Record {
	const kept = 16
	if cap(recs) > kept {
		return nil
	}
	clear(recs)
	return recs[:0]
}

// Parcel is a message on its way to the next hop. Give the receiver's verdict to Settled, with the same parcel.
type Parcel struct {
	event.Message
	acks int
}

// Job is a handler to run. Give its outcome to Complete.
type Job struct {
	Message event.Message // what came in; its Attempt is that of this run
	key     key
}

// ID names the job among the jobs of its component: the same on every run.
func (j Job) ID() string {
	if j.key.turn != "" {
		return j.key.turn
	}
	return j.key.source + "." + j.key.base + "." + strconv.FormatUint(j.key.seq, 10)
}

// Outcome is how a job ended.
type Outcome struct {
	ContentType string
	Body        []byte
	Err         string        // not empty: the hop failed
	Took        time.Duration // how long it worked; 0: from its start until Complete
	Tokens      int           // that models read and wrote
	Cost        float64       // US dollars
	SetAside    bool          // it becomes a dead letter, with Err as the reason
	Crashed     bool          // its process died working on exactly this message: it is tried again once
}

// Refusal is why a submit was not accepted. Nothing was written.
type Refusal struct {
	Code         bus.Code
	Reason       string
	RetryAfterMS int
}

// Limits bound what a partition holds.
type Limits struct {
	MaxPending   int           // turns without END before admission is refused
	MaxUnstarted int           // messages without OUT before BUSY
	MaxHops      int           // hops of one turn
	MaxEnds      int           // ENDs kept for await
	MaxEndBytes  int           // the bytes of their answers; the newest one is kept whatever its size
	MaxCrashes   int           // counted deaths before a message is set aside
	TurnTimeout  time.Duration // deadline of a turn whose submit names none
	ResendAfter  time.Duration // a message that was not taken is sent again after this
	EndsKept     time.Duration
	DeliveryTTL  time.Duration // a message that nobody took by then is set aside; 0: never
}

// DefaultLimits are the numbers of docs/protocol.md.
func DefaultLimits() Limits {
	return Limits{
		MaxPending: 1000, MaxUnstarted: 256, MaxHops: 64, MaxEnds: 10_000 / Partitions, MaxEndBytes: 512 << 10, MaxCrashes: 2,
		TurnTimeout: 10 * time.Minute, ResendAfter: 20 * time.Millisecond, EndsKept: 24 * time.Hour, DeliveryTTL: 10 * time.Minute,
	}
}

// Config says whose inbox this is.
type Config struct {
	Component   string
	Instance    string
	Generation  int
	To          []string                    // next hops; empty: a leaf
	Acceptor    bool                        // takes submits
	Master      string                      // by way of whom messages to some components go; empty: none do
	Central     func(dest string) bool      // whether one of them is dest
	HandsOn     bool                        // this component is one of those itself: it does nothing else
	Limits      Limits                      //
	NewBase     func() string               // a random word, for the life of a channel
	Inline      func(event.Message) Outcome // not nil: a pure function that does this hop's work at once, without START: IN and OUT are one append
	Admit       func() bool                 // takes one of the runner's slots; the driver gives it back after Complete
	StaleBefore time.Time                   // what was accepted or received before is set aside by Recover; zero: nothing
	Renew       bool                        // what was left over gets the time of a new turn
	Accepts     func(*event.Message) bool   // whether this component takes messages of this type; nil: every one
}

// Join adds the effects of a later step, so that several messages share one append.
func (e *Effects) Join(later Effects) {
	e.Records = append(e.Records, later.Records...)
	e.Sends = append(e.Sends, later.Sends...)
	e.Starts = append(e.Starts, later.Starts...)
	e.Stops = append(e.Stops, later.Stops...)
	e.Ended = append(e.Ended, later.Ended...)
	e.wakeAt(later.Wake)
}

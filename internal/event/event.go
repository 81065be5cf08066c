// Package event is the envelope, the event names and their payloads.
//
// A [Message] is a CloudEvents 1.0 event in binary mode: a [Header] of attributes and an untouched body.
// Everything that travels between components, and everything that is journaled, is one of these.
package event

// Header is the set of CloudEvents attributes that ww uses, plus its extensions. The zero value of a field means
// the attribute is absent. The JSON names are those of the CloudEvents specification and docs/protocol.md.
type Header struct {
	ID              string // id; unique with Source
	Source          string // source: the component that sends, set by the runner, never by a script
	Type            string // type, as in "chain.text" or "turn.submit"
	Subject         string // subject: the component that is meant
	DataContentType string // datacontenttype of the body

	Session  string // wwsession
	Turn     string // wwturn
	Base     string // wwbase: random, names one life of a channel
	Seq      uint64 // wwseq, written as a decimal string: CloudEvents integers have 32 bits
	Attempt  int    // wwattempt: 1 for the first run of a hop
	Branch   string // wwbranch: path of i/n through the fan-outs, as in "0/2.1/3"
	Stack    string // wwstack: the (component, turn) pairs a nested call hangs on
	TTL      int64  // wwttlms: milliseconds this message may still travel
	Trace    string // wwtrace: the finished hops of this branch, see Hops
	Chain    string // wwchain: the components that this turn still goes to, instead of where they say; see NextInChain
	Origin   string // wworigin: the acceptor, which owns the turn and gets the report
	Took     int64  // wwtookus: microseconds from accepted to ended, in the end of a turn
	Fallback string // wwfallback: the kind of fallback that gave this answer; empty: who was asked answered
	// Fallbacks (wwfallbacks) are calls that were made for this answer and that a fallback answered, as in
	// "notes:static helper/model:cached": the last one is a call that helper made.
	Fallbacks string
	Dropped   int // wwdropped: events of this subscription that were dropped just before this one
	User      int // wwuser: 1 when a turn.ask or turn.await comes from somebody who can be asked a question

	CorrelationID string // correlationid
	TraceParent   string // traceparent, W3C
}

// Message is one event. The body must not be changed after it was handed over.
type Message struct {
	Header
	Body []byte
}

// The types of message that the runtime itself understands.
const (
	TypeSubmit         = "turn.submit"          // call, face → input: text of a turn; answered by an Accepted
	TypeAwait          = "turn.await"           // streaming call, face → acceptor: a list of Positions, or nothing; chunks, then the End
	TypeAsk            = "turn.ask"             // streaming call, face → input: submit and await in one; pushes an Accepted, chunks, then the End
	TypeAccepted       = "turn.accepted"        // the Accepted that a turn.ask pushes
	TypeEnd            = "turn.end"             // the END of a turn: the reply to turn.ask and turn.await, and the record; see End.Message
	TypeText           = "chain.text"           // chain, hop → hop
	TypeReport         = "turn.report"          // chain, leaf → acceptor
	TypeReportFailed   = "turn.report.failed"   // chain, hop → acceptor: why the hop failed
	TypeReportDead     = "turn.report.dead"     // chain, hop → acceptor: why the message was set aside
	TypeSkip           = "chain.skip"           // chain: this number of the channel carries nothing
	TypeCancel         = "turn.cancel"          // call, face → acceptor; chain, hop → next hop: end this turn
	TypeReportCanceled = "turn.report.canceled" // chain, hop → acceptor: the hop was told to end the turn
	TypeChunk          = "turn.chunk"           // event, hop → acceptor: a piece of an answer; Subject is turn/hop/attempt
	TypeStream         = "turn.stream"          // call, acceptor → hop: a Position; answered by one Chunk with what comes after it
	TypeProcess        = "process_request"      // call: a request to another component
	TypeResult         = "process_response"     // its answer
	TypeDescribe       = "component.describe"   // call: what the component can be asked for
	TypeHistory        = "session.history"      // call → acceptor: a HistoryRequest; answered by a list of Past, oldest first
	TypeQuestion       = "turn.question"        // call, hop → acceptor: a UserQuestion; answered by a UserAnswer. Pushed to whoever follows the turn and can answer
	TypeSay            = "turn.say"             // call, face → acceptor: a UserAnswer to a question. Pushed to whoever was asked it
	TypeHealth         = "health_check"         // call → Health
	TypeBreakers       = "breakers.list"        // call → the breakers of this component's calls
	TypeBreakerOrder   = "breakers.order"       // call: trip, hold or reset them
	TypeDrop           = "dlq.drop"             // call → component: forget the dead letter whose id is the body; Session is the letter's
	TypeCalls          = "component.calls"      // call, control peer → component: how the others are called from now on, by name
	TypeShutdown       = "shutdown"             // call: drain and end; with the subject ShutdownDrain only drain
	TypeFault          = "component.fault"      // call, control peer → component: a list of fault.Order; it replaces the one before
	TypeShare          = "component.share"      // call, control peer → component: a Share; answered by a Held
	TypeAdopt          = "component.adopt"      // call, control peer → component: it is supervised for as long as this call lasts
	TypeOwes           = "delivery.owes"        // call → the components for which it has messages that are not acknowledged, a JSON list
	TypeSessionEnd     = "session.end"          // call → acceptor: the session was ended by hand
	TypeControl        = "control."             // prefix of the calls that only the control peer answers
)

// How a component takes a shutdown, as its subject. Any other subject is ShutdownStop.
const (
	ShutdownDrain = "drain" // it refuses new turns and goes on with those that it has
	ShutdownStop  = "stop"  // and then it ends
)

// Status is how a turn ended, or where it stands.
type Status string

// The statuses of the JSON contract.
const (
	StatusOK       Status = "ok"
	StatusFailed   Status = "failed"
	StatusDead     Status = "dead_letter"
	StatusPending  Status = "pending"
	StatusCanceled Status = "canceled"
	StatusTimeout  Status = "timeout"
)

// Accepted answers a submit: the turn is in the acceptor's journal.
type Accepted struct {
	Turn     string `json:"turn"`
	Session  string `json:"session"`
	Acceptor string `json:"acceptor"`
}

// End is how a turn ended. There is exactly one per turn.
type End struct {
	Turn    string   `json:"turn"`
	Session string   `json:"session"`
	Status  Status   `json:"status"`
	Answer  string   `json:"answer"`
	Outputs []Output `json:"outputs,omitempty"` // the other leaves that have text, in to: order
	Error   string   `json:"error,omitempty"`
	TookMS  float64  `json:"took_ms,omitempty"` // from accepted to ended, measured by the acceptor
	Hops    []Hop    `json:"hops"`
}

// Output is the text of one leaf of a turn with several.
type Output struct {
	Component string `json:"component"`
	Text      string `json:"text"`
}

// Hop is one component's part of a turn. Times are measured by the receiver on its monotonic clock.
type Hop struct {
	Component  string  `json:"component"`
	Instance   string  `json:"instance"`
	Generation int     `json:"generation"`
	Attempt    int     `json:"attempt"`
	Parent     string  `json:"parent,omitempty"` // the component that sent the message
	QueueMS    float64 `json:"queue_ms"`
	ServiceMS  float64 `json:"service_ms"`
	BytesIn    int     `json:"bytes_in"`
	BytesOut   int     `json:"bytes_out"`
	Error      string  `json:"error,omitempty"`
	Tokens     int     `json:"tokens,omitempty"` // that models read and wrote for it
	Cost       float64 `json:"cost,omitempty"`   // US dollars, as far as prices are known
	// Fallbacks are its calls, and the calls that were made for these, that a fallback answered, as in
	// "notes:static helper/model:cached".
	Fallbacks string `json:"fallbacks,omitempty"`
	HandedOn  bool   `json:"handed_on,omitempty"` // it did nothing else: it is the task master
}

// Chunk is a piece of a streamed answer. It belongs to one attempt: a reader that sees a new Stream drops
// what it showed.
type Chunk struct {
	Stream string `json:"stream"` // turn/hop/attempt
	Offset int    `json:"offset"` // bytes of this stream before Text
	Text   string `json:"text"`
}

// Position is how far somebody has come with a stream. The body of turn.await is a list of them, or empty; that of
// turn.stream is one.
type Position struct {
	Stream string `json:"stream"`
	Offset int    `json:"offset"` // bytes of the stream that came
}

// Share says how the instances of a component divide its partitions from now on (R2). It replaces what its Spec or an
// earlier Share said.
type Share struct {
	Ordinals []int `json:"ordinals"` // that are wanted and not quarantined; partitions are divided among them
	// Serve: take the partitions that are this instance's own, as they become free. Without it the instance stands by: it
	// starts nothing new and gives each partition back when no turn of it runs.
	Serve bool `json:"serve"`
}

// Held answers a Share: what the instance holds at the moment. Its record tells of every change.
type Held struct {
	Partitions []int `json:"partitions"`
}

// Adopt says what becomes of an instance when its adopter is gone.
type Adopt struct {
	Detached bool `json:"detached"` // it serves on, without limit
}

// Health answers a health_check and rides on every heartbeat.
type Health struct {
	State        string  `json:"state"`
	InFlight     int     `json:"in_flight"`
	Max          int     `json:"max"`
	Queued       int     `json:"queued"`
	OldestAgeMS  int64   `json:"oldest_age_ms"`
	SuccessRate  float64 `json:"success_rate"`
	AvgServiceMS float64 `json:"avg_service_ms"`
	// Breakers are those of its calls, the ones that are not closed first, at most 32.
	Breakers []Breaker `json:"breakers,omitempty"`
}

// Breaker is the state of a circuit breaker in a few words.
type Breaker struct {
	Route    string `json:"route"` // caller → target/type
	State    string `json:"state"` // closed, open, half-open, forced open or forced closed
	Failures int    `json:"failures"`
	ReopenAt string `json:"reopen_at,omitempty"` // when the next call has a chance, RFC 3339
}

// Package session keeps the sessions of an app on disk, outside of its components: what was asked, what was answered,
// and which way it went.
//
// A session's file is a projection of the acceptor's journal: every line is made from a TURN or an END record, keyed
// by turn. What a crash left out is written again when the journal is replayed, and what is there already is left
// alone, so the file is never the truth and never needs to be synced. [Store] writes, [Dir] reads; neither needs the
// other to run.
//
// # What holds
//
//  1. The hot path never waits for a session file. What the writer cannot take is counted, and the count says that the
//     journal must be replayed before it forgets.
//  2. A file is its lines: a torn or damaged one costs itself. Lines repeat at most their turn, and the first counts.
//  3. Replaying the same records into any prefix of a file gives the same file.
//  4. All sessions of an app together are bounded in bytes and in age; the oldest go first, and a replay does not bring
//     them back.
package session

import (
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Version is the first thing a session's file says.
const Version = 1

// DefaultTTL is how long a session lives without being used.
const DefaultTTL = time.Hour

// State says whether a session is in use.
type State string

// The states of a session.
const (
	Active  State = "active"  // used within its lifetime
	Expired State = "expired" // not used for longer than that; the next turn makes it active again
	Ended   State = "ended"   // ended by hand; the next turn begins anew, without its history
)

// Info is what is known of a session without its turns.
type Info struct {
	ID      string     `json:"session"`
	State   State      `json:"state"`
	Chain   []string   `json:"chain"`           // components of the last turn that ended, in the order in which it passed them
	Route   []string   `json:"route,omitempty"` // components that every turn goes through, when it was created with them
	Created time.Time  `json:"created"`
	Updated time.Time  `json:"updated"`
	Expires time.Time  `json:"expires"`
	Ended   *time.Time `json:"ended,omitempty"`
	Turns   int        `json:"turn_count"`
	Open    int        `json:"open_count"` // turns without an end
	Bytes   int64      `json:"bytes"`
	Damaged int        `json:"damaged,omitempty"` // lines that could not be read
}

// Turn is one question and how it ended.
type Turn struct {
	ID          string         `json:"turn"`
	Session     string         `json:"session"`
	Status      event.Status   `json:"status"` // pending while there is no end
	Text        string         `json:"text"`
	ContentType string         `json:"content_type,omitempty"`
	Answer      string         `json:"answer"`
	Outputs     []event.Output `json:"outputs,omitempty"`
	Error       string         `json:"error,omitempty"`
	At          time.Time      `json:"at"` // accepted
	EndedAt     *time.Time     `json:"ended,omitempty"`
	TookMS      float64        `json:"took_ms"`
	Acceptor    string         `json:"acceptor,omitempty"`
	TraceParent string         `json:"traceparent,omitempty"`
	RetryOf     string         `json:"retry_of,omitempty"`
	Hops        []event.Hop    `json:"hops"`
}

// Session is a session with its turns, oldest first.
type Session struct {
	Info
	List []Turn `json:"-"`
}

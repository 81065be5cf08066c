// Package state is what is known about a running app: values, and the one function that changes them.
package state

import (
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
)

// Word is what a person reads about a component: starting, ready, active, draining, failed or stopped.
type Word string

// The words on screen.
const (
	Starting Word = "starting"
	Ready    Word = "ready"
	Active   Word = "active"
	Draining Word = "draining"
	Failed   Word = "failed"
	Stopped  Word = "stopped"
)

// PIDs are the processes of one instance; 0 where there is none.
type PIDs struct {
	Runner int `json:"runner"`
	Guard  int `json:"guard"`
	Child  int `json:"child"`
}

// Component is what is known about one instance.
type Component struct {
	Name, Instance, Kind, Type string
	Ordinal                    int // 0 unless the component has replicas
	State                      Word
	PIDs                       PIDs
	Generation                 int
	Restarts                   int
	InFlight, Max              int
	Queued                     int
	SuccessRate                float64         // 0…1, NaN-free; 1 before the first turn
	HeartbeatAt                time.Time       // last sign of life; zero before the first
	NextStart                  time.Time       // when the next attempt begins; zero when none is planned
	Reason                     string          // why it failed or is not ready
	LastLines                  []string        // last lines of its log, when it failed
	Breakers                   []event.Breaker // of its calls, as its last heartbeat said
	Exit                       Exit            // how its last process ended, while it has no other
	LastDeath                  string          // why the process before this one ended; empty: it was asked to, or there was none
	Usage                      Usage           // of the machine, as far as somebody measures it
	Pace                       Pace            // of its work, as its heartbeats say
}

// Pace is how fast an instance works. It is told by heartbeats only.
type Pace struct {
	OldestAge time.Duration     // of what has waited longest
	Service   time.Duration     // of a message, the moving average; 0 before the first
	Trail     [TrailLen]float32 // Service as the last heartbeats had it, in milliseconds, the newest last; 0: nothing yet
}

// TrailLen is how many heartbeats a trail remembers.
const TrailLen = 8

// after is the pace once a heartbeat has told of it.
func (p Pace) after(h event.Health) Pace {
	p.OldestAge = time.Duration(max(0, h.OldestAgeMS)) * time.Millisecond
	p.Service = max(0, time.Duration(h.AvgServiceMS*float64(time.Millisecond)))
	copy(p.Trail[:], p.Trail[1:])
	p.Trail[TrailLen-1] = float32(p.Service.Seconds() * 1000)
	return p
}

// Usage is what the processes of an instance use of the machine; zero where nobody knows.
type Usage struct {
	CPU       float64 // share of one core since the last measurement
	Memory    int64   // bytes
	Threads   int
	Files     int // open descriptors
	Processes int
}

// Turn is one user input on its way through the chain, as a face shows it.
type Turn struct {
	ID, Session string
	Text        string
	StartedAt   time.Time  // zero when only the end was seen
	Stream      string     // stream id of Partial; it stays when the turn has ended and says who spoke
	Partial     string     // what has been streamed so far
	Streamed    int        // bytes of Stream that Partial stands for
	Asked       []Exchange // questions to the user, in order
	Calls       []Call     // of its components to others, in the order in which they were heard of
	End         *event.End
	EndedAt     time.Time
}

// Call is a request of a component to another one as a step of a turn, as in an agent's to a tool.
type Call struct {
	ID, From, To string
	Type         string // process_request for a tool
	Data         string // what was asked, bounded by MaxCallText
	Result       string // what was answered, bounded alike
	Error        string // why there is no answer, or what the tool says it could not do
	Fallback     string // what answered in its place
	StartedAt    time.Time
	Took         time.Duration
	Done         bool
}

// Exchange is a question to the user, and what became of it.
type Exchange struct {
	Question event.UserQuestion
	Answer   *event.UserAnswer // nil: it is open
}

// Open is the oldest question of the turn that has no answer yet.
func (t *Turn) Open() (event.UserQuestion, bool) {
	for _, x := range t.Asked {
		if x.Answer == nil && t.End == nil {
			return x.Question, true
		}
	}
	return event.UserQuestion{}, false
}

// State is the whole picture.
type State struct {
	App         string // name of the project
	File        string
	Dir         string // state directory, shown as "logs: …"
	Session     string // the session that the chat pane talks in
	StartedAt   time.Time
	ReadyAt     time.Time // zero until Ready
	Generation  int
	Ready       bool // every component was READY at least once
	Components  []Component
	Turns       []Turn // newest last, bounded by MaxTurns
	Diagnostics diag.List
	Sources     diag.Sources // the files that the diagnostics are about, as far as somebody has read them
	Mode        string       // who hands messages on: distributed, centralized or mixed
	ModeNote    string       // what is not promised in it; empty when everything is
	Plan        string       // of the last reload: its steps and their causes, a line each
	Notice      string       // one line for the person, as in "reload 8 done"
	Stopping    bool
	Faults      []Fault // practice faults that are on
	Supervisor  bool    // false when the app runs without one
}

// Bounds of the picture: more turns push out the oldest finished ones, more streamed text its own beginning.
const (
	MaxTurns   = 500
	MaxPartial = 1 << 20 // bytes of Turn.Partial
	// MaxCalls is how many calls of a turn are kept: the last ones. MaxCallText bounds what each of them asked and got.
	MaxCalls    = 100
	MaxCallText = 4 << 10
)

// Event is one change. It is a value: no pointer to a live object ever leaves its owner.
type Event interface{ event() }

// The events.
type (
	// ComponentChanged replaces the entry with the same name and instance, or adds it.
	ComponentChanged struct{ Component Component }
	// ComponentRemoved takes an entry away: the instance is gone for good and another stands for its component.
	ComponentRemoved struct{ Name, Instance string }
	// Heartbeat is a sign of life with the load at that moment.
	Heartbeat struct {
		Name, Instance string
		At             time.Time
		Health         event.Health
	}
	// Used is what an instance uses of the machine now.
	Used struct {
		Name, Instance string
		Usage          Usage
	}
	// TurnStarted adds a turn.
	TurnStarted struct{ Turn Turn }
	// TurnChunk appends to a turn's partial answer; a new stream id replaces it.
	TurnChunk struct {
		Turn  string
		Chunk event.Chunk
	}
	// TurnAsked adds a question to the user.
	TurnAsked struct {
		Turn     string
		Question event.UserQuestion
	}
	// TurnTold closes a question.
	TurnTold struct {
		Turn   string
		Answer event.UserAnswer
	}
	// TurnCalled is a call of a turn, or what came of one.
	TurnCalled struct {
		Turn string
		Call Call
	}
	// TurnEnded closes a turn.
	TurnEnded struct {
		End event.End
		At  time.Time
	}
	// Talks says which session the faces talk in from now on, with its turns as far as they are known, oldest first.
	Talks struct {
		Session string
		Turns   []Turn
	}
	// TurnsFound tells of turns that were asked elsewhere, as far as they are known, oldest first.
	TurnsFound struct{ Turns []Turn }
	// AppReady says that everything was READY once.
	AppReady struct{ At time.Time }
	// Notice is one line for the person.
	Notice struct{ Text string }
	// Diagnosed replaces the diagnostics, and the files that they are about; nobody changes those.
	Diagnosed struct {
		List    diag.List
		Sources diag.Sources
	}
	// ModeChanged says who hands messages on now, and what is not promised then.
	ModeChanged struct{ Mode, Note string }
	// Reloaded says which generation the app runs now.
	Reloaded struct{ Generation int }
	// Planned says what a reload is about to do: its steps and their causes, a line each.
	Planned struct{ Plan string }
	// Faulted replaces the practice faults.
	Faulted struct{ List []Fault }
	// Supervised says whether the app has a supervisor.
	Supervised struct{ Present bool }
	// Stopping says that the app is going down.
	Stopping struct{}
)

func (ComponentChanged) event() {}
func (ComponentRemoved) event() {}
func (Heartbeat) event()        {}
func (Used) event()             {}
func (TurnStarted) event()      {}
func (TurnChunk) event()        {}
func (TurnAsked) event()        {}
func (TurnTold) event()         {}
func (TurnCalled) event()       {}
func (TurnEnded) event()        {}
func (Talks) event()            {}
func (TurnsFound) event()       {}
func (AppReady) event()         {}
func (Notice) event()           {}
func (Diagnosed) event()        {}
func (ModeChanged) event()      {}
func (Reloaded) event()         {}
func (Planned) event()          {}
func (Faulted) event()          {}
func (Supervised) event()       {}
func (Stopping) event()         {}

// String says it in a line.
func (e ModeChanged) String() string {
	if e.Note == "" {
		return "it is " + e.Mode + " now: what one component sends to another goes straight"
	}
	return "it is " + e.Mode + " now: " + e.Note
}

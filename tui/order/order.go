// Package order is what a pane asks of the program: values, at most one for each key that is pressed.
package order

import (
	"regexp"

	"github.com/woodwork-lang/ww/internal/logbuf"
)

// Order is one wish. The program fulfils it, or says in the status line why not.
type Order interface{ order() }

// Pane names a tab.
type Pane int

// The tabs, in the order of their numbers.
const (
	Chat Pane = iota
	Chains
	Breakers
	Logs
	Events
	Graph
	Config
	Panes // how many there are
)

// Verb is what shall be done to a component.
type Verb string

// The verbs.
const (
	Restart Verb = "restart"
	Start   Verb = "start"
	Stop    Verb = "stop"
)

// Doing is the verb while it is being done.
func (v Verb) Doing() string {
	if v == Stop {
		return "stopping"
	}
	return string(v) + "ing"
}

type (
	// Send submits text to the app.
	Send struct{ Text string }
	// Say answers a question that a turn asks the user.
	Say struct{ Session, Question, Text string }
	// Cancel asks for the end of a running turn.
	Cancel struct{ Turn, Session string }
	// Life changes the life of a component.
	Life struct {
		Do        Verb
		Component string
	}
	// Fault orders a practice fault: kill, hang, slow, drop; stop ends all. With From it is only for what that component
	// sends.
	Fault struct{ Do, Component, From string }
	// Faults lists the practice faults of a component.
	Faults struct{ Component string }
	// Pick asks a person to choose one of several things.
	Pick struct{ Items []Item }
	// Talks lists the sessions to go on with; Talk goes on with one, or begins one when none is named.
	Talks struct{}
	Talk  struct{ Session string }
	// Read shows a text about a turn: its messages or its recording.
	Read struct{ What, Session, Turn string }
	// Text shows a text over the panes.
	Text struct{ Title, Text string }
	// Replay asks the turns of a session again beside the app. How is all, llm or from; a hop is the Nth of that name in
	// its turn.
	Replay struct {
		How, Session, Turn, Component string
		Nth                           int
	}
	// Unplay ends the replay that goes on.
	Unplay struct{}
	// Overhear asks what the turns of other faces do.
	Overhear struct{}
	// Reload reads the files of the app again.
	Reload struct{}
	// Explain asks why a component is as it is.
	Explain struct{ Component, Instance string }
	// Route changes a breaker: trip, reset or hold it.
	Route struct{ Do, Target, Type string }
	// Lines asks for log lines: those that are there, at most a screenful of history, and then what comes.
	Lines struct{ Query LogQuery }
	// Copy puts text into the clipboard. What says in words what it is.
	Copy struct{ Text, What string }
	// Compose opens the user's editor on a text; what is saved comes back.
	Compose struct{ Text string }
	// Show goes to a tab, about a component or a turn when one is named.
	Show struct {
		Pane            Pane
		Component, Turn string
		Also            bool // logs: beside those that are shown
		All             bool // logs: of all components
	}
	// Leave steps out of the pane.
	Leave struct{}
	// Plain leaves the screen for plain lines.
	Plain struct{}
	// Zoom gives the pane with the focus the whole screen, or takes it back.
	Zoom struct{}
	// Help shows the keys that work now.
	Help struct{}
	// Quit ends the screen and the app.
	Quit struct{}
)

func (Send) order()     {}
func (Say) order()      {}
func (Cancel) order()   {}
func (Life) order()     {}
func (Explain) order()  {}
func (Fault) order()    {}
func (Faults) order()   {}
func (Pick) order()     {}
func (Talks) order()    {}
func (Talk) order()     {}
func (Read) order()     {}
func (Replay) order()   {}
func (Unplay) order()   {}
func (Reload) order()   {}
func (Overhear) order() {}
func (Route) order()    {}
func (Lines) order()    {}
func (Copy) order()     {}
func (Compose) order()  {}
func (Show) order()     {}
func (Plain) order()    {}
func (Text) order()     {}
func (Help) order()     {}
func (Zoom) order()     {}
func (Quit) order()     {}
func (Leave) order()    {}

// Item is one of several things to choose from.
type Item struct {
	Text string
	Key  string // that does the same, where there is one
	Do   Order
}

// What Read can show of a turn.
const (
	Messages  = "messages"
	Recording = "recording"
)

// LogQuery says which lines a log pane wants.
type LogQuery struct {
	Components []string // empty: all
	Grep       *regexp.Regexp
	Level      logbuf.Level
	Session    string // only lines about this session
	Turn       string // only lines about this turn
	Tail       int    // so many lines of history
}

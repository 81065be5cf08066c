// Package recording keeps what a turn was made of: what each component was asked and what it answered, so that a
// conversation can be run again without its models and tools.
//
// A recording is JSON lines, the form of docs/recording.md. While an app runs, every component writes its own lines, a
// [Tape], into files of bounded size and age; [Of] puts the lines of one session together, [Read] reads what [Recording.Write]
// wrote, and a [Player] answers from it.
//
// # What holds
//
//  1. What is recorded is in a journal already. A turn never waits for its recording.
//  2. A line that was lost is missed when it is played, and named: nothing is made up.
//  3. No secret of the app is in a recording.
//  4. Version 1 is read for ever.
package recording

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/event"
)

// Version is the first thing a recording says.
const Version = 1

// The kinds of line.
const (
	KindRecording = "recording" // the first line
	KindComponent = "component" // what a component was made of
	KindTurn      = "turn"      // what was asked and answered
	KindHop       = "hop"       // what a component on the way was handed, and what it handed on
	KindCall      = "call"      // what a component asked another one, and its answer
	KindGap       = "gap"       // lines were lost here
)

// Body is what was said. It is text in JSON, or an object with base64 where it is no text.
type Body []byte

// MarshalJSON implements json.Marshaler.
func (b Body) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) {
		return json.Marshal(string(b))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString(b)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Body) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*b = Body(s)
		return nil
	}
	var coded struct {
		Base64 *string `json:"base64"`
	}
	if err := json.Unmarshal(raw, &coded); err != nil || coded.Base64 == nil {
		return errors.New("want a text, or an object with base64")
	}
	v, err := base64.StdEncoding.DecodeString(*coded.Base64)
	*b = v
	return err
}

// Head is the first line.
type Head struct {
	V       int       `json:"v"`
	Kind    string    `json:"kind"`
	Session string    `json:"session"`
	App     string    `json:"app,omitempty"`
	Made    time.Time `json:"made"`
	Route   []string  `json:"route,omitempty"` // the components that its turns go through, when the session says
	Gaps    int       `json:"gaps,omitempty"`  // lines that were lost while it was recorded
	Lines   int       `json:"lines,omitempty"` // lines that follow; 0: nobody counted them
}

// Component is what a component was made of.
type Component struct {
	Kind      string            `json:"kind"`
	Component string            `json:"component"`
	At        time.Time         `json:"at"`
	WW        string            `json:"ww,omitempty"`    // the version that it was a part of
	Type      string            `json:"type"`            // as in a .ww file: llm openai
	Config    string            `json:"config"`          // hash of its properties
	Files     map[string]string `json:"files,omitempty"` // hashes of the files that they name, relative to the project
}

// Turn is what was asked and answered.
type Turn struct {
	Kind    string         `json:"kind"`
	ID      string         `json:"turn"`
	At      time.Time      `json:"at"`
	Input   string         `json:"input,omitempty"` // the component that took it
	Type    string         `json:"content_type,omitempty"`
	Text    string         `json:"text"`
	Status  event.Status   `json:"status"`
	Answer  string         `json:"answer"`
	Outputs []event.Output `json:"outputs,omitempty"`
	Error   string         `json:"error,omitempty"`
	TookMS  float64        `json:"took_ms"`
	Chain   []string       `json:"chain"`

	Entries []Entry `json:"-"` // in their order; the first one is hop 1
}

// Entry is a hop or a call.
type Entry struct {
	Kind        string    `json:"kind"`
	Turn        string    `json:"turn"`
	Hop         int       `json:"hop,omitempty"` // its number in the turn, from 1
	ID          string    `json:"id,omitempty"`  // of a call: the same one on every run
	At          time.Time `json:"at,omitzero"`
	Component   string    `json:"component"`        // of a call: who asks
	To          string    `json:"to,omitempty"`     // of a call: who is asked
	Type        string    `json:"type,omitempty"`   // of a call: what is asked
	Branch      string    `json:"branch,omitempty"` // of a hop, when the way forked
	RequestType string    `json:"request_type,omitempty"`
	Request     Body      `json:"request"`
	AnswerType  string    `json:"answer_type,omitempty"`
	Answer      Body      `json:"answer"`
	Error       string    `json:"error,omitempty"`
	Fallback    string    `json:"fallback,omitempty"`
	TookUS      int64     `json:"took_us,omitempty"`
	Session     string    `json:"session,omitempty"`
	Unrecorded  bool      `json:"unrecorded,omitempty"` // a hop of a component that only hands on, whose texts are not kept
	Instance    string    `json:"instance,omitempty"`
	Generation  int       `json:"generation,omitempty"`
	Attempt     int       `json:"attempt,omitempty"`
	ServiceMS   float64   `json:"service_ms,omitempty"`
}

// gap says that lines were lost.
type gap struct {
	Kind string `json:"kind"`
	Lost int    `json:"lost"`
}

// Recording is one session, put together.
type Recording struct {
	Head
	Components []Component
	Turns      []Turn
	Unknown    []string // what was read and left out: kinds of line, and fields as in turn.mood
}

// Component is what is known of a component.
func (r *Recording) Component(name string) (Component, bool) {
	for _, c := range r.Components {
		if c.Component == name {
			return c, true
		}
	}
	return Component{}, false
}

// Master is the component that handed messages on in a centralized app; empty: there was none, or it is not told, as in
// the recordings of early versions.
func (r *Recording) Master() string {
	for _, c := range r.Components {
		if r.kindOf(c.Component) == "task_master" {
			return c.Component
		}
	}
	return ""
}

// kindOf is the kind of a component: agent, llm.
func (r *Recording) kindOf(name string) string {
	c, _ := r.Component(name)
	kind, _, _ := strings.Cut(c.Type, " ")
	return kind
}

// Turn is the turn with this id, and its number from 1.
func (r *Recording) Turn(id string) (*Turn, int) {
	for i := range r.Turns {
		if r.Turns[i].ID == id {
			return &r.Turns[i], i + 1
		}
	}
	return nil, 0
}

// Step names a call of a turn in the same way on every run: the component on the way that it hangs on, and its number there,
// as in keeper/2; keeper/2/1 was made for that one.
func (e *Entry) Step() string { return key(e.Turn, e.ID) }

// key is what a call's id says on every run: of each part what stands before its first point. What follows there are the
// numbers of messages and the hashes of what was asked.
func key(turn, id string) string {
	rest, ok := strings.CutPrefix(id, turn+"/")
	if !ok {
		return id
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, ".")
	}
	return strings.Join(parts, "/")
}

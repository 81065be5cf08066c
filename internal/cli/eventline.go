package cli

import (
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// line is one line of `ww dev --ui=json`. Fields that do not belong to the event are absent.
type line struct {
	Event      string      `json:"event"`
	At         time.Time   `json:"at"`
	Component  *engine.Row `json:"component,omitempty"`
	Turn       string      `json:"turn,omitempty"`
	Session    string      `json:"session,omitempty"`
	Text       string      `json:"text,omitempty"`
	Stream     string      `json:"stream,omitempty"`
	Offset     *int        `json:"offset,omitempty"`
	End        *event.End  `json:"end,omitempty"`
	Question   string      `json:"question,omitempty"` // id of a question to the user
	Asker      string      `json:"asker,omitempty"`    // the component that asks
	None       string      `json:"none,omitempty"`     // why a question has no answer
	Plan       string      `json:"plan,omitempty"`
	Mode       string      `json:"mode,omitempty"`
	Generation int         `json:"generation,omitempty"`
	Problems   []string    `json:"problems,omitempty"`
}

// eventLine is nil for changes that only a screen needs.
func eventLine(e state.Event, now time.Time) *line {
	l := &line{At: now}
	switch e := e.(type) {
	case state.ComponentChanged:
		l.Event = "component"
		l.Component = &engine.Rows(state.State{Components: []state.Component{e.Component}}, now)[0]
	case state.TurnStarted:
		l.Event, l.Turn, l.Session, l.Text = "turn_started", e.Turn.ID, e.Turn.Session, e.Turn.Text
	case state.TurnChunk:
		l.Event, l.Turn, l.Stream, l.Offset, l.Text = "chunk", e.Turn, e.Chunk.Stream, &e.Chunk.Offset, e.Chunk.Text
	case state.TurnAsked:
		l.Event, l.Turn, l.Question, l.Asker, l.Text = "question", e.Turn, e.Question.ID, e.Question.Component, e.Question.Text
	case state.TurnTold:
		l.Event, l.Turn, l.Question, l.Text, l.None = "answered", e.Turn, e.Answer.ID, e.Answer.Text, e.Answer.None
	case state.TurnEnded:
		l.Event, l.Turn, l.Session, l.End = "turn_ended", e.End.Turn, e.End.Session, &e.End
	case state.AppReady:
		l.Event = "ready"
	case state.Stopping:
		l.Event = "stopping"
	case state.Notice:
		l.Event, l.Text = "notice", e.Text
	case state.Planned:
		l.Event, l.Plan = "reload", e.Plan
	case state.ModeChanged:
		l.Event, l.Mode, l.Text = "mode", e.Mode, e.Note
	case state.Reloaded:
		l.Event, l.Generation = "reloaded", e.Generation
	case state.Diagnosed:
		l.Event = "diagnosed"
		for _, d := range e.List {
			l.Problems = append(l.Problems, d.String())
		}
	default:
		return nil
	}
	return l
}

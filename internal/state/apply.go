package state

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
)

// Apply changes the picture by one event. It is a pure fold: the same events in the same order give the same
// picture in the engine, in the terminal and in a test. It keeps no memory of e.
func (s *State) Apply(e Event) {
	switch e := e.(type) {
	case ComponentChanged:
		s.putComponent(e.Component)
	case ComponentRemoved:
		s.removeComponent(e.Name, e.Instance)
	case Heartbeat:
		s.beat(e)
	case Used:
		if i, ok := s.find(e.Name, e.Instance); ok {
			s.Components[i].Usage = e.Usage
		}
	case TurnStarted:
		s.startTurn(e.Turn)
	case TurnChunk:
		s.addChunk(e)
	case TurnAsked:
		s.askTurn(e)
	case TurnTold:
		s.tellTurn(e)
	case TurnCalled:
		s.callTurn(e)
	case TurnEnded:
		s.endTurn(e)
	case Talks:
		s.Session = e.Session
		s.findTurns(e.Turns)
	case TurnsFound:
		s.findTurns(e.Turns)
	case AppReady:
		if !s.Ready {
			s.Ready, s.ReadyAt = true, e.At
		}
	case Notice:
		s.Notice = e.Text
	case Diagnosed:
		s.Diagnostics, s.Sources = cloneDiagnostics(e.List), e.Sources
	case ModeChanged:
		s.Mode, s.ModeNote = e.Mode, e.Note
	case Reloaded:
		s.Generation = e.Generation
	case Planned:
		s.Plan = e.Plan
	case Supervised:
		s.Supervisor = e.Present
	case Faulted:
		s.Faults = slices.Clone(e.List)
	case Stopping:
		s.Stopping = true
	}
}

// order sorts by name, ordinal and generation, so that a row keeps its place whatever happens to the others.
func order(a, b Component) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.Generation, b.Generation),
		cmp.Compare(a.Instance, b.Instance))
}

// find returns where name's instance is. It scans, so that a picture that somebody built by hand need not be sorted.
func (s *State) find(name, instance string) (int, bool) {
	for i, c := range s.Components {
		if c.Name == name && c.Instance == instance {
			return i, true
		}
	}
	return 0, false
}

// place is where a new row belongs.
func (s *State) place(c Component) int {
	for i, other := range s.Components {
		if order(other, c) > 0 {
			return i
		}
	}
	return len(s.Components)
}

// putComponent replaces or adds. An entry without an instance stands for a component that has not registered
// yet; the first instance that does takes its place.
func (s *State) putComponent(c Component) {
	c.LastLines, c.Breakers = slices.Clone(c.LastLines), slices.Clone(c.Breakers)
	c.SuccessRate = share(c.SuccessRate)
	c.InFlight, c.Max, c.Queued = max(c.InFlight, 0), max(c.Max, 0), max(c.Queued, 0)
	if i, ok := s.find(c.Name, c.Instance); ok {
		// A record is read from disk and may be older than the last sign of life.
		if old := s.Components[i].HeartbeatAt; c.HeartbeatAt.Before(old) {
			c.HeartbeatAt = old
		}
		if c.Usage == (Usage{}) && c.PIDs.Runner == s.Components[i].PIDs.Runner && c.PIDs.Runner != 0 {
			c.Usage = s.Components[i].Usage // whoever tells the rest does not measure
		}
		if c.PIDs.Runner == s.Components[i].PIDs.Runner && c.PIDs.Runner != 0 {
			c.Pace = s.Components[i].Pace // heartbeats tell of it
		}
		if order(s.Components[i], c) == 0 {
			s.Components[i] = c
			return
		}
		s.Components = slices.Delete(s.Components, i, i+1)
	}
	s.removeComponent(c.Name, "")
	s.Components = slices.Insert(s.Components, s.place(c), c)
}

func (s *State) removeComponent(name, instance string) {
	if i, ok := s.find(name, instance); ok {
		s.Components = slices.Delete(s.Components, i, i+1)
	}
}

// beat takes over the load. A heartbeat of an unknown instance is dropped: its record comes first or never.
func (s *State) beat(e Heartbeat) {
	i, ok := s.find(e.Name, e.Instance)
	if !ok || e.At.Before(s.Components[i].HeartbeatAt) {
		return
	}
	c := &s.Components[i]
	c.HeartbeatAt = e.At
	c.InFlight, c.Max, c.Queued = max(e.Health.InFlight, 0), max(e.Health.Max, 0), max(e.Health.Queued, 0)
	c.SuccessRate = share(e.Health.SuccessRate)
	c.Breakers = slices.Clone(e.Health.Breakers)
	c.Pace = c.Pace.after(e.Health)
	switch {
	case c.State == Ready && c.InFlight > 0:
		c.State = Active
	case c.State == Active && c.InFlight == 0:
		c.State = Ready
	}
}

// share makes x a number from 0 to 1; NaN counts as no failure seen.
func share(x float64) float64 {
	if math.IsNaN(x) {
		return 1
	}
	return min(max(x, 0), 1)
}

// turn returns the turn with that id, or nil. The newest are asked first: that is where the traffic is.
func (s *State) turn(id string) *Turn {
	for i := len(s.Turns) - 1; i >= 0; i-- {
		if s.Turns[i].ID == id {
			return &s.Turns[i]
		}
	}
	return nil
}

// Knows says whether the picture has a turn.
func (s *State) Knows(turn string) bool { return s.turn(turn) != nil }

// startTurn adds a turn. A turn that is known already, because it was submitted twice or because its end was
// faster, keeps its place and only learns what it did not know.
func (s *State) startTurn(t Turn) {
	old := s.turn(t.ID)
	if old == nil {
		t.End = cloneEnd(t.End)
		t.orderTimes()
		s.Turns = append(s.Turns, t)
		s.boundTurns()
		return
	}
	old.Text = cmp.Or(old.Text, t.Text)
	old.Session = cmp.Or(old.Session, t.Session)
	if old.StartedAt.IsZero() {
		old.StartedAt = t.StartedAt
		old.orderTimes()
	}
}

// findTurns adds what is known of turns. Those that are new take their place among the others.
func (s *State) findTurns(turns []Turn) {
	fresh := false
	for _, t := range turns {
		fresh = fresh || s.turn(t.ID) == nil
		s.startTurn(t)
		if t.End != nil {
			s.endTurn(TurnEnded{End: *t.End, At: t.EndedAt})
		}
	}
	if fresh {
		slices.SortStableFunc(s.Turns, func(a, b Turn) int { return a.StartedAt.Compare(b.StartedAt) })
	}
}

// orderTimes sees to it that no turn ends before it began: start and end may be read from different clocks.
func (t *Turn) orderTimes() {
	if t.End != nil && t.EndedAt.Before(t.StartedAt) {
		t.EndedAt = t.StartedAt
	}
}

// boundTurns forgets the oldest finished turn, or the oldest when all are running.
func (s *State) boundTurns() {
	for len(s.Turns) > MaxTurns {
		i := max(0, slices.IndexFunc(s.Turns, func(t Turn) bool { return t.End != nil }))
		s.Turns = slices.Delete(s.Turns, i, i+1)
	}
}

// gap stands where streamed text was lost on the way. The final answer is whole all the same.
const gap = "…"

// addChunk appends what is new in a chunk. Chunks may repeat and may be lost, so the offset decides.
func (s *State) addChunk(e TurnChunk) {
	t := s.turn(e.Turn)
	if t == nil || t.End != nil || e.Chunk.Offset < 0 {
		return
	}
	if t.Stream != e.Chunk.Stream {
		t.Stream, t.Partial, t.Streamed = e.Chunk.Stream, "", 0
	}
	text, seen := e.Chunk.Text, t.Streamed-e.Chunk.Offset
	switch {
	case seen >= len(text):
		return
	case seen >= 0:
		t.Partial += text[seen:]
	default:
		t.Partial += gap + text
	}
	t.Streamed = e.Chunk.Offset + len(text)
	if over := len(t.Partial) - MaxPartial; over > 0 {
		t.Partial = strings.ToValidUTF8(t.Partial[over:], "")
	}
}

// askTurn adds a question; one that comes again is the same one.
func (s *State) askTurn(e TurnAsked) {
	t := s.turn(e.Turn)
	if t == nil || slices.ContainsFunc(t.Asked, func(x Exchange) bool { return x.Question.ID == e.Question.ID }) {
		return
	}
	t.Asked = append(t.Asked[:len(t.Asked):len(t.Asked)], Exchange{Question: e.Question})
}

// tellTurn closes a question; the first answer stands.
func (s *State) tellTurn(e TurnTold) {
	t := s.turn(e.Turn)
	if t == nil {
		return
	}
	i := slices.IndexFunc(t.Asked, func(x Exchange) bool { return x.Question.ID == e.Answer.ID })
	if i < 0 || t.Asked[i].Answer != nil {
		return
	}
	t.Asked = slices.Clone(t.Asked) // whoever has the old picture keeps it
	t.Asked[i].Answer = &e.Answer
}

// callTurn adds a call, or what came of it. A call that is made again, because its caller died, is the same one.
func (s *State) callTurn(e TurnCalled) {
	t := s.turn(e.Turn)
	if t == nil {
		return
	}
	c := e.Call
	c.Data, c.Result = bounded(c.Data), bounded(c.Result)
	t.Calls = slices.Clone(t.Calls) // whoever has the old picture keeps it
	i := slices.IndexFunc(t.Calls, func(x Call) bool { return x.ID == c.ID })
	if i < 0 {
		t.Calls = append(t.Calls, c)
		t.Calls = t.Calls[max(0, len(t.Calls)-MaxCalls):]
		return
	}
	old := t.Calls[i]
	c.Data, c.Type = cmp.Or(c.Data, old.Data), cmp.Or(c.Type, old.Type)
	if c.StartedAt.IsZero() {
		c.StartedAt = old.StartedAt
	}
	t.Calls[i] = c
}

func bounded(s string) string {
	if len(s) <= MaxCallText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxCallText], "") + gap
}

// endTurn closes a turn; the first end stands. An end whose start was never seen is added all the same, because
// an answer is not dropped for want of its question.
func (s *State) endTurn(e TurnEnded) {
	if s.turn(e.End.Turn) == nil {
		s.startTurn(Turn{ID: e.End.Turn, Session: e.End.Session})
	}
	t := s.turn(e.End.Turn)
	if t == nil || t.End != nil {
		return
	}
	t.End, t.EndedAt = cloneEnd(&e.End), e.At
	t.orderTimes()
	t.Partial, t.Streamed = "", 0
}

func cloneEnd(e *event.End) *event.End {
	if e == nil {
		return nil
	}
	c := *e
	c.Outputs, c.Hops = slices.Clone(e.Outputs), slices.Clone(e.Hops)
	return &c
}

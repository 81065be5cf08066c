package cli

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/session"
)

// subject is a session or a turn whose lines are wanted: those that name it, and those that a component wrote while it
// worked on it.
type subject struct {
	a             app.App
	session, turn string

	names []string
	spans map[string][]span
	at    time.Time     // up to then everything is known
	took  time.Duration // to find it out
}

const (
	lookPause  = 250 * time.Millisecond // between two looks of a follower
	lookShare  = 10                     // and at least so many times as long as a look takes
	settledFor = 20 * time.Millisecond  // what a component did is in its journal by then, and its line in the log
)

// pick has the lines chosen that are about a session or a turn, if they should be.
func (o logsOptions) pick(a app.App, q *logbuf.Query) error {
	if o.Session == "" && o.Turn == "" {
		return nil
	}
	s := &subject{a: a, session: o.Session, turn: o.Turn}
	if err := s.look(); err != nil {
		return failed(err)
	}
	if !o.Follow {
		q.Only = s.has
		return nil
	}
	q.Only = func(l logbuf.Line) bool { return s.has(l) || !s.knows(l) } // what is not known yet is decided when it is passed on
	q.Late = s.late
	return nil
}

func (s *subject) has(l logbuf.Line) bool {
	return during(s.spans[l.Component], l.Time) || namesAny(l.Text, s.names)
}

// knows says whether the last look has seen what a component did when it wrote a line.
func (s *subject) knows(l logbuf.Line) bool { return l.Time.Add(settledFor).Before(s.at) }

// late decides about a line that has just come; it looks again when it has to, but not all the time.
func (s *subject) late(l logbuf.Line) (logbuf.Verdict, error) {
	if !s.has(l) && !s.knows(l) && time.Since(s.at) >= max(lookPause, lookShare*s.took) {
		if err := s.look(); err != nil {
			return logbuf.Undecided, err
		}
	}
	switch {
	case s.has(l):
		return logbuf.Wanted, nil
	case s.knows(l):
		return logbuf.Unwanted, nil
	}
	return logbuf.Undecided, nil
}

// look finds out when each component worked on it so far: of turns that have ended their session tells, of others the
// journals.
func (s *subject) look() error {
	at := time.Now()
	turns, err := s.turns()
	if err != nil {
		return err
	}
	if s.session == "" && len(turns) == 1 && turns[0].EndedAt != nil {
		s.know(turns, nil, at)
		return nil
	}
	w, err := readWork(s.a, s.session, turns)
	if err != nil {
		return err
	}
	if s.turn != "" {
		w.only(s.turn)
	}
	s.know(slices.Collect(maps.Values(w.turns)), w.open(), at)
	return nil
}

func (s *subject) know(turns []session.Turn, open map[string][]span, at time.Time) {
	s.spans, s.names = spansOf(turns), nil
	for name, more := range open {
		s.spans[name] = append(s.spans[name], more...)
	}
	if s.turn == "" {
		s.names = append(s.names, s.session)
	}
	for _, t := range turns {
		s.names = append(s.names, t.ID)
	}
	s.at, s.took = at, time.Since(at)
}

// turns are those that sessions know of. A turn that no session knows may be in the journals.
func (s *subject) turns() ([]session.Turn, error) {
	dir := session.In(s.a.State)
	if s.turn == "" {
		found, err := dir.Show(s.session)
		if errors.Is(err, session.ErrNotFound) {
			err = nil
		}
		return found.List, err
	}
	t, err := dir.Find(s.turn)
	if errors.Is(err, session.ErrNotFound) {
		t, err = fromJournals(s.a, s.turn, t, err)
	}
	if err != nil {
		return nil, err
	}
	return []session.Turn{t}, nil
}

// work is what journals say of the turns of a session, besides what the session knows.
type work struct {
	turns map[string]session.Turn
	hops  map[string]map[string][]span // by turn and component, as far as they have begun
}

func readWork(a app.App, id string, known []session.Turn) (work, error) {
	w := work{turns: map[string]session.Turn{}, hops: map[string]map[string][]span{}}
	for _, t := range known {
		w.turns[t.ID] = t
		if id == "" {
			id = t.Session
		}
	}
	return w, engine.ReadSession(a.State, id, func(component string, r *delivery.Record) error {
		if id := r.Head.Turn; id != "" && w.turns[id].EndedAt == nil {
			w.take(component, id, r)
		}
		return nil
	})
}

func (w work) take(component, turn string, r *delivery.Record) {
	t := w.turns[turn]
	switch r.Kind {
	case delivery.Turn:
		t = accepted(t, component, r)
		w.begin(turn, component, recordTime(r))
	case delivery.In:
		if !delivery.IsReport(r.Head.Type) {
			w.begin(turn, component, recordTime(r))
		}
		return
	case delivery.Out:
		w.end(turn, component, recordTime(r))
		return
	case delivery.End:
		end, err := event.ParseEnd(&r.Head)
		if err != nil {
			return
		}
		t = ended(t, end, r)
	default:
		return
	}
	t.ID = turn
	w.turns[turn] = t
}

func (w work) begin(turn, component string, at time.Time) {
	if w.hops[turn] == nil {
		w.hops[turn] = map[string][]span{}
	}
	w.hops[turn][component] = append(w.hops[turn][component], span{from: at.Add(-spanSlack), to: endless})
}

// endless is the end of what has none yet.
var endless = time.Unix(1<<40, 0)

func (w work) end(turn, component string, at time.Time) {
	hops := w.hops[turn][component]
	for i := range hops {
		if hops[i].to.Equal(endless) {
			hops[i].to = at.Add(time.Millisecond + spanSlack) // records have whole milliseconds
			return
		}
	}
}

// only forgets the other turns.
func (w work) only(turn string) {
	maps.DeleteFunc(w.turns, func(id string, _ session.Turn) bool { return id != turn })
	maps.DeleteFunc(w.hops, func(id string, _ map[string][]span) bool { return id != turn })
}

// open are the spans of the turns that have not ended. Of the others the trace tells better.
func (w work) open() map[string][]span {
	out := map[string][]span{}
	for turn, hops := range w.hops {
		if w.turns[turn].EndedAt != nil {
			continue
		}
		for component, spans := range hops {
			out[component] = append(out[component], spans...)
		}
	}
	return out
}

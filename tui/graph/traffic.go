package graph

import (
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Spans of time that the drawing looks back.
const (
	counted = time.Minute     // for how often something went along
	blamed  = 5 * time.Minute // for what went wrong
)

// traffic is what goes along every way, and how the components at its ends are.
type traffic struct {
	words  map[string]state.Word
	passed map[string]int // hops of ended turns, by component
	ways   map[[2]string]*way
}

// way is what is known of one connection.
type way struct {
	recent   int // in the last minute
	inFlight int
	failedAt time.Time
	failure  string
	breaker  string // when it is not closed
	fault    string // a practice fault
}

// traffic looks through the picture.
func (a about) traffic(now time.Time) traffic {
	t := traffic{words: map[string]state.Word{}, passed: map[string]int{}, ways: map[[2]string]*way{}}
	for i := range a.components {
		c := &a.components[i]
		t.words[c.Name] = c.State
		for _, b := range c.Breakers {
			if b.State == "closed" {
				continue
			}
			if from, to, ok := strings.Cut(b.Route, " → "); ok {
				to, _, _ = strings.Cut(to, "/")
				t.way(from, to).breaker = b.State
			}
		}
	}
	for i := range a.turns {
		t.turn(&a.turns[i], now)
	}
	for _, f := range a.faults {
		t.way(f.From, f.Component).fault = f.Do // from nobody: on every way to it
	}
	return t
}

func (t traffic) way(from, to string) *way {
	k := [2]string{from, to}
	if t.ways[k] == nil {
		t.ways[k] = &way{}
	}
	return t.ways[k]
}

// turn counts the hops of a turn that has ended, and the calls of every turn.
func (t traffic) turn(turn *state.Turn, now time.Time) {
	for _, c := range turn.Calls {
		w := t.way(c.From, c.To)
		if !c.Done {
			if turn.End == nil {
				w.inFlight++
			}
			continue
		}
		w.passed(c.StartedAt.Add(c.Took), c.Error, now)
	}
	if turn.End == nil {
		if at := speaks(turn); at != "" {
			t.way("", at).inFlight++
		}
		return
	}
	parent, master := "", ""
	for _, h := range turn.End.Hops {
		t.passed[h.Component]++
		if h.HandedOn { // what it hands on goes along the way of who sent it
			parent, master = h.Parent, h.Component
			continue
		}
		if h.Parent != master || master == "" {
			parent = h.Parent
		}
		t.way(parent, h.Component).passed(turn.EndedAt, h.Error, now)
	}
	if turn.End.Status != event.StatusOK && len(turn.End.Hops) > 0 {
		t.way(parent, turn.End.Hops[len(turn.End.Hops)-1].Component).failed(turn.EndedAt, turn.End.Error, now)
	}
}

// speaks is the component that streams the answer of a turn.
func speaks(turn *state.Turn) string {
	_, rest, _ := strings.Cut(turn.Stream, "/")
	at, _, _ := strings.Cut(rest, "/")
	return at
}

func (w *way) passed(at time.Time, failure string, now time.Time) {
	if now.Sub(at) <= counted {
		w.recent++
	}
	w.failed(at, failure, now)
}

func (w *way) failed(at time.Time, failure string, now time.Time) {
	if failure != "" && now.Sub(at) <= blamed && !at.Before(w.failedAt) {
		w.failedAt, w.failure = at, failure
	}
}

// edge is what is known of a connection of the graph. Turns that are under way are where they are answered, whichever way
// they came.
func (t traffic) edge(e graph.Edge) way {
	var w way
	if known := t.ways[[2]string{e.From, e.To}]; known != nil {
		w = *known
	}
	if known := t.ways[[2]string{"", e.To}]; known != nil {
		if e.Chain {
			w.inFlight += known.inFlight
		}
		if e.Chain && known.failedAt.After(w.failedAt) {
			w.failedAt, w.failure = known.failedAt, known.failure
		}
		if known.fault != "" {
			w.fault = known.fault
		}
	}
	return w
}

// words says it: how much goes there, and what needs a person; where there is little room, that first.
func (w way) words(t *theme.Theme, now time.Time, narrow bool) string {
	var parts, work []string
	if w.breaker != "" {
		parts = append(parts, t.Marks.Open+" breaker "+w.breaker)
	}
	if w.fault != "" {
		parts = append(parts, t.Marks.Open+" practice fault: "+w.fault)
	}
	if w.failure != "" {
		parts = append(parts, fmt.Sprintf("%s %s ago: %s", t.Marks.No, kit.Age(now.Sub(w.failedAt)), kit.CleanLine(w.failure)))
	}
	if w.inFlight > 0 {
		work = append([]string{fmt.Sprintf("%d in flight", w.inFlight)}, work...)
	}
	if w.recent > 0 {
		work = append([]string{rate(w.recent)}, work...)
	}
	if narrow {
		parts = append(parts, work...)
	} else {
		parts = append(work, parts...)
	}
	return strings.Join(parts, " "+t.Marks.Dot+" ")
}

// rate is how often something happened within a minute.
func rate(n int) string {
	if n >= 120 {
		return fmt.Sprintf("%d/s", n/60)
	}
	return fmt.Sprintf("%d/min", n)
}

package component_test

import (
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// settable is a clock that a test sets.
type settable struct {
	wall time.Time
	boot time.Duration
	id   string
}

func (s settable) clock() *component.Clock {
	real := component.SystemClock()
	wall, boot := s.wall.Sub(real.Wall()), s.boot-real.Boot()
	return &component.Clock{
		Wall: func() time.Time { return real.Wall().Add(wall) },
		Boot: func() time.Duration { return real.Boot() + boot },
		ID:   s.id,
	}
}

// left asks a turn with a deadline of ten minutes that nobody takes, and ends the app.
func left(t *testing.T, a *app) {
	t.Helper()
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "out")
	sub := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t1", Session: "s", TTL: 600_000}})
	<-sub.reply
	in.end(t)
}

// TestTheTimeOfATurnRunsOnTheBootClock: within one boot the wall clock may jump as it likes, and a night asleep counts;
// after another boot the wall clock counts.
func TestTheTimeOfATurnRunsOnTheBootClock(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		then settable
		over bool
	}{
		{"a minute later", settable{noon.Add(time.Minute), time.Hour + time.Minute, "b1"}, false},
		{"the wall clock was set a year on", settable{noon.AddDate(1, 0, 0), time.Hour + time.Minute, "b1"}, false},
		{"the wall clock was set back, and the machine slept", settable{noon.Add(-time.Hour), 9 * time.Hour, "b1"}, true},
		{"another boot, a minute later", settable{noon.Add(time.Minute), time.Second, "b2"}, false},
		{"another boot, the next day", settable{noon.AddDate(0, 0, 1), time.Second, "b2"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp(t)
			a.clock = settable{noon, time.Hour, "b1"}.clock()
			left(t, a)
			a.net, a.clock = newNet(), tt.then.clock()
			out := a.start("out", handler{traits: component.Traits{Inline: true}, handle: pass("!")})
			in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "out")
			end := a.await("t1", "s")
			if over := strings.Contains(end.Error, "deadline"); over != tt.over || end.Status == event.StatusOK == tt.over {
				t.Errorf("ended %+v", end)
			}
			in.end(t)
			out.end(t)
		})
	}
}

package state

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/event"
)

func TestHeartbeatsLeaveATrailThatRecordsDoNotErase(t *testing.T) {
	t.Parallel()
	a := Component{Name: "a", Instance: "a-1", PIDs: PIDs{Runner: 7}}
	s := fold(ComponentChanged{a})
	for i := range TrailLen + 2 {
		s.Apply(Heartbeat{Name: "a", Instance: "a-1", At: at(i), Health: event.Health{AvgServiceMS: float64(i), OldestAgeMS: 1500}})
	}
	s.Apply(ComponentChanged{a})
	p := s.Components[0].Pace
	if p.Service != time.Duration(TrailLen+1)*time.Millisecond || p.OldestAge != 1500*time.Millisecond {
		t.Errorf("after the heartbeats: %+v", p)
	}
	if p.Trail[0] != 2 || p.Trail[TrailLen-1] != TrailLen+1 {
		t.Errorf("the trail is %v", p.Trail)
	}
	a.PIDs.Runner = 8
	s.Apply(ComponentChanged{a})
	if got := s.Components[0].Pace; got != (Pace{}) {
		t.Errorf("another process has the pace of the one before: %+v", got)
	}
}

func TestTurnsFromElsewhereTakeTheirPlace(t *testing.T) {
	t.Parallel()
	ended := Turn{ID: "2", Session: "s", Text: "two", StartedAt: at(2), EndedAt: at(3), End: &event.End{Turn: "2", Status: event.StatusOK, Answer: "yes"}}
	s := fold(
		TurnStarted{Turn{ID: "3", Session: "mine", Text: "three", StartedAt: at(4)}},
		TurnsFound{[]Turn{{ID: "1", Session: "s", Text: "one", StartedAt: at(1)}, ended}},
		TurnsFound{[]Turn{{ID: "1", StartedAt: at(6), EndedAt: at(6), End: &event.End{Turn: "1", Status: event.StatusFailed}}}},
		Talks{Session: "s", Turns: []Turn{ended}},
	)
	var got []string
	for _, t := range s.Turns {
		got = append(got, t.ID+t.Text)
	}
	if d := cmp.Diff([]string{"1one", "2two", "3three"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if s.Session != "s" || s.Turns[0].End == nil || s.Turns[0].End.Status != event.StatusFailed || s.Turns[1].End.Answer != "yes" {
		t.Errorf("%+v", s)
	}
}

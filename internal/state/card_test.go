package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
)

func TestTheCardOfACrashSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	now := time.Now()
	card := state.Card{
		Reason: "killed by SIGKILL: out of memory", Exit: state.Exit{Signal: "SIGKILL", OOM: true},
		LastLines: []string{"loading", "almost"}, Waiting: 2, Restarts: 3, LastDeath: "exit status 1", NextIn: 1500 * time.Millisecond,
		LastIn:  &state.Passed{At: now.Add(-3 * time.Second), Peer: "brain", Type: "text", Turn: "t-1", Text: "hi\nyou\x1b[1m"},
		LastOut: &state.Passed{At: now.Add(-5 * time.Hour), Type: "text"},
	}
	var got []string
	for _, e := range card.Entries(now) {
		got = append(got, fmt.Sprintf("%s|%s", e.Label, e.Text))
	}
	want := `why|killed by SIGKILL: out of memory
memory|it ran out: the kernel killed it. Give it less to hold, or the machine more
last lines|│ loading
|│ almost
last in|text from brain, 3 s ago, turn t-1: "hi\nyou\x1b[1m"
last out|text to a face, 5 h ago
waiting|2 messages wait for it, none is lost
restarts|3, the last after: exit status 1, next try in 1.5 s`
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	if e := (state.Card{}).Entries(now); len(e) != 0 {
		t.Errorf("an empty card says %v", e)
	}
}

func TestWhatIsUsedStaysWhenSomethingElseChanges(t *testing.T) {
	t.Parallel()
	var s state.State
	c := state.Component{Name: "a", Instance: "a-1", State: state.Ready, PIDs: state.PIDs{Runner: 7}}
	s.Apply(state.ComponentChanged{Component: c})
	s.Apply(state.Used{Name: "a", Instance: "a-1", Usage: state.Usage{Memory: 5}})
	s.Apply(state.Used{Name: "b", Instance: "b-1", Usage: state.Usage{Memory: 6}}) // nobody
	c.State = state.Active
	s.Apply(state.ComponentChanged{Component: c})
	if got := s.Components[0].Usage.Memory; got != 5 || len(s.Components) != 1 {
		t.Errorf("%+v", s.Components)
	}
	c.PIDs.Runner = 8
	s.Apply(state.ComponentChanged{Component: c})
	if got := s.Components[0].Usage.Memory; got != 0 {
		t.Errorf("a new process has what the old one used: %d", got)
	}
}

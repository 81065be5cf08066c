package state

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
)

func at(sec int) time.Time { return time.Unix(1_700_000_000+int64(sec), 0).UTC() }

func chunk(turn, stream string, offset int, text string) TurnChunk {
	return TurnChunk{Turn: turn, Chunk: event.Chunk{Stream: stream, Offset: offset, Text: text}}
}

func ended(turn, answer string, sec int) TurnEnded {
	return TurnEnded{End: event.End{Turn: turn, Status: event.StatusOK, Answer: answer}, At: at(sec)}
}

func fold(events ...Event) State {
	var s State
	for _, e := range events {
		s.Apply(e)
	}
	return s
}

func TestApplyComponents(t *testing.T) {
	t.Parallel()
	up := func(name, inst string, w Word) Event {
		return ComponentChanged{Component{Name: name, Instance: inst, State: w, SuccessRate: 1}}
	}
	beat := func(name, inst string, sec, inflight int) Event {
		return Heartbeat{Name: name, Instance: inst, At: at(sec), Health: event.Health{InFlight: inflight, Max: 10, SuccessRate: 1}}
	}
	tests := []struct {
		name   string
		events []Event
		want   []string // name/instance/state/in flight
	}{
		{
			"rows are sorted by name and instance",
			[]Event{up("out", "o-1", Ready), up("in", "i-2", Ready), up("in", "i-1", Failed)},
			[]string{"in/i-1/failed/0", "in/i-2/ready/0", "out/o-1/ready/0"},
		},
		{
			"a change replaces the row in place",
			[]Event{up("a", "1", Starting), up("b", "1", Starting), up("a", "1", Ready)},
			[]string{"a/1/ready/0", "b/1/starting/0"},
		},
		{
			"the first instance takes the place of the placeholder",
			[]Event{up("a", "", Starting), up("a", "1", Ready), up("a", "2", Ready)},
			[]string{"a/1/ready/0", "a/2/ready/0"},
		},
		{
			"a removed instance goes, an unknown one is nobody",
			[]Event{up("a", "1", Ready), up("a", "2", Ready), ComponentRemoved{"a", "1"}, ComponentRemoved{"x", ""}},
			[]string{"a/2/ready/0"},
		},
		{"work makes ready active", []Event{up("a", "1", Ready), beat("a", "1", 1, 2)}, []string{"a/1/active/2"}},
		{"no work makes active ready", []Event{up("a", "1", Active), beat("a", "1", 1, 0)}, []string{"a/1/ready/0"}},
		{"a draining component stays draining while it works", []Event{up("a", "1", Draining), beat("a", "1", 1, 2)}, []string{"a/1/draining/2"}},
		{"an older heartbeat changes nothing", []Event{up("a", "1", Ready), beat("a", "1", 5, 2), beat("a", "1", 4, 0)}, []string{"a/1/active/2"}},
		{"a stranger's heartbeat adds no row", []Event{beat("a", "1", 1, 1)}, nil},
		{"impossible numbers are made possible", []Event{ComponentChanged{Component{Name: "a", InFlight: -3, State: Ready}}}, []string{"a//ready/0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := fold(tt.events...)
			var got []string
			for _, c := range s.Components {
				got = append(got, fmt.Sprintf("%s/%s/%s/%d", c.Name, c.Instance, c.State, c.InFlight))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
		})
	}
}

func TestApplyKeepsTheNewerSignOfLife(t *testing.T) {
	t.Parallel()
	s := fold(
		ComponentChanged{Component{Name: "a", State: Ready}},
		Heartbeat{Name: "a", At: at(9), Health: event.Health{SuccessRate: math.NaN()}},
		ComponentChanged{Component{Name: "a", State: Draining, HeartbeatAt: at(3), SuccessRate: 7}},
	)
	if got := s.Components[0].HeartbeatAt; !got.Equal(at(9)) {
		t.Errorf("heartbeat at %v, want %v", got, at(9))
	}
	if got := s.Components[0].SuccessRate; got != 1 {
		t.Errorf("success rate %v, want 1", got)
	}
}

func TestApplyTurns(t *testing.T) {
	t.Parallel()
	start := func(id string) Event {
		return TurnStarted{Turn{ID: id, Session: "s", Text: "q " + id, StartedAt: at(1)}}
	}
	tests := []struct {
		name   string
		events []Event
		want   []string // id "text" partial → answer
	}{
		{"chunks append", []Event{start("1"), chunk("1", "x", 0, "ab"), chunk("1", "x", 2, "cd")}, []string{`1 "q 1" abcd`}},
		{"a repeated chunk adds nothing", []Event{start("1"), chunk("1", "x", 0, "ab"), chunk("1", "x", 0, "ab")}, []string{`1 "q 1" ab`}},
		{"an overlapping chunk adds its new end", []Event{start("1"), chunk("1", "x", 0, "ab"), chunk("1", "x", 1, "bc")}, []string{`1 "q 1" abc`}},
		{"a lost chunk leaves a mark", []Event{start("1"), chunk("1", "x", 0, "ab"), chunk("1", "x", 5, "f"), chunk("1", "x", 6, "g")}, []string{`1 "q 1" ab…fg`}},
		{"a new stream begins again", []Event{start("1"), chunk("1", "x", 0, "ab"), chunk("1", "y", 0, "c")}, []string{`1 "q 1" c`}},
		{"the end takes the place of what was streamed", []Event{start("1"), chunk("1", "x", 0, "ab"), ended("1", "abc", 3)}, []string{`1 "q 1" → abc`}},
		{"the first end stands", []Event{start("1"), ended("1", "first", 3), ended("1", "second", 4), chunk("1", "x", 0, "late")}, []string{`1 "q 1" → first`}},
		{"a turn that starts twice is one turn", []Event{start("1"), start("2"), start("1")}, []string{`1 "q 1" `, `2 "q 2" `}},
		{"an end may come before its start", []Event{ended("1", "a", 3), start("1")}, []string{`1 "q 1" → a`}},
		{"a stranger's chunk adds no turn", []Event{chunk("9", "x", 0, "ab")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := fold(tt.events...)
			var got []string
			for _, u := range s.Turns {
				line := fmt.Sprintf("%s %q %s", u.ID, u.Text, u.Partial)
				if u.End != nil {
					line += "→ " + u.End.Answer
				}
				got = append(got, line)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("turns (-want +got):\n%s", d)
			}
		})
	}
}

func TestApplyCalls(t *testing.T) {
	t.Parallel()
	begun := TurnCalled{Turn: "1", Call: Call{ID: "c", From: "brain", To: "sums", Type: "process_request", Data: "1+1", StartedAt: at(1)}}
	ended := TurnCalled{Turn: "1", Call: Call{ID: "c", From: "brain", To: "sums", Result: strings.Repeat("2", 2*MaxCallText), Took: time.Second, Done: true}}
	s := fold(TurnStarted{Turn{ID: "1"}}, begun)
	before := s.Turns[0].Calls
	s.Apply(ended)
	s.Apply(begun)
	s.Apply(TurnCalled{Turn: "nobody's", Call: begun.Call})
	c := s.Turns[0].Calls
	if len(c) != 1 || c[0].Data != "1+1" || !c[0].StartedAt.Equal(at(1)) || c[0].Type != "process_request" {
		t.Errorf("got %+v", c)
	}
	if n := len(c[0].Result); n > MaxCallText+len(gap) {
		t.Errorf("%d bytes of an answer are kept", n)
	}
	if before[0].Done {
		t.Error("an old picture was changed")
	}
	for i := range MaxCalls + 5 {
		s.Apply(TurnCalled{Turn: "1", Call: Call{ID: fmt.Sprint(i)}})
	}
	if n := len(s.Turns[0].Calls); n != MaxCalls || s.Turns[0].Calls[n-1].ID != fmt.Sprint(MaxCalls+4) {
		t.Errorf("%d calls are kept", n)
	}
}

func TestApplyForgetsTheOldestFinishedTurn(t *testing.T) {
	t.Parallel()
	var s State
	for i := range MaxTurns + 10 {
		s.Apply(TurnStarted{Turn{ID: fmt.Sprint(i)}})
		if i != 0 {
			s.Apply(ended(fmt.Sprint(i), "", i))
		}
	}
	if len(s.Turns) != MaxTurns || s.Turns[0].ID != "0" || s.Turns[1].ID != "11" {
		t.Errorf("%d turns, first %s and %s; want %d, first 0 (running) and 11", len(s.Turns), s.Turns[0].ID, s.Turns[1].ID, MaxTurns)
	}
}

func TestApplyBoundsStreamedText(t *testing.T) {
	t.Parallel()
	s := fold(TurnStarted{Turn{ID: "1"}}, chunk("1", "x", 0, strings.Repeat("é", MaxPartial/2)), chunk("1", "x", MaxPartial, "end"))
	if got := s.Turns[0].Partial; len(got) > MaxPartial || !strings.HasSuffix(got, "éend") {
		t.Errorf("partial is %d bytes and ends in %q", len(got), got[len(got)-8:])
	}
}

func TestApplyApp(t *testing.T) {
	t.Parallel()
	s := fold(AppReady{at(1)}, AppReady{at(2)}, Notice{"reload 8 done"}, Reloaded{8}, Supervised{true}, Stopping{},
		Diagnosed{List: diag.List{{Summary: "x"}}})
	want := State{
		Ready: true, ReadyAt: at(1), Notice: "reload 8 done", Generation: 8, Supervisor: true, Stopping: true,
		Diagnostics: diag.List{{Summary: "x"}},
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("state (-want +got):\n%s", d)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	build := func() State {
		return fold(
			ComponentChanged{Component{Name: "a", LastLines: []string{"one"}}},
			TurnEnded{End: event.End{Turn: "1", Hops: []event.Hop{{Component: "a"}}, Outputs: []event.Output{{Text: "t"}}}},
			Diagnosed{List: diag.List{{Summary: "x", Related: []diag.Related{{Message: "m"}}}}},
		)
	}
	s, want := build(), build()
	c := s.Clone()
	c.Components[0].LastLines[0] = "changed"
	c.Components[0].Name = "changed"
	c.Turns[0].End.Hops[0].Component = "changed"
	c.Turns[0].End.Outputs[0].Text = "changed"
	c.Turns[0].End.Answer = "changed"
	c.Diagnostics[0].Related[0].Message = "changed"
	c.Apply(Notice{"changed"})
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("changing the clone changed the original (-want +got):\n%s", d)
	}
}

func TestApplyKeepsNoMemoryOfTheEvent(t *testing.T) {
	t.Parallel()
	lines, hops := []string{"one"}, []event.Hop{{Component: "a"}}
	s := fold(ComponentChanged{Component{Name: "a", LastLines: lines}}, TurnEnded{End: event.End{Turn: "1", Hops: hops}})
	lines[0], hops[0].Component = "changed", "changed"
	if s.Components[0].LastLines[0] != "one" || s.Turns[0].End.Hops[0].Component != "a" {
		t.Error("the picture changed with the sender's slices")
	}
}

// script turns fuzz bytes into events about a few components and turns, so that they collide often.
func script(b []byte) []Event {
	var events []Event
	for len(b) >= 4 {
		op, name, n := b[0], string('a'+b[1]%3), int(int8(b[2]))
		inst, when := fmt.Sprint(b[3]%3), at(n)
		if b[3]%3 == 0 {
			inst = ""
		}
		b = b[4:]
		switch op % 9 {
		case 0:
			words := []Word{Starting, Ready, Active, Draining, Failed, Stopped}
			events = append(events, ComponentChanged{Component{Name: name, Instance: inst, State: words[uint8(n)%6], InFlight: n, HeartbeatAt: when, SuccessRate: float64(n)}})
		case 1:
			events = append(events, ComponentRemoved{name, inst})
		case 2:
			h := event.Health{InFlight: n, Max: -n, Queued: n, SuccessRate: math.Float64frombits(binary.LittleEndian.Uint64([]byte(name + "\x00\x00\x00\x00\x00\xf8\xff")))}
			events = append(events, Heartbeat{Name: name, Instance: inst, At: when, Health: h})
		case 3:
			events = append(events, TurnStarted{Turn{ID: name + inst, StartedAt: when}})
		case 4, 5:
			events = append(events, chunk(name+inst, inst, n, strings.Repeat("x", int(op))))
		case 6:
			events = append(events, ended(name+inst, "answer", n))
		case 7:
			events = append(events, Notice{name}, Reloaded{n}, AppReady{when})
		default:
			events = append(events, Stopping{}, Supervised{n > 0}, Diagnosed{List: diag.List{{Summary: name}}})
		}
	}
	return events
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("\x00a\x01\x01\x02a\x05\x01\x03b\x01\x00\x04b\x00\x00\x06b\x02\x00"))
	f.Add([]byte("\x00a\x01\x00\x00a\x01\x01\x01a\x01\x01\x06c\x01\x02\x03c\x7f\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		events := script(b)
		s, twin := State{}, State{}
		finals := map[string]string{}
		for i, e := range events {
			before := s.Clone()
			frozen := before.Clone()
			s.Apply(e)
			if !reflect.DeepEqual(frozen, before) {
				t.Fatalf("event %d (%T) reached into a clone:\n%s", i, e, cmp.Diff(frozen, before))
			}
			check(t, &s, finals)
			twin = twin.Clone()
			twin.Apply(e)
		}
		if !reflect.DeepEqual(s, twin) {
			t.Fatalf("same events, other picture:\n%s", cmp.Diff(s, twin))
		}
	})
}

// check holds the invariants that every picture must keep.
func check(t *testing.T, s *State, finals map[string]string) {
	t.Helper()
	if !slices.IsSortedFunc(s.Components, order) {
		t.Fatal("components are not sorted")
	}
	for i, c := range s.Components {
		if i > 0 && order(s.Components[i-1], c) == 0 {
			t.Fatalf("two rows for %s %s", c.Name, c.Instance)
		}
		if c.InFlight < 0 || c.Max < 0 || c.Queued < 0 || !(c.SuccessRate >= 0 && c.SuccessRate <= 1) {
			t.Fatalf("impossible numbers: %+v", c)
		}
	}
	seen := map[string]bool{}
	for _, u := range s.Turns {
		if seen[u.ID] {
			t.Fatalf("turn %s twice", u.ID)
		}
		seen[u.ID] = true
		if u.End == nil {
			continue
		}
		if u.Partial != "" || u.EndedAt.Before(u.StartedAt) {
			t.Fatalf("ended turn %s still streams or ends before it began", u.ID)
		}
		if was, ok := finals[u.ID]; ok && was != u.End.Answer {
			t.Fatalf("turn %s was answered twice", u.ID)
		}
		finals[u.ID] = u.End.Answer
	}
	if len(s.Turns) > MaxTurns {
		t.Fatalf("%d turns kept", len(s.Turns))
	}
}

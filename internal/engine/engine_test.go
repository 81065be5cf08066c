package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

func TestWavesGoDownstream(t *testing.T) {
	t.Parallel()
	c := func(name, kind string, to ...string) project.Component {
		return project.Component{Name: name, Kind: kind, To: to}
	}
	tests := []struct {
		name string
		all  []project.Component
		want [][]string
	}{
		{"a chain", []project.Component{c("out", "output"), c("a", "llm", "out"), c("in", "input", "a")}, [][]string{{"in"}, {"a"}, {"out"}}},
		{"a fork ends together", []project.Component{c("in", "input", "a", "b"), c("a", "llm", "out"), c("b", "llm", "out"), c("out", "output")}, [][]string{{"in"}, {"a", "b"}, {"out"}}},
		{"a circle ends", []project.Component{c("in", "input", "a"), c("a", "llm", "b"), c("b", "llm", "a")}, [][]string{{"in"}, {"a"}, {"b"}}},
		{"two inputs", []project.Component{c("i", "input", "a"), c("j", "input", "a"), c("a", "llm")}, [][]string{{"i", "j"}, {"a"}}},
		{"what no turn reaches is left for the end", []project.Component{c("in", "input"), c("db", "memory")}, [][]string{{"in"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tt.want, waves(&project.Project{Components: tt.all})); d != "" {
				t.Errorf("waves (-want +got):\n%s", d)
			}
		})
	}
}

func TestPickInput(t *testing.T) {
	t.Parallel()
	in := func(name, typ string) app.Wanted {
		return app.Wanted{Name: name, Kind: "input", Type: typ, Acceptor: true}
	}
	model := app.Wanted{Name: "model", Kind: "llm"}
	tests := []struct {
		name  string
		all   []app.Wanted
		asked string
		want  string // "": an error
	}{
		{"the command line first", []app.Wanted{model, in("web", "api"), in("cli", "command_line")}, "", "cli"},
		{"else the first", []app.Wanted{model, in("web", "api"), in("mic", "voice")}, "", "web"},
		{"the named one", []app.Wanted{in("cli", "command_line"), in("web", "api")}, "web", "web"},
		{"no input of that name", []app.Wanted{in("cli", "command_line"), model}, "model", ""},
		{"no input at all", []app.Wanted{model}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := PickInput(app.Desired{Components: tt.all}, tt.asked)
			if got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if err != nil && !errors.Is(err, ErrNoInput) {
				t.Errorf("error %v is not ErrNoInput", err)
			}
		})
	}
}

func TestParseTiming(t *testing.T) {
	t.Parallel()
	got, err := ParseTiming("kill=2s,refuse=1s,heartbeat=100ms")
	if err != nil || got.KillAfter != 2*time.Second || got.RefuseAfter != time.Second || got.Heartbeat != 100*time.Millisecond || got.Drain != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if empty, err := ParseTiming(""); err != nil || empty != (Timing{}) {
		t.Errorf("empty: %+v, %v", empty, err)
	}
	for _, bad := range []string{"kil=1s", "kill", "kill=soon", "kill=-1s"} {
		if _, err := ParseTiming(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if d := (Timing{}).withDefaults(); d.KillAfter != 15*time.Second || d.Drain != 10*time.Second || d.HangAfter != 15*time.Second {
		t.Errorf("defaults: %+v", d)
	}
}

func TestLowerKeepsOrderAndNames(t *testing.T) {
	t.Parallel()
	p := &project.Project{Name: "shop", Components: []project.Component{
		{Name: "model", Kind: "llm", Type: "echo", To: []string{"out"}, Config: map[string]any{"key": project.Secret("k")}},
		{Name: "in", Kind: "input", Type: "command_line", To: []string{"model", "out"}},
		{Name: "out", Kind: "output", Type: "console"},
	}}
	at := Place{App: app.App{ID: "01234567", File: "/p/main.ww", Dir: "/p", State: "/p/.ww/01234567"}, RunDir: "/run/x", Tag: "nonce"}
	got := Lower(p, p.Components[1], at)
	want := component.Spec{
		V: component.SpecVersion, Name: "in", Kind: "input", Type: "command_line", Generation: 1, Acceptor: true, Innocent: true,
		App: component.App{ID: "01234567", Name: "shop", File: "/p/main.ww", Dir: "/p", StateDir: "/p/.ww/01234567", RunDir: "/run/x", Tag: "nonce"},
		To:  []component.Target{{Name: "model", Kind: "llm"}, {Name: "out", Kind: "output"}}, Reach: []string{"model", "out"},
		Calls: map[string]component.CallPolicy{"model": {Concurrent: manyCalls}}, // a model mostly waits
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(component.Spec{}, "Instance")); d != "" {
		t.Errorf("lowered (-want +got):\n%s", d)
	}
	if other := Lower(p, p.Components[1], at); other.Instance == got.Instance {
		t.Error("two lowered components have one instance name")
	}
	if leaf := Lower(p, p.Components[2], at); leaf.Acceptor || leaf.To == nil || len(leaf.To) != 0 {
		t.Errorf("a leaf: %+v", leaf)
	}
}

// ends is a process that has ended in a way.
type ended struct {
	supervisor.Process
	exit supervisor.Exit
}

func (e ended) Wait(context.Context) (supervisor.Exit, error) { return e.exit, nil }

// plays is a starter whose processes end one after the other as told.
type plays struct {
	supervisor.Starter
	configs []string
	exits   []supervisor.Exit
}

func (p *plays) Start(s supervisor.Spec) (supervisor.Process, error) {
	p.configs = append(p.configs, string(s.Config))
	e := p.exits[0]
	p.exits = p.exits[1:]
	return ended{exit: e}, nil
}

func TestANewInstanceLearnsWhatBecameOfTheLast(t *testing.T) {
	t.Parallel()
	kill, crash := supervisor.Exit{Signal: supervisor.SIGKILL}, supervisor.Exit{Code: 2}
	tests := []struct {
		name     string
		exit     supervisor.Exit
		blamed   bool
		innocent bool
	}{
		{"killed by hand", kill, false, true},
		{"asked to end", supervisor.Exit{Code: ExitTerminated}, false, true},
		{"it crashed", crash, false, false},
		{"out of memory", supervisor.Exit{Signal: supervisor.SIGKILL, OOM: true}, false, false},
		{"killed because it hung", kill, true, false},
		{"adopted, so nobody knows", supervisor.Exit{Unknown: true}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next := &plays{exits: []supervisor.Exit{tt.exit, {}}}
			s := newStarter(next)
			s.put("a", component.Spec{Name: "a", Instance: "a-0000", Innocent: true})
			p, err := s.Start(supervisor.Spec{Name: "a"})
			if err != nil {
				t.Fatal(err)
			}
			if tt.blamed {
				s.blame("a")
			}
			if _, err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := s.prepare("a")
			if c.Innocent != tt.innocent || c.Restarts != 1 || c.Instance == "a-0000" {
				t.Errorf("the next one: innocent %v, restarts %d, instance %s; want innocent %v", c.Innocent, c.Restarts, c.Instance, tt.innocent)
			}
			if s.instance("a") != c.Instance {
				t.Errorf("the instance is %s, the starter says %s", c.Instance, s.instance("a"))
			}
		})
	}
}

func TestAMemberInTheWordsOfPeople(t *testing.T) {
	t.Parallel()
	life := func(p supervisor.Phase, pid int, reason string) supervisor.Event {
		return supervisor.Event{To: p, PID: pid, Reason: reason}
	}
	ready := localbus.Record{Instance: "a-1", State: localbus.StateReady, Processes: localbus.Processes{PID: 7, GuardPID: 8, ChildPID: 9}, Alive: true}
	draining := ready
	draining.State = localbus.StateShuttingDown
	tests := []struct {
		name   string
		m      member
		word   state.Word
		reason string
		pids   state.PIDs
	}{
		{"nothing is known", member{}, state.Starting, "", state.PIDs{}},
		{"spawned", member{life: life(supervisor.Starting, 7, "")}, state.Starting, "", state.PIDs{Runner: 7}},
		{"ready", member{life: life(supervisor.Ready, 7, ""), record: ready}, state.Ready, "", state.PIDs{Runner: 7, Guard: 8, Child: 9}},
		{"at work", member{life: life(supervisor.Ready, 7, ""), record: ready, vitals: vitals{health: event.Health{InFlight: 1}}}, state.Active, "", state.PIDs{Runner: 7, Guard: 8, Child: 9}},
		{"it says that it drains", member{life: life(supervisor.Ready, 7, ""), record: draining}, state.Draining, "", state.PIDs{Runner: 7, Guard: 8, Child: 9}},
		{"the record is of an earlier process", member{life: life(supervisor.Ready, 70, ""), record: ready}, state.Ready, "", state.PIDs{Runner: 70}},
		{"between two starts", member{life: life(supervisor.Backoff, 7, "exit status 1")}, state.Starting, "exit status 1", state.PIDs{}},
		{"it said why", member{life: life(supervisor.Backoff, 7, "exit status 1"), vitals: vitals{death: postmortem{reason: "no model"}}}, state.Starting, "no model", state.PIDs{}},
		{"given up on", member{life: life(supervisor.Failed, 7, "exit status 1; crash 5"), vitals: vitals{death: postmortem{reason: "no model"}}}, state.Failed, "no model (exit status 1; crash 5)", state.PIDs{}},
		{"stopping", member{life: life(supervisor.Stopping, 7, "by order"), record: ready}, state.Draining, "by order", state.PIDs{Runner: 7, Guard: 8, Child: 9}},
		{"stopped", member{life: life(supervisor.Exited, 7, "exit status 143"), record: ready}, state.Stopped, "exit status 143", state.PIDs{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.m.row()
			if got.State != tt.word || got.Reason != tt.reason || got.PIDs != tt.pids {
				t.Errorf("%s %q %+v, want %s %q %+v", got.State, got.Reason, got.PIDs, tt.word, tt.reason, tt.pids)
			}
		})
	}
}

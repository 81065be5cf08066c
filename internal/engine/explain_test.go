package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/port"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

func TestEveryReasonWhyAComponentIsNotReadyIsFound(t *testing.T) {
	t.Parallel()
	now := time.Now()
	span := diag.Span{File: "main.ww", Start: diag.Pos{Offset: 10, Line: 2}, End: diag.Pos{Offset: 90, Line: 4}}
	unset := diag.Diagnostic{Code: "W_ENV_UNSET", Summary: "KEY is not set", Detail: "export it", Span: diag.Span{File: "main.ww", Start: diag.Pos{Offset: 30, Line: 3}}}
	elsewhere := unset
	elsewhere.Span.Start.Offset = 95
	held := func(n int) (port.Holder, bool) {
		switch n {
		case 8000:
			return port.Holder{Port: n, PID: 4711, Command: "python3 x.py"}, true
		case 9000:
			return port.Holder{Port: n, UID: 12}, true
		case 7000:
			return port.Holder{Port: n, PID: 33, Command: "itself"}, true
		}
		return port.Holder{}, false
	}
	for name, c := range map[string]struct {
		facts Facts
		want  string // kind: text → fix, one a line
	}{
		"ready": {Facts{Row: Row{Name: "a", State: state.Ready}}, ""},
		"failed": {
			Facts{Row: Row{Name: "a", State: state.Failed, Reason: "exit status 3"}},
			"failed: exit status 3 → save a file that it needs, or: ww restart a",
		},
		"between two tries": {
			Facts{Row: Row{Name: "a", State: state.Starting, NextStartMS: 1500, Reason: "killed by SIGSEGV"}},
			"restarting: it died (killed by SIGSEGV) and is started again in 1.5 s → ",
		},
		"loading": {
			Facts{Row: Row{Name: "a", State: state.Starting, PIDs: state.PIDs{Runner: 5}}, Record: localbus.Record{RegisteredAt: now.Add(-2 * time.Second)}},
			"starting: ww loads it since 2 s; at most 30 s are waited for → ",
		},
		"after a death": {
			Facts{Row: Row{Name: "a", State: state.Starting, Reason: "exit status 3", PIDs: state.PIDs{Runner: 5}}},
			"starting: ww loads it; at most 30 s are waited for; the one before it died: exit status 3 → ",
		},
		"stopped by hand": {Facts{Row: Row{Name: "a", State: state.Stopped}}, "stopped: it does not run → ww start a"},
		"a variable": {
			Facts{Row: Row{Name: "a", State: state.Failed, Reason: "x"}, Component: project.Component{Name: "a", Span: span}, Problems: diag.List{unset, elsewhere}},
			"failed: x → save a file that it needs, or: ww restart a\nvariable: KEY is not set (main.ww:3) → export it",
		},
		"ports": {
			Facts{
				Row:       Row{Name: "a", State: state.Failed, Reason: "x", PIDs: state.PIDs{Child: 33}},
				LastLines: []string{"listen tcp :8000: bind: address already in use", "bind: address already in use: port 7000", "Port 6000 is in use"},
				Component: project.Component{Name: "a", Config: map[string]any{"port": int64(9000)}}, Holder: held,
			},
			"failed: x → save a file that it needs, or: ww restart a\n" +
				"port: port 8000 is held by pid 4711: python3 x.py → kill 4711, or take another port\n" +
				"port: port 9000 is held by a process of user 12 → end that one, or take another port",
		},
		"what it needs": {
			Facts{
				Row: Row{Name: "a", State: state.Ready}, Wanted: app.Wanted{To: []string{"b", "c"}},
				Component: project.Component{Name: "a", To: []string{"b"}, DependsOn: []string{"tool"}},
				Rows: []Row{
					{Name: "b", State: state.Failed, Reason: "no key"},
					{Name: "c", State: state.Failed},
					{Name: "c", State: state.Active},
					{Name: "tool", State: state.Starting},
				},
			},
			"dependency: b, which it needs, is failed: no key → ww ps b\ndependency: tool, which it needs, is starting → ww ps tool",
		},
	} {
		c.facts.Now, c.facts.Supervised = now, true
		var got []string
		for _, cause := range c.facts.Causes() {
			got = append(got, cause.Kind+": "+cause.Text+" → "+cause.Fix)
		}
		if g := strings.Join(got, "\n"); g != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, g, c.want)
		}
	}
	alone := Facts{Row: Row{Name: "a", State: state.Failed, Reason: "x"}, Now: now}.Causes()
	if len(alone) != 2 || alone[1].Kind != "supervisor" {
		t.Errorf("without a supervisor: %v", alone)
	}
}

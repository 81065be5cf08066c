package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/conform"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// The JSON that other programs read. A change of this file is a change of the contract in docs/reference/json.md: fields
// may be added, nothing else.
func TestJSONShapes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	picture := state.State{Components: []state.Component{{
		Name: "brain", Instance: "brain-k3q9", Kind: "llm", Type: "echo", State: state.Starting, Generation: 2, Restarts: 3,
		InFlight: 1, Max: 10, SuccessRate: 0.5, HeartbeatAt: at.Add(-time.Second), NextStart: at.Add(2 * time.Second), Reason: "exit status 1",
	}}}
	row := engine.Rows(picture, at)[0]
	end := event.End{
		Turn: "t-1", Session: "s-1", Status: event.StatusOK, Answer: "hello",
		Hops: []event.Hop{{Component: "brain", Instance: "brain-k3q9", Generation: 2, Attempt: 1, Parent: "in", QueueMS: 0.1, ServiceMS: 2.5, BytesIn: 2, BytesOut: 5}},
	}
	problems := diag.List{{
		Code: "E_UNKNOWN_REF", Severity: diag.Error, Summary: "no component is called \"modl\"", Label: "did you mean \"model\"?", Instead: "model", Detail: "name one",
		Span: diag.Span{File: "main.ww", Start: diag.Pos{Offset: 10, Line: 1, Col: 11}, End: diag.Pos{Offset: 14, Line: 1, Col: 15}},
	}}
	registered := filled(bus.ComponentInfo{
		Identity: bus.Identity{ID: "brain-k3q9", Name: "brain", Kind: "llm", Type: "echo", Generation: 2}, State: bus.StateActive,
		Skills:          bus.Skills{Capabilities: []string{"text"}, Resources: map[string]any{"gpu": "1"}},
		SessionAffinity: []int{0, 1}, RegisteredAt: at, LastHeartbeat: at,
		Place:  bus.Place{ProcessID: 7, Endpoint: "unix:///run/user/1000/ww/0123abcd/i/brain-k3q9.s", Version: "v1.2.3", Node: "here"},
		Vitals: bus.Vitals{AvgProcessingTime: 0.25, SuccessRate: 0.5, CurrentLoad: 1, MaxConcurrent: 10},
	})
	seed := uint32(7)
	moved := migration{
		File: "main.ww", Mode: "distributed", Changes: true, Moves: []deploy.Move{{Component: "brain", Kind: "llm echo", From: "centralized", To: "distributed", Why: "not asked for"}},
		Ways:  []wayBetween{{From: "you", To: "brain", Key: "to", Now: "task_master"}},
		Hints: []deploy.Hint{{Line: 3, Was: "api_token", Now: "api_key", Why: "one name", Applied: true}}, HopUS: &hopCost{Distributed: 110.5, Centralized: 190.25},
		Diff: "diff …", Written: true, Backup: "/home/ada/app/.ww/0123abcd/migrate/20260102T030405.000006000Z.ww",
		Running: &takenOver{Supervised: true, Generation: 2, Error: "brain does not start: exit status 1"},
		Verified: &verification{
			Turns: 2, Random: 1, RandomTurns: []int{2}, Seed: &seed, BeforeMS: 2.5, AfterMS: 1.5,
			Differences: []difference{{Turn: 1, Text: "hi", Hop: "brain", What: "answer", Before: "hi", After: "ho"}},
		},
	}
	samples := []struct {
		title string
		value any
	}{
		{"ww migrate --mode … --json", moved},
		{"ww migrate --rollback --json", rolledBack("main.ww", "distributed", &takenOver{Silent: 4711})},
		{"ww migrate --status --json", migrationStatus{"main.ww", 1, 3, []string{"screen", "you"}}},
		{"ww ps --json, ww wait ready --json: a list of", row},
		{"ww components --json: a list of", registered},
		{"ww components --watch --json: one object a line", changeJSON{Gone: true, At: at, Component: registered}},
		{"ww chat --json, ww chat --lines --json: one object a turn", answer{
			ID: "mine", Session: end.Session, Turn: end.Turn, Status: end.Status, Answer: end.Answer, TookMS: 2.75, Hops: end.Hops,
		}},
		{"… when the turn asked the user something", answer{
			ID: "mine", Session: end.Session, Turn: end.Turn, Status: end.Status, Answer: end.Answer, TookMS: 2.75, Hops: end.Hops[:0],
			Questions: []exchange{{ID: "t-1/ag/3", Component: "ag", Question: "Which colour?", Answer: "red"}},
		}},
		{"… with --lines, while it waits for the answer: {\"question\": \"t-1/ag/3\", \"answer\": \"red\"} as a line of the input", asking{
			ID: "mine", Session: end.Session, Turn: end.Turn, Status: statusAsking,
			Question: exchange{ID: "t-1/ag/3", Component: "ag", Question: "Which colour?"},
		}},
		{"ww check --json", checkedOf("main.ww", problems)},
		{"ww logs --json: one object a line", logLine{Time: at, Component: "brain", Instance: "brain-k3q9", Stream: streamErr, Level: "warn", Text: "warn: a line"}},
		{"ww events --json: one object a line", eventJSON{
			Event: event.EventSessionCreated, Component: "you", Instance: "you-k3q9", Turn: "t-1", Session: "s-1", Dropped: 2, Data: json.RawMessage("{}"),
		}},
		{"ww version --json", versionInfo{Version: "v1.2.3", Commit: "0123abcd", Dirty: true, Go: "go1.26", Platform: "linux/amd64"}},
		{"ww component test --json: a list of", conform.Check{Promise: "answers a turn", Result: conform.Failed, Problem: "it did not answer", Note: "it fails: no", TookMS: 1.5}},
		{"ww dev -d --json", started{PID: 7, App: "shop", File: "/p/main.ww", Components: 3, ReadyMS: 88, Logs: "/p/.ww/logs"}},
		{"ww down --json", downed{Stopped: true, PID: 7, Unfinished: []engine.Unfinished{{Turn: "t-1", Session: "s-1", Input: "you", Text: "hi", At: at}}}},
		{"ww dev --ui=json: one object a line, a component has changed", eventLine(state.ComponentChanged{Component: picture.Components[0]}, at)},
		{"… all components are ready", eventLine(state.AppReady{At: at}, at)},
		{"… a turn has begun", eventLine(state.TurnStarted{Turn: state.Turn{ID: "t-1", Session: "s-1", Text: "hi"}}, at)},
		{"… a piece of its answer", eventLine(state.TurnChunk{Turn: "t-1", Chunk: event.Chunk{Stream: "t-1/brain/1", Text: "hel"}}, at)},
		{"… it asks the user something: the next line of the input is the answer", eventLine(state.TurnAsked{Turn: "t-1", Question: event.UserQuestion{ID: "t-1/ag/3", Component: "ag", Text: "Which colour?"}}, at)},
		{"… that has an answer", eventLine(state.TurnTold{Turn: "t-1", Answer: event.UserAnswer{ID: "t-1/ag/3", Text: "red"}}, at)},
		{"… it has ended", eventLine(state.TurnEnded{End: end}, at)},
		{"… the app is stopping", eventLine(state.Stopping{}, at)},
	}
	var all strings.Builder
	for _, s := range samples {
		b, err := json.MarshalIndent(s.value, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("# " + s.title + "\n" + string(b) + "\n\n")
	}
	golden.Equal(t, "cli/json", all.String())
}

func TestRangesAreShort(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list []int
		want string
	}{{nil, "-"}, {[]int{3}, "3"}, {[]int{0, 1, 2, 3}, "0-3"}, {[]int{0, 2, 3, 9}, "0,2-3,9"}}
	for _, tt := range tests {
		if got := ranges(tt.list); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.list, got, tt.want)
		}
	}
}

func TestMeantIsNear(t *testing.T) {
	t.Parallel()
	tests := []struct{ word, want string }{
		{"deev", `; did you mean "dev"?`},
		{"pss", `; did you mean "ps"?`},
		{"xyzzy", ""},
	}
	for _, tt := range tests {
		if got := meant(tt.word, []string{"dev", "chat", "ps"}, ""); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestTypewriterShowsEveryByteOnce(t *testing.T) {
	t.Parallel()
	piece := func(stream string, offset int, text string) event.Chunk {
		return event.Chunk{Stream: stream, Offset: offset, Text: text}
	}
	tests := []struct {
		name    string
		pieces  []event.Chunk
		end     string
		want    string
		printed bool // the end needs no second line
	}{
		{"straight", []event.Chunk{piece("a", 0, "he"), piece("a", 2, "llo")}, "hello", "hello\n", true},
		{"repeated and overlapping", []event.Chunk{piece("a", 0, "he"), piece("a", 0, "he"), piece("a", 1, "el")}, "hello", "hello\n", true},
		{"the end has more", []event.Chunk{piece("a", 0, "he")}, "hello", "hello\n", true},
		{"nothing was streamed", nil, "hello", "", false},
		{"another attempt", []event.Chunk{piece("a", 0, "hex"), piece("b", 0, "hel")}, "hello", "hex\n… again: hello\n", true},
		{"a piece is missing", []event.Chunk{piece("a", 0, "he"), piece("a", 4, "o")}, "hello", "hello\n", true},
		{"the end says something else", []event.Chunk{piece("a", 0, "he")}, "bye", "he\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			w := typewriter{w: &out}
			f := w.follow()
			for _, p := range tt.pieces {
				f.Chunk(p)
			}
			if printed := w.end(tt.end); printed != tt.printed || out.String() != tt.want {
				t.Errorf("shown %q, complete %v; want %q, %v", out.String(), printed, tt.want, tt.printed)
			}
		})
	}
}

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// replayed is what these tests need of ww replay --json.
type replayed struct {
	Same       bool
	Turns      []replayedTurn
	Mismatches []json.RawMessage
}

type replayedTurn struct {
	Same, Live    bool
	Text, Status  string
	Recorded, Now string
	Error         string
}

func (p *project) replay(args ...string) (out replayed) {
	p.t.Helper()
	r := p.ww(append([]string{"replay", "--trust", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		p.t.Fatalf("%v: status %d\n%s%s", err, r.status, r.out, r.err)
	}
	if out.Same != (r.status == 0) {
		p.t.Errorf("same: %t, and status %d", out.Same, r.status)
	}
	return out
}

// Whatever an example is made of, what was said in it can be said again without its models and tools.
func TestEveryExampleReplays(t *testing.T) {
	for _, ex := range examples() {
		t.Run(ex.dir, func(t *testing.T) {
			t.Parallel()
			p := ex.project(t)
			ends := p.asked(ex.turns...)
			for _, how := range [][]string{nil, {"--llm"}} {
				got := p.replay(how...)
				if !got.Same || len(got.Turns) != len(ends) {
					t.Errorf("%v: %d of %d turns, %+v, %s", how, len(got.Turns), len(ends), got.Turns, got.Mismatches)
				}
			}
			p.nothing()
		})
	}
}

const hotel = `
you = input command_line {
    to: clerk
    pipes: [{ event: "input.received", script_path: "pipes.py", function_name: "stamped" }]
}
brain = llm openai { api_key: "none" }
clerk = agent llm {
    model: brain
    tools: [desk, notes]
    to: screen
    hooks: [{ event: "tool.call", script_path: "desk.py", function_name: "counted" }]
    pipes: [
        { event: "tool.observation", script_path: "pipes.py", function_name: "discreet" }
        { event: "tool.observation", script_path: "more.py", function_name: "late" }
    ]
}
desk = api functions { path: "desk.py" }
notes = memory short_term {}
screen = output console {}
`

// What it answers is never the same twice, and what it does is done for good.
const hotelDesk = `
import os, random, time

at = os.path.join(os.path.dirname(os.path.abspath(__file__)), "effects")
seen = 0


def book(guest: str, nights: int = 1) -> dict:
    """Books a room."""
    with open(at, "a") as f:
        f.write(f"booked {guest}\n")
    return {"guest": guest, "nights": nights, "ticket": random.randrange(10**12), "at": time.time()}


def leave(guest: str) -> str:
    """A guest leaves."""
    with open(at, "a") as f:
        f.write(f"left {guest}\n")
    if guest == "Nobody":
        raise KeyError(guest)
    return f"{guest} left at {time.time_ns()}, secret 1234-5678"


def counted(payload):
    global seen
    seen += 1
`

const hotelPipes = `
import re, time
from woodwork.types import InputReceivedPayload


def stamped(payload: InputReceivedPayload):
    payload.input = " ".join(payload.input.split()) + f" # {payload.timestamp} {time.time()}"
    return payload


def tidy(payload: InputReceivedPayload):
    payload.input = " ".join(payload.input.split())
    return payload


async def discreet(payload):
    if isinstance(payload["observation"], str):
        return {**payload, "observation": re.sub(r"\d{4}-\d{4}", "****", payload["observation"])}
`

const hotelMore = `
import time


def late(payload):
    return {**payload, "heard": time.time()}
`

// tenTurns are a conversation; in each turn as many calls of the desk are made as are said.
func tenTurns() (turns []string, calls []int) {
	for _, t := range []struct {
		ask   string
		calls int
	}{
		{`call desk.book {"guest": "Ann"}`, 1},
		{`hello   there`, 0},
		{`call desk.book {"guest": "Ben", "nights": 3}`, 1},
		{`call notes.append {"user": "Ben snores"}`, 0},
		{`call desk.leave {"guest": "Ann"}   call desk.book {"guest": "Cleo"}`, 2},
		{`call desk.leave {"guest": "Nobody"}`, 1},
		{`call notes.read {}`, 0},
		{`call desk.fly {}`, 0},
		{`call desk.leave {"guest": "Ben"}`, 1},
		{`call desk.leave {"guest": "Cleo"}`, 1},
	} {
		turns, calls = append(turns, t.ask), append(calls, t.calls)
	}
	return turns, calls
}

func (p *project) effects() int {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, "effects"))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

// A conversation of ten turns with Python functions, pipes and hooks is played offline with equal answers, and nothing is
// done again; from a hop on, and with --llm, the functions run, each as often as it was called.
func TestTenTurnsWithToolsReplayOfflineAndFromAnyHop(t *testing.T) {
	needs(t, "python3")
	p := newProject(t, hotel)
	p.write("desk.py", hotelDesk)
	p.write("pipes.py", hotelPipes)
	p.write("more.py", hotelMore)
	turns, calls := tenTurns()
	all := 0
	for _, n := range calls {
		all += n
	}
	ends := p.asked(turns...)
	if len(ends) != 10 || p.effects() != all {
		t.Fatalf("%d turns, %d effects, want %d", len(ends), p.effects(), all)
	}
	recorded := one(t, filepath.Join(p.dir, ".ww", "*", "sessions", "*.jsonl"))
	session, _, _ := strings.Cut(filepath.Base(recorded), ".")
	p.write("kept.jsonl", p.must("sessions", "export", session, "--recording").out)

	for _, how := range [][]string{nil, {"--recording", "kept.jsonl"}} {
		got := p.replay(how...)
		if !got.Same || len(got.Turns) != 10 || len(got.Mismatches) > 0 {
			t.Fatalf("%v: %+v %s", how, got.Turns, got.Mismatches)
		}
		for i, turn := range got.Turns {
			if turn.Now != ends[i].Answer || turn.Live {
				t.Errorf("%v: turn %d: %q, want %q", how, i+1, turn.Now, ends[i].Answer)
			}
		}
	}
	if n := p.effects(); n != all {
		t.Errorf("a replay did %d things", n-all)
	}

	for turn := range 10 { // from its first hop on
		before := p.effects()
		got := p.replay("--offline", "--from", fmt.Sprintf("%d:1", turn+1))
		p.lives(got, turn, before, calls)
	}
	p.nothing()
}

// With --llm the functions and the pipes run, and what the model was asked and said is that of the recording.
func TestTenTurnsReplayWithTheModelAlonePlayed(t *testing.T) {
	needs(t, "python3")
	p := newProject(t, strings.Replace(hotel, "stamped", "tidy", 1))
	p.write("desk.py", hotelDesk)
	p.write("pipes.py", hotelPipes)
	p.write("more.py", hotelMore)
	turns, _ := tenTurns()
	p.asked(turns...)
	before := p.effects()
	if got := p.replay("--llm"); !got.Same || len(got.Turns) != 10 {
		t.Errorf("%+v %s", got.Turns, got.Mismatches)
	}
	if n := p.effects() - before; n != before {
		t.Errorf("%d things were done, want %d", n, before)
	}
	p.nothing()
}

// lives says that a replay played the turns before one, and did what was called for from it on.
func (p *project) lives(got replayed, turn, before int, calls []int) {
	p.t.Helper()
	want := 0
	for _, n := range calls[turn:] {
		want += n
	}
	if n := p.effects() - before; n != want || !got.Same || len(got.Turns) != 10 {
		p.t.Errorf("from turn %d: %d things were done, want %d; same: %t; %+v %s", turn+1, n, want, got.Same, got.Turns, got.Mismatches)
	}
	for i, t := range got.Turns {
		if t.Live != (i >= turn) || i < turn && !t.Same {
			p.t.Errorf("from turn %d: turn %d: %+v", turn+1, i+1, t)
		}
	}
	if turn == 6 && !slices.ContainsFunc(got.Turns, func(t replayedTurn) bool { return strings.Contains(t.Now, "Ben snores") }) {
		p.t.Error("what was told to a memory before is not in it")
	}
}

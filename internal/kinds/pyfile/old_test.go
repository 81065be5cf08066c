package pyfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAPipeLeavesOutStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := open(t, `
import dataclasses, pathlib
from woodwork.types import AgentThoughtPayload, ToolObservationPayload
def part(p): return {"observation": "cut"}
def anew(p): return ToolObservationPayload(tool=p.tool, observation="anew")
def other(p): return AgentThoughtPayload(thought="x")
def in_place(p): p.observation = p["observation"] + "!"
def raising(p): p.observation = "lost"; raise ValueError("no")
def replaced(p): return dataclasses.replace(p, observation="replaced")
def keys(p): return {**p, "observation": {(1, 2): pathlib.Path("/x"), 3: {"deep": {None: {1}}}}}
def ring(p): p.observation = []; p.observation.append(p.observation); return p
def foreign(p): return {"foo": 1}
`, "part", "anew", "other", "in_place", "raising", "replaced", "keys", "ring", "foreign")
	const in = `{"timestamp":1.5,"component_id":"ag","component_type":"agent","tool":"t","observation":"o"}`
	for functions, want := range map[string]string{
		"part":             `"cut"`,
		"other":            `"o"`,
		"in_place":         `"o!"`,
		"raising":          `"o"`,
		"raising in_place": `"o!"`,
		"replaced part":    `"cut"`,
		"keys":             `{"(1, 2)":"/x","3":{"deep":{"null":[1]}}}`,
		"ring":             `"o"`,
		"foreign":          `"o"`,
		"anew":             `"anew"`,
	} {
		got, err := w.pipe(t, "tool.observation", in, strings.Fields(functions)...)
		if d := cmp.Diff(jsonOf(t, strings.Replace(in, `"o"`, want, 1)), jsonOf(t, got)); err != nil || d != "" && functions != "anew" && functions != "other" {
			t.Errorf("%s: %v\n%s", functions, err, d)
		}
		if (functions == "anew" || functions == "other") && !strings.Contains(got, `"component_id": "ag"`) { // its time is its own
			t.Errorf("a payload made anew lost its source: %s", got)
		}
	}
	w.err.heard(t, "pipe foreign for tool.observation returned dict, which is no payload of it")
}

func jsonOf(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestAResponseIsChangedInWhicheverWayAPipeIsWritten(t *testing.T) {
	t.Parallel()
	w := open(t, `
def attribute(p): p.response = "new"; return p
def item(p): p["response"] = "new"; return p
def data(p): p.data["response"] = "new"; return p
def spread(p): return {**p, "response": "new"}
def short(p): return {"response": "new"}
def asked(p): return {"response": "new"} if "response" in p and vars(p)["data"] else None
`)
	const in = `{"timestamp":1.5,"component_id":"ag","component_type":"agent","data":{"response":"old","source_component":"ag"}}`
	for _, f := range []string{"attribute", "item", "data", "spread", "short", "asked"} {
		got, err := w.pipe(t, "agent.response", in, f)
		if d := cmp.Diff(jsonOf(t, strings.Replace(in, "old", "new", 1)), jsonOf(t, got)); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", f, err, d)
		}
	}
}

func TestRelativeImportsFindTheNeighbours(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{
		"of a package":                      {"pkg/__init__.py", "pkg/mates.py"},
		"of a package in a package":         {"outer/__init__.py", "outer/pkg/__init__.py", "outer/pkg/mates.py"},
		"of a folder":                       {"pkg/mates.py"},
		"of a folder whose name is no name": {"my-pkg/mates.py"},
	} {
		dir := t.TempDir()
		for _, f := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f)), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, f), "NAME = 'Ada'\n")
		}
		w := openIn(t, filepath.Dir(filepath.Join(dir, files[len(files)-1])), "from . import mates\nfrom .mates import NAME\ndef names(): return [mates.NAME, NAME]\n")
		if got := w.call(t, "names", `{}`); got != `["Ada", "Ada"]` {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAsyncCodeOfOldFindsAnEventLoopInEveryThread(t *testing.T) {
	t.Parallel()
	w := open(t, `
import asyncio
async def one(): return 1
def old(): return asyncio.get_event_loop().run_until_complete(one())
def new(): return asyncio.run(one())
async def hang(): await asyncio.sleep(60)
async def outer(): await hang()
`)
	for _, f := range []string{"old", "new", "old"} {
		if got := w.call(t, f, `{}`); got != "1" {
			t.Errorf("%s: %s", f, got)
		}
	}
	if got := w.limited(t, 300*time.Millisecond, "outer", `{}`); !strings.Contains(got, "fx.py, line 6, in hang; it waited for something") {
		t.Error(got)
	}
}

func TestWhatIsMadeWhenAFileIsLoadedIsUsedByTheCallsOfAllSessions(t *testing.T) {
	t.Parallel()
	w := open(t, `
import signal, sqlite3, threading, time
rows = sqlite3.connect(":memory:", isolation_level=None)
rows.execute("create table t (n)")
meet = threading.Barrier(2)
def add(n: int): meet.wait(10); return rows.execute("insert into t values (?)", (n,)).rowcount
def count(): return rows.execute("select count(*) from t").fetchone()[0]
def limited():
    signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(10)
`)
	var calls sync.WaitGroup
	for _, session := range []string{"a", "b"} { // at once, so in two threads
		calls.Go(func() {
			if got := w.call(t, "add", `{"n": 1}`, session); got != "1" {
				t.Errorf("session %s: %s", session, got)
			}
		})
	}
	calls.Wait()
	if got := w.call(t, "count", `{}`); got != "2" {
		t.Error(got)
	}
	if got := w.call(t, "limited", `{}`); !strings.HasPrefix(got, "FAILED ZeroDivisionError") {
		t.Errorf("an alarm does not ring in the main thread: %s", got)
	}
}

func TestAFileThatCannotBeLoadedSaysSoBeforeItIsAsked(t *testing.T) {
	t.Parallel()
	w := open(t, "def f(:\n")
	if got := w.call(t, "f", `{}`); !strings.Contains(got, "fx.py cannot be loaded: SyntaxError") {
		t.Error(got)
	}
	w.err.heard(t, "fx.py cannot be loaded: SyntaxError")
}

func TestDataClassesAreMadeOfWhatTheirFieldsWant(t *testing.T) {
	t.Parallel()
	w := open(t, `
import typing
from dataclasses import dataclass, field
@dataclass
class Place:
    name: str
    lat: float = 0.0
@dataclass
class Trip:
    to: Place
    days: int = 1
    by: "typing.List[Place]" = field(default_factory=list)
def plan(t: Trip): return repr(t)
`)
	want := "Trip(to=Place(name='X', lat=1.5), days=2, by=[Place(name='Y', lat=0.0)])"
	if got := w.call(t, "plan", `{"t": {"to": {"name": "X", "lat": "1.5"}, "days": "2", "by": [{"name": "Y"}]}}`); got != want {
		t.Error(got)
	}
}

// The Python engine always had python-dotenv installed; ww has read the .env file itself.
func TestDotenvIsThereWhereItIsNotInstalled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "other.env"), "# a note\nexport A = 'one' # two\nB=\"x\\ny\"\nC=${A}!\nPATH=lost\n")
	w := openIn(t, dir, `
import os, sys
sys.path = [p for p in sys.path if "site-packages" not in p and "dist-packages" not in p]
from dotenv import load_dotenv, dotenv_values, find_dotenv
load_dotenv()
def values():
    load_dotenv("other.env")
    return [os.environ["A"], os.environ["B"], os.environ["C"], os.environ["PATH"] != "lost", find_dotenv("other.env")[-9:], dotenv_values("none")]
`)
	if got, want := w.call(t, "values", `{}`), `["one", "x\ny", "one!", true, "other.env", {}]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAnImportOfThePythonEngineSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	w := open(t, "def f(): import woodwork.deployments\n")
	if got := w.call(t, "f", `{}`); !strings.Contains(got, "ww has of the woodwork package what functions, hooks and pipes need") {
		t.Error(got)
	}
}

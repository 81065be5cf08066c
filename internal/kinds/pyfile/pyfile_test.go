package pyfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/pyfile"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "guard" {
		os.Exit(script.RunGuard())
	}
	os.Exit(m.Run())
}

// buffer is a log that a test reads while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// world is a component that owns one file.
type world struct {
	host     *pyfile.Host
	dir      string
	out, err buffer
	mu       sync.Mutex
	child    int
}

func needsPython(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs python3")
		}
		t.Skip("needs python3")
	}
}

func open(t testing.TB, source string, listeners ...string) *world {
	t.Helper()
	return openIn(t, t.TempDir(), source, listeners...)
}

// openIn opens a file beside those that are in dir already.
func openIn(t testing.TB, dir, source string, listeners ...string) *world {
	t.Helper()
	needsPython(t)
	w := &world{dir: dir}
	write(t, filepath.Join(w.dir, "fx.py"), source)
	spec := component.Spec{Name: "fx", App: component.App{Dir: w.dir, StateDir: t.TempDir(), Tag: "t"}, Files: []string{"fx.py"}, Variables: map[string]string{"FROM_DOTENV": "yes"}}
	for _, l := range listeners {
		spec.Listeners = append(spec.Listeners, component.Listener{File: "fx.py", Function: l})
	}
	h, err := pyfile.Open(component.Env{
		Spec: spec, Stdout: &w.out, Stderr: &w.err, Log: slog.New(slog.NewTextHandler(&w.err, nil)),
		Processes: func(_, child int, _ []int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.child = child
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.host = h
	t.Cleanup(func() { h.Close(context.Background()) })
	return w
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) call(t testing.TB, function, inputs string, session ...string) string {
	t.Helper()
	return w.limited(t, 20*time.Second, function, inputs, session...)
}

// limited is what a call answers; a failure is marked.
func (w *world) limited(t testing.TB, limit time.Duration, function, inputs string, session ...string) string {
	t.Helper()
	c := pyfile.Call{File: "fx.py", Function: function, LimitMS: limit.Milliseconds(), Session: strings.Join(session, "")}
	if err := json.Unmarshal([]byte(inputs), &c.Inputs); err != nil {
		t.Fatal(err)
	}
	r, err := w.host.Call(t.Context(), c)
	switch {
	case err != nil:
		return "ERROR " + err.Error()
	case r.ContentType == tool.Failure:
		return "FAILED " + string(r.Body)
	}
	return string(r.Body)
}

func (w *world) process() *os.Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, _ := os.FindProcess(w.child)
	return p
}

// heard waits until the log has a text.
func (b *buffer) heard(t *testing.T, text string) {
	t.Helper()
	eventually(t, func() (string, bool) { return b.String(), strings.Contains(b.String(), text) })
}

// eventually looks again and again until something has happened.
func eventually(t *testing.T, look func() (seen string, ok bool)) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for {
		seen, ok := look()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("it never happened; there is:\n%s", seen)
		}
	}
}

func TestFunctionsGetWhatTheyWant(t *testing.T) {
	t.Parallel()
	w := open(t, `
import os, sys, enum, dataclasses
from typing import Optional, List
class Color(enum.Enum):
    RED = "red"
@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
def show(a: int = 0, b: float = 0.0, c: bool = False, d: str = "", e: Optional[int] = None, f: List[int] = (), g: dict = {}, h: Color = None, p: Point = None):
    return repr((a, b, c, d, e, list(f), g, h, p))
def raw(v): return repr(v)
async def later(x): return x
def kinds(n): return [None, True, 1.5, "text", {"b": 1, "a": {2}}, (1, 2), {3}, Point(1)][n]
def env(): return [os.environ.get("FROM_DOTENV"), os.getcwd() == os.path.dirname(os.path.abspath(__file__)), sys.argv]
def stdin(): return input()
count = 0
def up():
    global count
    count += 1
    return count
`)
	for _, c := range [][3]string{
		{"show", `{"a":"3","b":2,"c":"true","d":7,"e":"5","f":"[1,\"2\"]","g":"{\"k\":1}","h":"red","p":{"x":1}}`, `(3, 2.0, True, '7', 5, [1, 2], {'k': 1}, <Color.RED: 'red'>, Point(x=1, y=0))`},
		{"show", `{"a":3.0,"e":null,"f":["4"]}`, `(3, 0.0, False, '', None, [4], {}, None, None)`},
		{"show", `{"a":"many"}`, `('many', 0.0, False, '', None, [], {}, None, None)`},
		{"raw", `{"v":"3"}`, `'3'`},
		{"later", `{"x":"y"}`, `y`},
		{"kinds", `{"n":0}`, `null`},
		{"kinds", `{"n":1}`, `true`},
		{"kinds", `{"n":2}`, `1.5`},
		{"kinds", `{"n":3}`, `text`},
		{"kinds", `{"n":4}`, `{"b": 1, "a": [2]}`},
		{"kinds", `{"n":5}`, `[1, 2]`},
		{"kinds", `{"n":7}`, `{"x": 1, "y": 0}`},
		{"env", `{}`, fmt.Sprintf(`["yes", true, [%q]]`, filepath.Join(w.dir, "fx.py"))},
		{"up", `{}`, `1`},
		{"up", `{}`, `2`},
		{"stdin", `{}`, `FAILED EOFError: EOF when reading a line; nobody types here: use ask_user, or a parameter (fx.py, line 16)`},
	} {
		if got := w.call(t, c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestWhatGoesWrongIsSaidSoThatItCanBeMended(t *testing.T) {
	t.Parallel()
	w := open(t, `
import sys
def boom():
    print("before"); sys.stdout.write('{"jsonrpc":"2.0"}\n')
    raise ValueError("no {braces}")
def leave(): sys.exit("bye")
def lacks():
    import yaml_that_is_not_there.x
def two(a, b=1): pass
def big(): return "x" * (3 << 20)
`)
	for _, c := range [][2]string{
		{"boom", "FAILED ValueError: no {braces} (fx.py, line 5)"},
		{"leave", "FAILED it called sys.exit('bye'); nothing ends here but the call (fx.py, line 6)"},
		{"two", "FAILED TypeError: two(): missing a required argument: 'a'; it is two(a, b=1)"},
		{"tow", `FAILED there is no function "tow" in fx.py; the functions are: boom, leave, lacks, two, big`},
	} {
		if got := w.call(t, c[0], `{}`); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
	if got := w.call(t, "lacks", `{}`); !strings.Contains(got, "No module named 'yaml_that_is_not_there'. It is not installed for /") || !strings.Contains(got, "yaml_that_is_not_there (fx.py, line 8)") {
		t.Error(got)
	}
	if got := w.call(t, "big", `{}`); len(got) > 1000*1000+100 || !strings.HasSuffix(got, "\n[cut: the result has 3145728 characters, the first 1000000 are shown]") {
		t.Errorf("%d bytes, ...%s", len(got), got[max(0, len(got)-80):])
	}
	w.out.heard(t, "before\n{\"jsonrpc\":\"2.0\"}\n")
	w.err.heard(t, "ValueError: no {braces}")
}

func TestAFileThatCannotBeLoadedSaysSoAtEveryCall(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"def f(:\n":                      "fx.py cannot be loaded: SyntaxError: invalid syntax (fx.py, line 1)",
		"import sys\nsys.exit(3)\n":      "fx.py cannot be loaded: it called sys.exit(3); nothing ends here but the call (fx.py, line 2)",
		"from woodwork import Runtime\n": "fx.py cannot be loaded: ImportError: woodwork.Runtime belongs to programs that are all Python",
		"def f(): return 1/0\nx = f()\n": "fx.py cannot be loaded: ZeroDivisionError: division by zero (fx.py, line 1)",
	} {
		w := open(t, source)
		if got := w.call(t, "f", `{}`); !strings.HasPrefix(got, "FAILED "+want) {
			t.Errorf("got %s", got)
		}
		d, err := w.host.Describe(t.Context(), pyfile.Call{File: "fx.py"})
		if err != nil || !strings.HasPrefix(d.Problem, want) {
			t.Errorf("%+v, %v", d, err)
		}
		w.err.heard(t, "cannot be loaded")
	}
}

func TestDescriptionsShowSignaturesAndDocs(t *testing.T) {
	t.Parallel()
	w := open(t, `
from os.path import join
from typing import Optional, Literal
def add(a: int, b: float = 2.5, *rest, tags: "list[str]" = None, **more) -> dict[str, int]:
    """Adds {things}.

    And more.
    """
async def fetch(url: str | None, how: Literal["get", "head"] = "get"): pass
def hook(payload): pass
def _private(): pass
class Thing:
    def method(self): pass
`, "hook")
	d, err := w.host.Describe(t.Context(), pyfile.Call{File: "fx.py"})
	if err != nil {
		t.Fatal(err)
	}
	want := tool.Description{
		Type: "functions", Ordered: true,
		Text: "[FUNCTION] add(a: int, b: float = 2.5, tags: list[str] = None, **more) -> dict[str, int]\n[DOCUMENTATION] Adds {things}.\n\nAnd more.\n" +
			"[FUNCTION] fetch(url: str | None, how: Literal['get', 'head'] = 'get') -> None\n[DOCUMENTATION] None\n" +
			"Call one of these functions by its name as the action, with its arguments by name as inputs.",
		Functions: []tool.Function{
			{Name: "add", Description: "Adds {things}.\n\nAnd more.", Parameters: json.RawMessage(`{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "number", "default": 2.5}, "tags": {"type": "array", "items": {"type": "string"}}}, "required": ["a"], "additionalProperties": true}`)},
			{Name: "fetch", Parameters: json.RawMessage(`{"type": "object", "properties": {"url": {"type": "string"}, "how": {"enum": ["get", "head"], "default": "get"}}, "required": ["url"]}`)},
		},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

const stubborn = `
import time, threading
n = 0
def spin():
    while True: pass
def sleep(s): time.sleep(s); return "slept"
def up():
    global n
    n += 1
    return n
`

func TestAnEndlessLoopIsStoppedAndExplained(t *testing.T) {
	t.Parallel()
	w := open(t, stubborn)
	w.call(t, "up", `{}`)
	got := w.limited(t, 300*time.Millisecond, "spin", `{}`, "a")
	if want := "FAILED spin: it did not return within 300ms and was stopped: it was still at fx.py, line 5, in spin; it used the CPU all the time, as an endless loop does"; got != want && got != "FAILED spin: it did not return within 300ms and was stopped" {
		t.Error(got)
	}
	if got := w.call(t, "up", `{}`, "a"); got != "2" {
		t.Errorf("the module began anew: %s", got)
	}
}

func TestAFunctionThatCannotBeStoppedCostsItsWorkerAndNobodyElsesCall(t *testing.T) {
	t.Parallel()
	w := open(t, stubborn)
	w.call(t, "up", `{}`)
	other := make(chan string, 1)
	go func() { other <- w.call(t, "sleep", `{"s": 2}`, "other") }()
	began := time.Now()
	got := w.limited(t, 200*time.Millisecond, "sleep", `{"s": 60}`, "a")
	if !strings.HasPrefix(got, "FAILED sleep: it did not return within 200ms and was stopped") || time.Since(began) > 10*time.Second {
		t.Errorf("%s after %v", got, time.Since(began))
	}
	if got := w.call(t, "up", `{}`, "a"); got != "1" {
		t.Errorf("the worker was not replaced: %s", got)
	}
	if got := <-other; got != "slept" {
		t.Errorf("another session's call: %s", got)
	}
}

func TestTheDeathOfAWorkerFailsItsCallsAndTheNextOneIsThere(t *testing.T) {
	t.Parallel()
	w := open(t, stubborn)
	w.call(t, "up", `{}`)
	died := make(chan string, 1)
	go func() { died <- w.call(t, "sleep", `{"s": 60}`, "a") }()
	// The call is under way when another session's is answered after it.
	for range 3 {
		w.call(t, "up", `{}`, "b")
	}
	if err := w.process().Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := <-died; !strings.HasPrefix(got, "FAILED sleep: the Python process of fx.py died while it worked on this call, so whether it took effect is unknown") {
		t.Error(got)
	}
	if got := w.call(t, "up", `{}`); got != "1" {
		t.Error(got)
	}
}

func TestSessionsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	w := open(t, `
import threading
all_here = threading.Barrier(50)
def meet(): all_here.wait(15); return "met"
order = []
def note(i): order.append(i); return list(order)
`)
	var calls sync.WaitGroup
	for i := range 50 {
		calls.Go(func() {
			if got := w.call(t, "meet", `{}`, fmt.Sprint("s", i)); got != "met" {
				t.Errorf("session %d: %s", i, got)
			}
		})
	}
	calls.Wait()
}

func (w *world) pipe(t *testing.T, event, payload string, functions ...string) (string, error) {
	t.Helper()
	r, err := w.host.Pipe(t.Context(), events.Delivery{File: "fx.py", Functions: functions, Event: event, Session: "s", Payload: json.RawMessage(payload)})
	return string(r.Body), err
}

func TestPipesMakeOfAPayloadWhatTheyReturn(t *testing.T) {
	t.Parallel()
	w := open(t, `
import sys
from woodwork.types import InputReceivedPayload, ToolCallPayload
def shout(p: InputReceivedPayload):
    return InputReceivedPayload(input=p.input.upper(), inputs=p.inputs, session_id=p.session_id, timestamp=p.timestamp, component_id=p.component_id, component_type=p.component_type)
async def as_dict(p): return {**p, "input": p["input"] + "!"}
def nothing(p): p.get("input")
def other(p): return ToolCallPayload(tool=p.input)
def odd(p): return {**p, "inputs": {"o": object, "s": {1}}}
def nonsense(p): return 42
def text(p): return '{"input": "from text"}'
def boom(p): raise RuntimeError("boom")
def leave(p): sys.exit(1)
def in_place(p): p.input = "changed"; p["inputs"]["x"] = 1; return p
`, "shout", "boom", "nonsense")
	const in = `{"input": "hi", "inputs": {}, "session_id": "s", "timestamp": 1.5, "component_id": "you", "component_type": "inputs"}`
	same := strings.Replace(in, `"hi"`, "%q", 1)
	for _, c := range []struct {
		functions []string
		input     string
	}{
		{[]string{"shout"}, "HI"},
		{[]string{"shout", "as_dict"}, "HI!"},
		{[]string{"nothing"}, "hi"},
		{[]string{"boom", "as_dict"}, "hi!"},
		{[]string{"nonsense", "leave"}, "hi"},
	} {
		got, err := w.pipe(t, "input.received", in, c.functions...)
		var a, b map[string]any
		_ = json.Unmarshal([]byte(got), &a)
		_ = json.Unmarshal(fmt.Appendf(nil, same, c.input), &b)
		if d := cmp.Diff(b, a); err != nil || d != "" {
			t.Errorf("%v: %v\n%s", c.functions, err, d)
		}
	}
	for function, want := range map[string]string{
		"other": `"input": "hi"`, "text": `"input": "from text"`, "in_place": `"inputs": {"x": 1}`, "odd": `"s": [1]`,
	} {
		if got, err := w.pipe(t, "input.received", in, function); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %s, %v", function, got, err)
		}
	}
	w.err.heard(t, "pipe boom for input.received: RuntimeError: boom (fx.py, line 12); the payload stays as it was")
	w.err.heard(t, "pipe nonsense for input.received returned int, which is no payload")
	if _, err := w.pipe(t, "input.received", in, "shuot"); err == nil || err.Error() != "there is no function shuot in fx.py" {
		t.Errorf("a pipe that is not there: %v", err)
	}
}

func TestHooksHoldUpNobody(t *testing.T) {
	t.Parallel()
	w := open(t, `
import threading
go = threading.Event()
heard = []
def slow(p): go.wait(30)
def hook(p): heard.append(p.thought)
async def ahook(p): heard.append("async " + p["thought"])
def boom(p): raise ValueError("hooked")
def release(): go.set(); return heard
def got(): return heard
`)
	hook := func(function, session, thought string) {
		t.Helper()
		err := w.host.Hook(events.Delivery{File: "fx.py", Functions: []string{function}, Event: "agent.thought", Session: session, Payload: json.RawMessage(`{"thought":"` + thought + `"}`)})
		if err != nil {
			t.Fatal(err)
		}
	}
	hook("slow", "a", "x")
	hook("boom", "b", "x")
	hook("hook", "a", "behind the slow one")
	hook("ahook", "b", "b1")
	hook("hook", "b", "b2")
	eventually(t, func() (string, bool) {
		got := w.call(t, "got", `{}`, "a")
		return got, got == `["async b1", "b2"]`
	})
	w.err.heard(t, "hook boom for agent.thought: ValueError: hooked (fx.py, line 8)")
	w.call(t, "release", `{}`, "a")
	eventually(t, func() (string, bool) {
		got := w.call(t, "got", `{}`)
		return got, got == `["async b1", "b2", "behind the slow one"]`
	})
}

func TestAProjectsOwnInterpreterIsTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := pyfile.Interpreter(dir); got != "python3" {
		t.Error(got)
	}
	for _, p := range []string{".venv/bin/python", ".woodwork/env/bin/python"} {
		path := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, path, "")
		if got := pyfile.Interpreter(dir); got != path {
			t.Error(got)
		}
	}
}

// BenchmarkACallOfAFunction is what a call costs beyond the function itself, without the bus.
func BenchmarkACallOfAFunction(b *testing.B) {
	w := open(b, "def add(a: int, b: int): return a + b\n")
	w.call(b, "add", `{"a":1,"b":2}`, "s")
	for b.Loop() {
		w.call(b, "add", `{"a":1,"b":2}`, "s")
	}
}

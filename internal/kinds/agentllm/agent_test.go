package agentllm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/agentllm"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// world is all that an agent asks: a model whose replies are written down, a tool, and pipes.
type world struct {
	replies []chat.Reply
	asked   []chat.Request
	calls   []string // to tools and pipes, in order
	tool    func(tool.Call) (component.Result, error)
	pipe    func(event string, payload map[string]any) map[string]any
	chunks  []string
	user    event.UserAnswer
	ordered bool // the tool wants its calls so
	self    func(context.Context, component.Request) (component.Result, error)
}

func says(text string) chat.Reply {
	return chat.Reply{Content: text, Usage: chat.Usage{In: 10, Out: 2, Cost: 0.001}}
}

func wants(name, arguments string) chat.Reply {
	return chat.Reply{Calls: []chat.Call{{ID: "c1", Name: name, Arguments: arguments}}}
}

// issue asks at once.
func (w *world) issue(ctx context.Context, q component.Request) func() (component.Result, error) {
	r, err := w.ask(ctx, q)
	return func() (component.Result, error) { return r, err }
}

// sums describes itself, silent does not.
func (w *world) ask(ctx context.Context, q component.Request) (component.Result, error) {
	if q.To == "ag" && q.Type != events.TypePipe {
		return w.self(ctx, q)
	}
	switch q.Type {
	case event.TypeDescribe:
		if q.To != "sums" {
			return component.Result{}, errors.New("it does not describe itself")
		}
		return tool.Description{Ordered: w.ordered, Type: "functions", Text: "Adds {numbers}.", Functions: []tool.Function{{Name: "add"}, {Name: "fail"}}}.Result()
	case event.TypeHistory:
		return component.Result{Body: []byte(`[{"text":"I am Ada","answer":"Hello Ada"}]`)}, nil
	case chat.Type:
		var r chat.Request
		if err := json.Unmarshal(q.Body, &r); err != nil {
			return component.Result{}, err
		}
		w.asked = append(w.asked, r)
		if len(w.replies) == 0 {
			return component.Result{}, errors.New("the model has nothing more to say")
		}
		next := w.replies[0]
		w.replies = w.replies[1:]
		return next.Result()
	case event.TypeQuestion:
		w.calls = append(w.calls, string(q.Body))
		b, err := json.Marshal(w.user)
		return component.Result{ContentType: tool.JSON, Body: b}, err
	case events.TypePipe:
		return w.piped(q)
	}
	w.calls = append(w.calls, q.To+" "+string(q.Body))
	if w.tool == nil {
		return component.Result{ContentType: tool.Text, Body: []byte("done")}, nil
	}
	return w.tool(tool.ParseCall(q.Body))
}

func (w *world) piped(q component.Request) (component.Result, error) {
	var d events.Delivery
	if err := json.Unmarshal(q.Body, &d); err != nil {
		return component.Result{}, err
	}
	w.calls = append(w.calls, d.Event)
	var payload map[string]any
	if err := json.Unmarshal(d.Payload, &payload); err != nil {
		return component.Result{}, err
	}
	if w.pipe != nil {
		payload = w.pipe(d.Event, payload)
	}
	b, err := json.Marshal(payload)
	return component.Result{ContentType: tool.JSON, Body: b}, err
}

// start makes an agent with the tools sums and mute.
func (w *world) start(t *testing.T, config map[string]any, dir string, listen ...string) component.Kind {
	t.Helper()
	return w.startIn(t, "", config, dir, listen...)
}

func (w *world) startIn(t *testing.T, state string, config map[string]any, dir string, listen ...string) component.Kind {
	t.Helper()
	all := map[string]any{"model": "brain", "tools": []any{"sums", "mute"}}
	for k, v := range config {
		all[k] = v
	}
	spec := component.Spec{Name: "ag", Kind: "agent", Type: "llm", Config: all, App: component.App{Dir: dir, StateDir: state}}
	for _, e := range listen {
		spec.Listeners = append(spec.Listeners, component.Listener{Event: e, Pipe: true, File: "p.py", Function: "f", Owner: "ag"})
	}
	k, err := agentllm.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.DiscardHandler), Ask: w.ask}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(context.Background()) })
	return k
}

func (w *world) turn(t *testing.T, k component.Kind, text string) (component.Result, error) {
	t.Helper()
	return k.Handle(t.Context(), component.Task{
		Turn: "t1", Session: "s", Acceptor: "you", Body: []byte(text), Ask: w.ask, Issue: w.issue,
		Chunk: func(s string) { w.chunks = append(w.chunks, s) }, Restart: func() { w.chunks = append(w.chunks, "<restart>") },
	})
}

func want(t *testing.T, r component.Result, err error, text string) {
	t.Helper()
	if err != nil || string(r.Body) != text {
		t.Errorf("got %q, %v; want %q", r.Body, err, text)
	}
}

func TestAStepTellsItsEventsInOrder(t *testing.T) {
	t.Parallel()
	w := &world{replies: []chat.Reply{wants("sums__add", `{"a":1}`), says("It is 3.")}}
	k := w.start(t, nil, "", events.Thought, events.Action, events.ToolCall, events.Observation, events.StepComplete, events.AgentError)
	r, err := w.turn(t, k, "add")
	want(t, r, err, "It is 3.")
	order := []string{events.Thought, events.Action, events.ToolCall, `sums {"action":"add","inputs":{"a":1}}`, events.Observation, events.StepComplete}
	if d := cmp.Diff(order, w.calls); d != "" {
		t.Error(d)
	}
	if r.Tokens != 12 || r.Cost != 0.001 {
		t.Errorf("%d tokens, %v dollars", r.Tokens, r.Cost)
	}
}

func TestPipesChangeWhatIsDoneAndSeen(t *testing.T) {
	t.Parallel()
	w := &world{replies: []chat.Reply{wants("sums__add", `{"a":1}`), says("ok")}, pipe: func(name string, p map[string]any) map[string]any {
		switch name {
		case events.Action:
			p["action"] = map[string]any{"tool": "sums", "action": "add", "inputs": map[string]any{"a": 2}}
		case events.ToolCall:
			p["args"].(map[string]any)["b"] = 5
		case events.Observation:
			return map[string]any{"observation": "[secret]"}
		}
		return p
	}}
	k := w.start(t, nil, "", events.Action, events.ToolCall, events.Observation)
	r, err := w.turn(t, k, "add")
	want(t, r, err, "ok")
	if got := w.calls[2]; got != `sums {"action":"add","inputs":{"a":2,"b":5}}` {
		t.Errorf("called %s", got)
	}
	last := w.asked[1].Messages
	if got := last[len(last)-1]; got.Role != chat.Tool || got.Content != "[secret]" || got.CallID != "c1" {
		t.Errorf("the model saw %+v", got)
	}
}

func TestHooksAndPipesHearAsMuchOfAResultAsAMessageHolds(t *testing.T) {
	t.Parallel()
	var told string
	w := &world{
		replies: []chat.Reply{wants("sums__add", `{}`), says("ok")},
		tool: func(tool.Call) (component.Result, error) {
			return component.Result{Body: []byte(strings.Repeat("\x01", 900_000))}, nil // six bytes each as JSON
		},
		pipe: func(_ string, p map[string]any) map[string]any {
			told, _ = p["observation"].(string)
			return p
		},
	}
	r, err := w.turn(t, w.start(t, nil, "", events.Observation), "long")
	want(t, r, err, "ok")
	if b, err := json.Marshal(told); err != nil || len(b) > 700<<10 || len(b) < 400<<10 || !strings.HasSuffix(told, " of 900000 bytes]") {
		t.Errorf("%d bytes were told, which end in %q", len(b), told[max(0, len(told)-80):])
	}
}

func TestTheSessionsEarlierTurnsComeFirst(t *testing.T) {
	t.Parallel()
	for n, messages := range map[int]int{0: 2, 20: 4} {
		w := &world{replies: []chat.Reply{says("Ada")}}
		k := w.start(t, map[string]any{"history": float64(n)}, "")
		r, err := w.turn(t, k, "who am I?")
		want(t, r, err, "Ada")
		if m := w.asked[0].Messages; len(m) != messages || m[len(m)-1].Content != "who am I?" || n > 0 && m[1].Content != "I am Ada" {
			t.Errorf("history %d: %+v", n, m)
		}
	}
}

func TestFailuresOfToolsAreForTheModel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply chat.Reply
		want  string
	}{
		"a tool that says why":  {wants("sums__fail", `{}`), "Error: ValueError: no"},
		"a tool that is down":   {wants("mute", `{}`), "Error: mute: out of order"},
		"no such tool":          {wants("nothing__x", `{}`), `Error: there is no tool "nothing"; the tools are: sums, mute, ask_user`},
		"broken arguments":      {wants("sums__add", `{"a":`), "Error: the arguments of the call are not a JSON object: unexpected end of JSON input"},
		"a question of nothing": {wants("ask_user", `{}`), "Error: ask_user needs the input question: the text that the user is to answer"},
		"a question to nobody":  {wants("ask_user", `{"question":"why?"}`), "Error: no user to ask. Go on with what is known, or say in the final answer what is missing."},
	} {
		w := &world{replies: []chat.Reply{c.reply, says("ok")}, user: event.UserAnswer{None: event.NoUser}}
		w.tool = func(call tool.Call) (component.Result, error) {
			if call.Action == "fail" {
				return tool.Failed("ValueError: no"), nil
			}
			return component.Result{}, errors.New("mute: out of order")
		}
		r, err := w.turn(t, w.start(t, nil, ""), "x")
		want(t, r, err, "ok")
		m := w.asked[1].Messages
		if got := m[len(m)-1].Content; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheProtocolOfTextIsForModelsWithoutTools(t *testing.T) {
	t.Parallel()
	w := &world{
		replies: []chat.Reply{
			{NoTools: true},
			says("Thought: I add.\nAction: {'tool': 'sums', 'action': 'add', 'inputs': {'a': 1, 'ok': True}, 'output': 'total'}\nObservation: 99"),
			says("```\nThought: and again\nAction: {\"tool\": \"sums\", \"action\": \"add\", \"inputs\": {\"a\": \"total\", \"b\": \"total and more\"}, \"output\": \"x\"}\n```"),
			says("Thought: it is done\nFinal Answer: 4 {in all}"),
		},
		tool: func(tool.Call) (component.Result, error) {
			return component.Result{ContentType: tool.JSON, Body: []byte(`{"n": 3}`)}, nil
		},
	}
	r, err := w.turn(t, w.start(t, nil, ""), "add")
	want(t, r, err, "4 {in all}")
	calls := []string{`sums {"action":"add","inputs":{"a":1,"ok":true}}`, `sums {"action":"add","inputs":{"a":{"n":3},"b":"total and more"}}`}
	if d := cmp.Diff(calls, w.calls); d != "" {
		t.Error(d)
	}
	system := w.asked[1].Messages[0].Content
	if !strings.Contains(system, "<tool_description>\nAdds {numbers}.\n</tool_description>") || len(w.asked[1].Tools) != 0 {
		t.Errorf("the model was told %q", system)
	}
	if m := w.asked[3].Messages; strings.Contains(m[len(m)-4].Content, "99") || !strings.Contains(m[len(m)-3].Content, `{"n":3}`) {
		t.Errorf("the model saw %+v", m)
	}
}

func TestWhatCannotBeReadIsSaidThreeTimes(t *testing.T) {
	t.Parallel()
	bad := says(`Thought: x` + "\n" + `Action: {"tool": sums}`)
	lacks := says(`Action: {"tool": "sums"}`)
	w := &world{replies: []chat.Reply{bad, lacks, bad, says("Final Answer: at last")}}
	r, err := w.turn(t, w.start(t, nil, ""), "x")
	want(t, r, err, "at last")
	if m := w.asked[2].Messages; !strings.Contains(m[len(m)-1].Content, "lacks the key action, inputs") {
		t.Errorf("the model saw %q", m[len(m)-1].Content)
	}
	w = &world{replies: []chat.Reply{bad, bad, bad, bad}}
	if _, err := w.turn(t, w.start(t, nil, ""), "x"); err == nil || !strings.Contains(err.Error(), "more than 3 actions in a row that cannot be read") {
		t.Errorf("got %v", err)
	}
}

func TestAnEndlessLoopEnds(t *testing.T) {
	t.Parallel()
	var same, other []chat.Reply
	for i := range 60 {
		same = append(same, wants("sums__add", `{}`))
		other = append(other, wants("sums__add", fmt.Sprintf(`{"a":%d}`, i)))
	}
	w := &world{replies: same}
	_, err := w.turn(t, w.start(t, nil, ""), "x")
	if err == nil || !strings.Contains(err.Error(), "goes around in circles: it called sums.add {} 6 times") {
		t.Errorf("got %v", err)
	}
	if m := w.asked[3].Messages; !strings.Contains(m[len(m)-1].Content, "made 3 times with this result") {
		t.Errorf("the model was not told: %q", m[len(m)-1].Content)
	}
	w = &world{replies: other}
	_, err = w.turn(t, w.start(t, map[string]any{"max_iterations": 7.0}, ""), "x")
	if err == nil || !strings.Contains(err.Error(), "no answer in 7 steps") || len(w.asked) != 7 {
		t.Errorf("got %v after %d", err, len(w.asked))
	}
}

func TestLongThingsAreCutAndSummedUp(t *testing.T) {
	t.Parallel()
	w := &world{
		replies: []chat.Reply{wants("sums__add", `{}`), says("all of it is x"), says("ok")},
		tool: func(tool.Call) (component.Result, error) {
			return component.Result{Body: []byte(strings.Repeat("x", 100_000))}, nil
		},
	}
	r, err := w.turn(t, w.start(t, map[string]any{"observation_limit": 2000.0, "context_limit": 1500.0}, ""), "long")
	want(t, r, err, "ok")
	sum, after := w.asked[1].Messages, w.asked[2].Messages
	if !strings.Contains(sum[1].Content, "The task: long") || len(sum[1].Content) > 8000 {
		t.Errorf("summed up from %d bytes: %.100q", len(sum[1].Content), sum[1].Content)
	}
	if got := after[len(after)-2].Content; got != "What has been done so far:\nall of it is x" {
		t.Errorf("went on with %q", got)
	}
	w = &world{replies: []chat.Reply{{TooLong: true}}}
	if _, err := w.turn(t, w.start(t, nil, ""), "x"); err == nil || !strings.Contains(err.Error(), "longer than brain takes") {
		t.Errorf("got %v", err)
	}
}

func TestAnAgentIsAToolOfOthers(t *testing.T) {
	t.Parallel()
	w := &world{replies: []chat.Reply{says("Hello Ada")}}
	k := w.start(t, nil, "")
	q := tool.Call{Action: "greet {who}", Inputs: map[string]any{"who": "Ada"}}.Request("ag")
	r, err := k.(component.Answerer).Answer(t.Context(), component.Question{Body: q.Body, Ask: w.ask, Issue: w.issue, Chunk: func(string) {}})
	want(t, r, err, "Hello Ada")
	if m := w.asked[0].Messages; len(m) != 2 || m[1].Content != "greet Ada" {
		t.Errorf("got %+v", m)
	}
	d, err := k.(component.Describer).Describe(t.Context())
	if err != nil || !strings.Contains(string(d.Body), "sums, mute") {
		t.Errorf("%s, %v", d.Body, err)
	}
}

func TestThePromptFileIsReadForEveryTurn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "p.txt")
	w := &world{}
	k := w.start(t, map[string]any{"prompt": map[string]any{"file": "p.txt", "variables": map[string]any{"who": "Ada"}}}, dir)
	if _, err := w.turn(t, k, "x"); err == nil || !strings.Contains(err.Error(), `ag: its instruction "p.txt" cannot be read`) {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"You serve {who}, {{literally}} {other}.", "Answer with Action: only."} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w.replies = []chat.Reply{says("Final Answer: ok")}
		r, err := w.turn(t, k, "x")
		want(t, r, err, "ok")
	}
	if got := w.asked[0].Messages[0].Content; got != "You serve Ada, {literally} {other}." || len(w.asked[0].Tools) != 4 {
		t.Errorf("%q with %d tools", got, len(w.asked[0].Tools))
	}
	if got := w.asked[1].Messages[0].Content; !strings.Contains(got, "tool name: sums") || len(w.asked[1].Tools) != 0 {
		t.Errorf("a file that speaks of actions is for the protocol of text, got %q", got)
	}
}

func TestPlansAreKeptInFilesOfTheAgentsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := &world{replies: []chat.Reply{
		wants("planning_tools__write_todos", `{"todos":["find out","check"]}`),
		wants("planning_tools__write_todos", `{"todos":"find out","state":"completed"}`),
		wants("planning_tools__write_file", `{"file_path":"../../out.txt","content":"x"}`),
		wants("planning_tools__write_file", `{"file_path":"a/b.txt","content":"note"}`),
		wants("planning_tools__ls", `{}`),
		says("ok"),
	}}
	r, err := w.turn(t, w.start(t, map[string]any{"planning": true}, dir), "plan")
	want(t, r, err, "ok")
	b, err := os.ReadFile(filepath.Join(dir, ".woodwork", "agent_fs", "todos.txt"))
	if err != nil || string(b) != "[completed] find out\n[pending] check\n" {
		t.Errorf("%q, %v", b, err)
	}
	seen := w.asked[5].Messages
	if got := seen[len(seen)-1].Content; got != `["a/b.txt","todos.txt"]` {
		t.Errorf("listed %s", got)
	}
	if got := seen[len(seen)-5].Content; !strings.HasPrefix(got, "Error:") {
		t.Errorf("a path out of the agent's files: %s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "out.txt")); err == nil {
		t.Error("a file was written outside")
	}
}

func TestTheUsersAnswerIsAnObservation(t *testing.T) {
	t.Parallel()
	w := &world{replies: []chat.Reply{wants("ask_user", `{"question":"Which colour?"}`), says("ok")}, user: event.UserAnswer{Text: "red"}}
	w.pipe = func(name string, p map[string]any) map[string]any {
		switch name {
		case events.UserInputRequest:
			p["question"] = p["question"].(string) + " " + p["request_id"].(string) + " " + fmt.Sprint(p["timeout_seconds"])
		case events.UserInputResponse:
			p["response"] = "dark " + p["response"].(string)
		}
		return p
	}
	k := w.start(t, map[string]any{"ask_timeout": "90s"}, "", events.UserInputRequest, events.UserInputResponse)
	r, err := w.turn(t, k, "x")
	want(t, r, err, "ok")
	asked := `{"turn":"t1","question":"Which colour? t1/ag/1 90","timeout_ms":90000}`
	if d := cmp.Diff([]string{events.UserInputRequest, asked, events.UserInputResponse}, w.calls); d != "" {
		t.Error(d)
	}
	if m := w.asked[1].Messages; m[len(m)-1].Content != "dark red" {
		t.Errorf("the model saw %+v", m[len(m)-1])
	}
}

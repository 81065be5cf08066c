package agentllm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/agentllm"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// caching is an agent that keeps plans; it asks itself for them.
func (w *world) caching(t *testing.T, state string) component.Kind {
	t.Helper()
	return w.cachingAt(t, state, nil)
}

func (w *world) cachingAt(t *testing.T, state string, server map[string]any) component.Kind {
	t.Helper()
	config := map[string]any{"cache": true, "history": 0.0}
	for k, v := range server {
		config[k] = v
	}
	var k component.Kind
	w.self = func(ctx context.Context, q component.Request) (component.Result, error) {
		return k.(component.Answerer).Answer(ctx, component.Question{Type: q.Type, Body: q.Body})
	}
	k = w.startIn(t, state, config, "")
	return k
}

func TestAPlanIsFollowedForTheSameTaskAndForOneMuchLikeIt(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	task := "please add up the numbers of the shop in the street of the old town number 12"
	first := &world{replies: []chat.Reply{wants("sums__add", `{"a":12}`), wants("sums__add", `{"a":13}`), says("It is 25.")}}
	r, err := first.turn(t, first.caching(t, state), task)
	want(t, r, err, "It is 25.")

	same := &world{replies: []chat.Reply{says("It is 25 again.")}} // asked for the answer only
	r, err = same.turn(t, same.caching(t, state), task)
	want(t, r, err, "It is 25 again.")
	if d := cmp.Diff(first.calls, same.calls); d != "" || len(same.asked) != 1 {
		t.Errorf("the model was asked %d times\n%s", len(same.asked), d)
	}

	other := strings.Replace(task, "12", "14", 1)
	fit := &world{replies: []chat.Reply{
		says("```json\n" + `[{"content":"","calls":[{"id":"c1","name":"sums__add","arguments":"{\"a\":14}"}]},{"content":"","calls":[{"id":"c1","name":"sums__add","arguments":"{\"a\":15}"}]}]` + "\n```"),
		says("It is 29."),
	}}
	r, err = fit.turn(t, fit.caching(t, state), other)
	want(t, r, err, "It is 29.")
	if d := cmp.Diff([]string{`sums {"action":"add","inputs":{"a":14}}`, `sums {"action":"add","inputs":{"a":15}}`}, fit.calls); d != "" || len(fit.asked) != 2 {
		t.Errorf("the model was asked %d times\n%s", len(fit.asked), d)
	}
}

func TestAPlanThatDoesNotFitIsLeft(t *testing.T) {
	t.Parallel()
	task := "please add up the numbers of the shop in the street of the old town number 12"
	for name, c := range map[string]struct {
		task    string
		replies []chat.Reply
		fails   bool
		calls   int
	}{
		"another task":                {"tell me a story about a dog", []chat.Reply{says("Once.")}, false, 0},
		"the model says so":           {strings.Replace(task, "12", "14", 1), []chat.Reply{says("null"), says("Once.")}, false, 0},
		"the model names other tools": {strings.Replace(task, "12", "14", 1), []chat.Reply{says(`[{"calls":[{"name":"mute","arguments":"{}"}]}]`), says("Once.")}, false, 0},
		"a call fails":                {task, []chat.Reply{says("Once.")}, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			first := &world{replies: []chat.Reply{wants("sums__add", `{"a":12}`), says("ok")}}
			r, err := first.turn(t, first.caching(t, state), task)
			want(t, r, err, "ok")
			w := &world{replies: c.replies}
			w.tool = func(tool.Call) (component.Result, error) {
				if c.fails {
					return tool.Failed("no"), nil
				}
				return component.Result{ContentType: tool.Text}, nil
			}
			r, err = w.turn(t, w.caching(t, state), c.task)
			want(t, r, err, "Once.")
			if len(w.calls) != c.calls {
				t.Errorf("called %q", w.calls)
			}
		})
	}
}

func TestWhatFailedIsNoPlan(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for range 2 {
		w := &world{replies: []chat.Reply{wants("nothing__x", `{}`), says("ok")}}
		r, err := w.turn(t, w.caching(t, state), "do what cannot be done, if you please")
		want(t, r, err, "ok")
		if len(w.asked) != 2 {
			t.Errorf("asked %d times", len(w.asked))
		}
	}
}

// neo4j keeps prompts as a server does, as far as plans need it: it knows the statements by their first words.
type neo4j struct {
	mu    sync.Mutex
	nodes []map[string]any
}

func (n *neo4j) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != "neo4j" || password != "pw" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in struct {
		Statements []struct {
			Statement  string
			Parameters map[string]any
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/db/neo4j/tx/commit" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p := in.Statements[0].Parameters
	var rows []map[string]any
	switch s := in.Statements[0].Statement; {
	case strings.HasPrefix(s, "OPTIONAL MATCH (old:Prompt"):
		for _, one := range p["list"].([]any) {
			node := one.(map[string]any)
			node["owner"], node["model"], node["path"] = p["owner"], p["model"], p["path"]
			n.nodes = append(n.nodes, node)
		}
	case strings.HasPrefix(s, "MATCH (p:Prompt {owner: $owner, model: $model})\nRETURN"):
		for _, node := range n.nodes {
			if node["owner"] == p["owner"] && node["model"] == p["model"] {
				rows = append(rows, map[string]any{"row": []any{node["path"], node["index"], node["text"], node["vector"]}})
			}
		}
	default:
		fmt.Fprint(w, `{"results": [], "errors": [{"code": "Unknown", "message": "no such statement"}]}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{}, "results": []any{map[string]any{"columns": []string{"path", "index", "text", "vector"}, "data": rows}}})
}

func TestPlansAreKeptOnTheServerThatIsNamed(t *testing.T) {
	t.Parallel()
	n := &neo4j{}
	srv := httptest.NewServer(n)
	defer srv.Close()
	const task = "please add up the numbers of the shop in the street of the old town number 12"
	at := map[string]any{"uri": srv.URL, "user": "neo4j", "password": "pw"}
	for _, replies := range [][]chat.Reply{{wants("sums__add", `{"a":12}`), says("It is 25.")}, {says("It is 25.")}} { // then it is asked for the answer only
		w := &world{replies: replies}
		r, err := w.turn(t, w.cachingAt(t, t.TempDir(), at), task) // not in the state of the app
		want(t, r, err, "It is 25.")
		if len(w.asked) != len(replies) {
			t.Errorf("asked %d times, want %d", len(w.asked), len(replies))
		}
	}
	if len(n.nodes) != 1 || n.nodes[0]["owner"] != "ag" {
		t.Errorf("the server has %v", n.nodes)
	}
	for _, broken := range []map[string]any{{"uri": srv.URL, "user": "neo4j", "password": "no"}, {"uri": "bolt://127.0.0.1:1"}} {
		w := &world{replies: []chat.Reply{wants("sums__add", `{"a":12}`), says("without it")}}
		r, err := w.turn(t, w.cachingAt(t, t.TempDir(), broken), task)
		want(t, r, err, "without it")
	}
	if _, err := agentllm.New(component.Spec{Name: "ag", Config: map[string]any{"model": "brain", "uri": "redis://x"}}); err == nil || !strings.Contains(err.Error(), "no address of a Neo4j server") {
		t.Errorf("an address that is none: %v", err)
	}
}

package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/llm"
	"github.com/woodwork-lang/ww/internal/kinds/llm/llmtest"
)

// start makes a model of a type that asks a stand-in server.
func start(t *testing.T, typ string, config map[string]any, replies ...llmtest.Reply) (component.Kind, *llmtest.Server) {
	t.Helper()
	server := llmtest.New(replies...)
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	all := map[string]any{"api_key": "sk-secret-key", "base_url": web.URL + "/v1", "model": "m-1", "max_retries": 0.0}
	for k, v := range config {
		all[k] = v
	}
	return seeded(t, nil, typ, all), server
}

// seeded is a model of an app whose chance begins with a seed.
func seeded(t *testing.T, seed *uint32, typ string, config map[string]any) component.Kind {
	t.Helper()
	kind, err := llm.New(component.Spec{Name: "brain", Kind: "llm", Type: typ, App: component.App{Seed: seed}, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Start(t.Context(), component.Env{}); err != nil {
		t.Fatal(err)
	}
	return kind
}

// A service that takes a seed is told it; of Claude there is none.
func TestTheSeedIsToldToServicesThatTakeOne(t *testing.T) {
	t.Parallel()
	seed := uint32(7)
	for typ, want := range map[string]any{"openai": 7.0, "ollama": 7.0, "hugging_face": 7.0, "claude": nil} {
		server := llmtest.New(llmtest.Reply{Pieces: []string{"ok"}})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		kind := seeded(t, &seed, typ, map[string]any{"api_key": "k", "base_url": web.URL + "/v1", "model": "m-1"})
		if _, _, err := talk(t, kind, conversation); err != nil {
			t.Fatal(err)
		}
		if got := server.Asked()[0].Body["seed"]; got != want {
			t.Errorf("%s: seed %v, want %v", typ, got, want)
		}
	}
}

type heard struct{ pieces []string }

func (h *heard) chunk(s string) {
	if s != "" {
		h.pieces = append(h.pieces, s)
	}
}

// talk is one move of a conversation.
func talk(t *testing.T, kind component.Kind, r chat.Request) (chat.Reply, []string, error) {
	t.Helper()
	var h heard
	q := r.Ask("brain")
	res, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Type: q.Type, Body: q.Body, Chunk: h.chunk})
	if err != nil {
		return chat.Reply{}, h.pieces, err
	}
	var reply chat.Reply
	if err := json.Unmarshal(res.Body, &reply); err != nil {
		t.Fatal(err)
	}
	return reply, h.pieces, nil
}

var conversation = chat.Request{
	Messages: []chat.Message{
		{Role: chat.System, Content: "be good"},
		{Role: chat.User, Content: "weather?"},
		{Role: chat.Assistant, Content: "I look.", Calls: []chat.Call{{ID: "c0", Name: "fx__look", Arguments: `{"at":"x"}`}}},
		{Role: chat.Tool, CallID: "c0", Content: ""},
	},
	Tools: []chat.Def{{Name: "fx__look", Description: "Looks.", Parameters: json.RawMessage(`{"type":"object"}`)}},
}

// both runs a test for each protocol.
func both(t *testing.T, run func(t *testing.T, typ string)) {
	t.Helper()
	for _, typ := range []string{"openai", "claude"} {
		t.Run(typ, func(t *testing.T) { t.Parallel(); run(t, typ) })
	}
}

func TestAMoveIsTextAndCalls(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, typ string) {
		kind, _ := start(t, typ, nil, llmtest.Reply{
			Pieces: []string{"It is ", "grüß\nsunny"}, Calls: []llmtest.Call{{ID: "c1", Name: "fx__look", Arguments: `{"at":"north pole"}`}, {ID: "c2", Name: "fx__look"}}, In: 12, Out: 5,
		})
		reply, pieces, err := talk(t, kind, conversation)
		want := chat.Reply{
			Content: "It is grüß\nsunny", Model: "m-1", Usage: chat.Usage{In: 12, Out: 5},
			Calls: []chat.Call{{ID: "c1", Name: "fx__look", Arguments: `{"at":"north pole"}`}, {ID: "c2", Name: "fx__look"}},
		}
		if typ == "claude" {
			want.Calls[1].Arguments = "{}"
		}
		if d := cmp.Diff(want, reply); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
		if got := strings.Join(pieces, "|"); got != "It is |grüß\nsunny" {
			t.Errorf("streamed %q", got)
		}
	})
}

func TestAServiceThatDoesNotStream(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, typ string) {
		kind, _ := start(t, typ, nil, llmtest.Reply{Pieces: []string{"all ", "at once"}, Calls: []llmtest.Call{{ID: "c1", Name: "fx__look", Arguments: `{"a":1}`}}, In: 3, Out: 4, Whole: true})
		reply, _, err := talk(t, kind, conversation)
		if err != nil || reply.Content != "all at once" || reply.Usage.In != 3 || len(reply.Calls) != 1 || reply.Calls[0].Arguments != `{"a":1}` {
			t.Errorf("%+v, %v", reply, err)
		}
	})
}

func TestWhatIsAskedIsWhatTheServicesWant(t *testing.T) {
	t.Parallel()
	kind, server := start(t, "openai", map[string]any{"max_tokens": 9.0}, llmtest.Reply{Pieces: []string{"ok"}})
	if _, _, err := talk(t, kind, conversation); err != nil {
		t.Fatal(err)
	}
	got := server.Asked()[0]
	if got.Path != "/v1/chat/completions" || got.Header.Get("Authorization") != "Bearer sk-secret-key" {
		t.Errorf("%s %v", got.Path, got.Header)
	}
	b, _ := json.Marshal(got.Body)
	want := `{"max_tokens":9,"messages":[{"content":"be good","role":"system"},{"content":"weather?","role":"user"},` +
		`{"content":"I look.","role":"assistant","tool_calls":[{"function":{"arguments":"{\"at\":\"x\"}","name":"fx__look"},"id":"c0","type":"function"}]},` +
		`{"content":"","role":"tool","tool_call_id":"c0"}],"model":"m-1","stream":true,"stream_options":{"include_usage":true},"temperature":0,` +
		`"tools":[{"function":{"description":"Looks.","name":"fx__look","parameters":{"type":"object"}},"type":"function"}]}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
	kind, server = start(t, "claude", map[string]any{"temperature": 0.5}, llmtest.Reply{Pieces: []string{"ok"}})
	if _, _, err := talk(t, kind, conversation); err != nil {
		t.Fatal(err)
	}
	got = server.Asked()[0]
	if got.Path != "/v1/messages" || got.Header.Get("X-Api-Key") != "sk-secret-key" || got.Header.Get("Anthropic-Version") == "" {
		t.Errorf("%s %v", got.Path, got.Header)
	}
	b, _ = json.Marshal(got.Body)
	want = `{"max_tokens":8192,"messages":[{"content":[{"text":"weather?","type":"text"}],"role":"user"},` +
		`{"content":[{"text":"I look.","type":"text"},{"id":"c0","input":{"at":"x"},"name":"fx__look","type":"tool_use"}],"role":"assistant"},` +
		`{"content":[{"content":"(nothing)","tool_use_id":"c0","type":"tool_result"}],"role":"user"}],"model":"m-1","stream":true,"system":"be good","temperature":0.5,` +
		`"tools":[{"description":"Looks.","input_schema":{"type":"object"},"name":"fx__look"}]}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ   string
		reply llmtest.Reply
		want  []string
		bad   bool // the request's fault
	}{
		"wrong key":     {"openai", llmtest.Reply{Status: 401, Error: "Incorrect API key provided"}, []string{"brain (m-1): it answers 401 Unauthorized: Incorrect API key provided", "or try: ww dev --offline"}, true},
		"no such model": {"claude", llmtest.Reply{Status: 404, Error: "model: m-1"}, []string{"404 Not Found", `is "m-1" a model of this service`}, true},
		"not pulled":    {"ollama", llmtest.Reply{Status: 404, Error: "model not found"}, []string{"ollama pull m-1"}, true},
		"no credit":     {"openai", llmtest.Reply{Status: 429, Error: "You exceeded your current quota"}, []string{"the account has no credit left"}, false},
		"broken":        {"claude", llmtest.Reply{Status: 500, Error: "oops"}, []string{"500 Internal Server Error: oops"}, false},
		"cut":           {"openai", llmtest.Reply{Pieces: []string{"half"}, Cut: true}, []string{"cannot be reached"}, false},
		"malformed":     {"openai", llmtest.Reply{Raw: "data: {\"choices\": [oops\n\n"}, []string{`a piece of the service's answer is no JSON: {"choices": [oops`}, false},
		"ends early":    {"claude", llmtest.Reply{Raw: "event: ping\ndata: {\"type\":\"ping\"}\n\n"}, []string{"ended its answer in the middle"}, false},
		"no model":      {"openai", llmtest.Reply{Raw: "<html>Welcome</html>"}, []string{"answers, but not as a model does; is it the address of the service?"}, false},
		"error inside":  {"openai", llmtest.Reply{Raw: "data: {\"error\":{\"message\":\"the GPU melted\"}}\n\n"}, []string{"it says: the GPU melted"}, false},
		"a page":        {"openai", llmtest.Reply{Status: 502, Error: ""}, []string{"502 Bad Gateway"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, _ := start(t, c.typ, nil, c.reply)
			_, _, err := talk(t, kind, conversation)
			if err == nil {
				t.Fatal("it went well")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q lacks %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "sk-secret") {
				t.Errorf("the key is in %q", err)
			}
			if errors.Is(err, component.ErrBadRequest) != c.bad {
				t.Errorf("%v: its fault %t, want %t", err, !c.bad, c.bad)
			}
		})
	}
}

func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, typ string) {
		soon := http.Header{"Retry-After-Ms": {"1"}}
		kind, server := start(t, typ, map[string]any{"max_retries": 2.0},
			llmtest.Reply{Status: 429, Header: soon}, llmtest.Reply{Status: 503, Header: soon}, llmtest.Reply{Pieces: []string{"at last"}})
		reply, _, err := talk(t, kind, conversation)
		if err != nil || reply.Content != "at last" || len(server.Asked()) != 3 {
			t.Errorf("%+v, %v after %d", reply, err, len(server.Asked()))
		}
	})
}

func TestAnOverloadOpensTheBreakerForAsLongAsItSays(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, typ string) {
		kind, server := start(t, typ, map[string]any{"max_retries": 2.0}, llmtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"77"}}})
		_, _, err := talk(t, kind, conversation)
		var later interface{ RetryAfter() time.Duration }
		if !errors.As(err, &later) || later.RetryAfter() != 77*time.Second || len(server.Asked()) != 1 {
			t.Errorf("%v after %d", err, len(server.Asked()))
		}
	})
}

func TestSilenceIsAFailure(t *testing.T) {
	t.Parallel()
	for _, pieces := range [][]string{nil, {"and then"}} {
		kind, _ := start(t, "openai", map[string]any{"timeout": 0.05}, llmtest.Reply{Pieces: pieces, Stall: time.Minute})
		_, _, err := talk(t, kind, conversation)
		if err == nil || !strings.Contains(err.Error(), "said nothing for 50ms") {
			t.Errorf("got %v", err)
		}
	}
}

func TestModelsSayWhatTheyCannot(t *testing.T) {
	t.Parallel()
	kind, _ := start(t, "ollama", nil, llmtest.Reply{Status: 400, Error: "m-1 does not support tools"})
	if reply, _, err := talk(t, kind, conversation); err != nil || !reply.NoTools {
		t.Errorf("%+v, %v", reply, err)
	}
	kind, _ = start(t, "openai", nil, llmtest.Reply{Status: 400, Error: "This model's maximum context length is 8192 tokens"})
	if reply, _, err := talk(t, kind, conversation); err != nil || !reply.TooLong {
		t.Errorf("%+v, %v", reply, err)
	}
	kind, _ = start(t, "claude", nil, llmtest.Reply{Status: 400, Error: "prompt is too long: 210000 tokens > 200000 maximum"})
	if reply, _, err := talk(t, kind, conversation); err != nil || !reply.TooLong {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestAServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	for typ, want := range map[string]string{"openai": "cannot be reached", "ollama": "ollama serve"} {
		kind, _ := start(t, typ, map[string]any{"base_url": "http://127.0.0.1:1/v1"})
		_, _, err := talk(t, kind, conversation)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

func TestATurnIsAnsweredWithWhatIsRemembered(t *testing.T) {
	t.Parallel()
	kind, server := start(t, "openai", map[string]any{"memory": "mem", "model": "gpt-4o-mini"}, llmtest.Reply{Pieces: []string{"Hello ", "Ada"}, In: 1000, Out: 1000})
	var asked []string
	var h heard
	res, err := kind.Handle(t.Context(), component.Task{Body: []byte("hi"), Chunk: h.chunk, Ask: func(_ context.Context, q component.Request) (component.Result, error) {
		asked = append(asked, q.To+" "+string(q.Body))
		if len(asked) == 1 {
			return component.Result{Body: []byte("[USER] I am Ada")}, nil
		}
		return component.Result{}, nil
	}})
	if err != nil || string(res.Body) != "Hello Ada" || res.Tokens != 2000 || res.Cost != 0.00075 || len(h.pieces) != 2 {
		t.Errorf("%+v, %v, %q", res, err, h.pieces)
	}
	want := []string{`mem {"action":"read","inputs":{}}`, `mem {"action":"append","inputs":{"ai":"Hello Ada","user":"hi"}}`}
	if d := cmp.Diff(want, asked); d != "" {
		t.Error(d)
	}
	first := server.Asked()[0].Body["messages"].([]any)[0].(map[string]any)["content"].(string)
	if !strings.HasSuffix(first, "What was said before:\n[USER] I am Ada") {
		t.Errorf("told %q", first)
	}
}

func TestWhatIsMissingIsSaidBeforeTheStart(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]component.Spec{
		"or try: ww dev --offline": {Name: "b", Type: "openai", Config: map[string]any{}},
		"name the model":           {Name: "b", Type: "ollama", Config: map[string]any{}},
		`property "max_retries"`:   {Name: "b", Type: "ollama", Config: map[string]any{"model": "x", "max_retries": -1.0}},
	} {
		if _, err := llm.New(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

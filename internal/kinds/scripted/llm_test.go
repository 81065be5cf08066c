package scripted_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

// talk is one move of a scripted model.
func talk(t *testing.T, kind component.Kind, messages ...chat.Message) chat.Reply {
	t.Helper()
	q := chat.Request{Messages: messages, Tools: []chat.Def{{Name: "fx__today"}}}.Ask("m")
	res, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Type: q.Type, Body: q.Body})
	if err != nil {
		t.Fatal(err)
	}
	var r chat.Reply
	if err := json.Unmarshal(res.Body, &r); err != nil {
		t.Fatal(err)
	}
	r.Usage = chat.Usage{}
	return r
}

func user(text string) chat.Message { return chat.Message{Role: chat.User, Content: text} }

func result(text string) chat.Message { return chat.Message{Role: chat.Tool, Content: text} }

func TestAModelMakesTheCallsOfItsScriptOneByOne(t *testing.T) {
	t.Parallel()
	kind, _, err := actor(t, scripted.New, `
when "plan *"
    say "Let me see."
    call fx.today {}
    call fx.add { "day": "{last}", "what": "{1}" }
    say "Planned {1} for {fx}."
`, nil, component.Env{})
	if err != nil {
		t.Fatal(err)
	}
	said := []chat.Message{user("earlier"), result("old"), user("plan a walk")}
	want := chat.Reply{Content: "Let me see.", Model: "scripted", Calls: []chat.Call{{ID: "call_1", Name: "fx__today", Arguments: "{}"}}}
	if d := cmp.Diff(want, talk(t, kind, said...)); d != "" {
		t.Error(d)
	}
	said = append(said, result(`a "holiday"`))
	want = chat.Reply{Model: "scripted", Calls: []chat.Call{{ID: "call_2", Name: "fx__add", Arguments: `{ "day": "a \"holiday\"", "what": "a walk" }`}}}
	if d := cmp.Diff(want, talk(t, kind, said...)); d != "" {
		t.Error(d)
	}
	want = chat.Reply{Model: "scripted", Content: "Planned a walk for monday."}
	if d := cmp.Diff(want, talk(t, kind, append(said, result("monday"))...)); d != "" {
		t.Error(d)
	}
}

func TestTheStandInMakesExactlyTheCallsOfTheUser(t *testing.T) {
	t.Parallel()
	kind, err := scripted.New(component.Spec{Name: "m", Config: map[string]any{"offline": true}})
	if err == nil {
		_, err = kind.Start(t.Context(), component.Env{})
	}
	if err != nil {
		t.Fatal(err)
	}
	ask := user(`Please call fx.today {"zone": {"name": "a } b"}} and then call my_agent { "action": "call x.y {}" }, thanks. I call you {later}`)
	want := chat.Reply{Model: "stand-in", Content: "The user wants a call of fx.today.", Calls: []chat.Call{{ID: "call_1", Name: "fx__today", Arguments: `{"zone":{"name":"a } b"}}`}}}
	if d := cmp.Diff(want, talk(t, kind, ask)); d != "" {
		t.Error(d)
	}
	want.Content = "The user wants a call of my_agent."
	want.Calls = []chat.Call{{ID: "call_2", Name: "my_agent", Arguments: `{"action":"call x.y {}"}`}}
	if d := cmp.Diff(want, talk(t, kind, ask, result("monday"))); d != "" {
		t.Error(d)
	}
	want = chat.Reply{Model: "stand-in", Content: "fx.today answered: monday\nmy_agent failed: out"}
	if d := cmp.Diff(want, talk(t, kind, ask, result("monday"), result("Error: out"))); d != "" {
		t.Error(d)
	}
	want.Content = "This is the offline stand-in for a model. You said: call me maybe"
	if d := cmp.Diff(want, talk(t, kind, user(" call me maybe "))); d != "" {
		t.Error(d)
	}
	want = chat.Reply{Model: "stand-in", Content: "The user wants a call of fx.today.", Calls: []chat.Call{{ID: "call_1", Name: "fx__today", Arguments: "{}"}}}
	if d := cmp.Diff(want, talk(t, kind, user(" call fx.today\n"))); d != "" {
		t.Error(d)
	}
}

func TestAScriptThatSaysNothingLeavesItToTheStandIn(t *testing.T) {
	t.Parallel()
	kind, _, err := actor(t, scripted.New, "when \"hi\"\n say \"ho\"\n", map[string]any{"offline": true}, component.Env{})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"hi": "ho", "hey": "This is the offline stand-in for a model. You said: hey"} {
		if r := talk(t, kind, user(in)); r.Content != want {
			t.Errorf("%s: %q", in, r.Content)
		}
		if r, err := kind.Handle(t.Context(), component.Task{Body: []byte(in)}); err != nil || string(r.Body) != want {
			t.Errorf("%s: %q, %v", in, r.Body, err)
		}
	}
}

package scripted_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

// actor makes a component from a script and starts it.
func actor(t *testing.T, build func(component.Spec) (component.Kind, error), script string, config map[string]any, env component.Env) (component.Kind, component.Traits, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.script"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if config == nil {
		config = map[string]any{}
	}
	config["script"] = "a.script"
	kind, err := build(component.Spec{Name: "it", App: component.App{Dir: dir}, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	traits, err := kind.Start(t.Context(), env)
	return kind, traits, err
}

func agent(t *testing.T, script string, env component.Env) component.Kind {
	t.Helper()
	kind, _, err := actor(t, scripted.NewAgent, script, map[string]any{"tools": []any{"shell", "clock"}}, env)
	if err != nil {
		t.Fatal(err)
	}
	return kind
}

// fakeTools answers requests and keeps them.
type fakeTools struct {
	asked []string
	reply func(q component.Request) (string, error)
}

func (f *fakeTools) ask(_ context.Context, q component.Request) (component.Result, error) {
	f.asked = append(f.asked, q.To+" "+q.ContentType+" "+string(q.Body))
	text, err := f.reply(q)
	return component.Result{Body: []byte(text)}, err
}

func TestAnAgentCallsInTheOrderOfItsScriptAndUsesTheAnswers(t *testing.T) {
	t.Parallel()
	kind := agent(t, `when "tidy *"
    call clock "now?"
    call shell { "do": "ls {1}", "at": "{clock}", "deep": [{}] }
    say "At {clock}: {shell}, {last}."
    call shell """
        rm {shell}
          -r
        """
    say "{shell} for {text}"
`, component.Env{})
	tools := &fakeTools{reply: func(q component.Request) (string, error) {
		switch {
		case q.To == "clock":
			return `"noon"`, nil
		case strings.HasPrefix(string(q.Body), "rm"):
			return "removed", nil
		}
		return "a b", nil
	}}
	chunks := ""
	r, err := kind.Handle(t.Context(), component.Task{Body: []byte(`tidy "x\y"`), Ask: tools.ask, Chunk: func(s string) { chunks += s }})
	if want := "At \"noon\": a b, a b.\nremoved for tidy \"x\\y\""; err != nil || string(r.Body) != want || chunks != want {
		t.Errorf("got %q, %v; want %q", r.Body, err, want)
	}
	want := []string{
		"clock text/plain now?",
		`shell application/json { "do": "ls \"x\\y\"", "at": "\"noon\"", "deep": [{}] }`,
		"shell text/plain rm a b\n  -r",
	}
	if d := cmp.Diff(want, tools.asked); d != "" {
		t.Error(d)
	}
}

func TestAFailedCallFailsTheTurnUnlessSomethingStandsIn(t *testing.T) {
	t.Parallel()
	kind := agent(t, `when "strict"
    call shell "x"
    say "not said"
when "mild *"
    call shell "x" or "no {1}"
    say "{shell} {last}"
`, component.Env{})
	why := errors.New("shell: out of order")
	tools := &fakeTools{reply: func(component.Request) (string, error) { return "", why }}
	if r, err := kind.Handle(t.Context(), component.Task{Body: []byte("strict"), Ask: tools.ask}); !errors.Is(err, why) {
		t.Errorf("got %q, %v; want the failure of the call", r.Body, err)
	}
	r, err := kind.Handle(t.Context(), component.Task{Body: []byte("mild luck"), Ask: tools.ask})
	if err != nil || string(r.Body) != "no luck no luck" {
		t.Errorf("got %q, %v", r.Body, err)
	}
	if _, err := kind.Handle(t.Context(), component.Task{Body: []byte("strict")}); err == nil {
		t.Error("a call succeeded where there is nobody to ask")
	}
}

func TestACanceledCallHasNoStandIn(t *testing.T) {
	t.Parallel()
	kind := agent(t, "otherwise\n call shell \"x\" or \"fine\"\n", component.Env{})
	why := errors.New("canceled by hand")
	ctx, cancel := context.WithCancelCause(t.Context())
	tools := &fakeTools{reply: func(component.Request) (string, error) { cancel(why); return "", ctx.Err() }}
	if r, err := kind.Handle(ctx, component.Task{Ask: tools.ask}); !errors.Is(err, why) {
		t.Errorf("got %q, %v; want the reason of the cancel", r.Body, err)
	}
}

func TestThinkingTakesItsTime(t *testing.T) {
	t.Parallel()
	kind := agent(t, "otherwise\n think 200ms\n say \"x\"\n", component.Env{})
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if _, err := kind.Handle(t.Context(), component.Task{}); err != nil || time.Since(begin) != 200*time.Millisecond {
			t.Errorf("took %v, %v", time.Since(begin), err)
		}
	})
}

func TestAnAgentCallsOnlyItsTools(t *testing.T) {
	t.Parallel()
	const script = "otherwise\n call shell \"x\"\n call printer \"x\"\n"
	_, _, err := actor(t, scripted.NewAgent, script, map[string]any{"tools": []any{"shell"}}, component.Env{})
	want := `a.script:3:2: "printer" is not one of the agent's tools (name it in tools: [shell, printer], or call shell)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := scripted.NewAgent(component.Spec{Config: map[string]any{"script": "a", "tools": "shell"}}); err == nil {
		t.Error("tools that are no list were accepted")
	}
}

func TestCrashBlamesTheMessageAndEndsTheProcess(t *testing.T) {
	t.Parallel()
	var ended []int
	env := component.Env{Fatal: func(status int, _ error) { ended = append(ended, status) }}
	kind := agent(t, "when \"once\"\n crash 1\n say \"well\"\nwhen \"ever\"\n crash\n say \"never\"\n", env)
	for _, c := range []struct {
		input   string
		attempt int
		crashes bool
	}{{"once", 1, true}, {"once", 2, false}, {"ever", 1, true}, {"ever", 9, true}} {
		ended = nil
		_, err := kind.Handle(t.Context(), component.Task{Body: []byte(c.input), Attempt: c.attempt})
		if errors.Is(err, component.ErrCrashed) != c.crashes || (len(ended) == 1 && ended[0] == 1) != c.crashes {
			t.Errorf("%s, attempt %d: %v, ended with %v", c.input, c.attempt, err, ended)
		}
	}
}

func TestAToolAnswersAndWritesWhatItDid(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for _, effects := range []bool{true, false} {
		log.Reset()
		kind, traits, err := actor(t, scripted.NewTool, "when \"rm *\"\n log \"removed {1}\"\n say \"done\"\nwhen \"bad\"\n fail \"no\"\n",
			map[string]any{"side_effects": effects}, component.Env{Stdout: &log})
		if err != nil || traits.SideEffects != effects {
			t.Fatalf("traits %+v, %v", traits, err)
		}
		r, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Body: []byte("rm x")})
		if err != nil || string(r.Body) != "done" || log.String() != "removed x\n" {
			t.Errorf("answer %q, log %q, %v", r.Body, log.String(), err)
		}
		if _, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Body: []byte("bad")}); err == nil || err.Error() != "no" {
			t.Errorf("got %v, want the script's failure", err)
		}
	}
	for _, config := range []map[string]any{{"script": "a", "side_effects": "yes"}, {}} {
		if _, err := scripted.NewTool(component.Spec{Config: config}); err == nil {
			t.Errorf("%v was accepted", config)
		}
	}
}

func TestAModelAnswersCallsWithoutEffects(t *testing.T) {
	t.Parallel()
	kind, traits, err := actor(t, scripted.New, "otherwise\n say \"{text}!\"\n", nil, component.Env{})
	if err != nil || traits.SideEffects {
		t.Fatalf("traits %+v, %v", traits, err)
	}
	r, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Body: []byte("hm")})
	if err != nil || string(r.Body) != "hm!" {
		t.Errorf("got %q, %v", r.Body, err)
	}
}

// A task of another component is worked on as a turn is: its calls are made, and a call's inputs are filled in.
func TestAnAgentAnswersTheRequestsOfOthers(t *testing.T) {
	t.Parallel()
	tools := &fakeTools{reply: func(component.Request) (string, error) { return "noon", nil }}
	kind, traits, err := actor(t, scripted.NewAgent, "when \"when is *\"\n    call clock \"{1}\"\n    say \"{1} is at {last}\"\n", map[string]any{"tools": []any{"clock"}}, component.Env{})
	if err != nil || !traits.Steps {
		t.Fatalf("%+v (%v): its calls are to be steps, so that a request that comes again goes on", traits, err)
	}
	for _, body := range []string{"when is lunch", `{"action":"when is {what}","inputs":{"what":"lunch"}}`} {
		got, err := kind.(component.Answerer).Answer(t.Context(), component.Question{Body: []byte(body), Ask: tools.ask})
		if err != nil || string(got.Body) != "lunch is at noon" {
			t.Errorf("%s: %q (%v)", body, got.Body, err)
		}
	}
	if len(tools.asked) != 2 {
		t.Errorf("asked %q", tools.asked)
	}
}

package agentllm_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// caching is an agent that keeps plans; it asks itself for them.
func (w *world) caching(t *testing.T, state string) component.Kind {
	t.Helper()
	var k component.Kind
	w.self = func(ctx context.Context, q component.Request) (component.Result, error) {
		return k.(component.Answerer).Answer(ctx, component.Question{Type: q.Type, Body: q.Body})
	}
	k = w.startIn(t, state, map[string]any{"cache": true, "history": 0.0}, "")
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

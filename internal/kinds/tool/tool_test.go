package tool_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func TestEveryBodyIsACall(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]tool.Call{
		`{"action": "add", "inputs": {"a": 1}}`: {Action: "add", Inputs: map[string]any{"a": json.Number("1")}},
		`{"action": "now"}`:                     {Action: "now"},
		`{"a": 1}`:                              {Inputs: map[string]any{"a": json.Number("1")}},
		`list the attic`:                        {Action: "list the attic"},
		`{broken`:                               {Action: "{broken"},
		`{"a": 12345678901234567890, "b": 2.0}`: {Inputs: map[string]any{"a": json.Number("12345678901234567890"), "b": json.Number("2.0")}},
		`{"action": 3}`:                         {Inputs: map[string]any{"action": json.Number("3")}},
	} {
		if d := cmp.Diff(want, tool.ParseCall([]byte(body))); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
}

func TestACallComesBackFromItsRequest(t *testing.T) {
	t.Parallel()
	c := tool.Call{Action: "add", Inputs: map[string]any{"a": "x", "list": []any{json.Number("1"), nil}}}
	if d := cmp.Diff(c, tool.ParseCall(c.Request("sums").Body)); d != "" {
		t.Error(d)
	}
}

func TestPlaceholdersAreFilledWithWhatStandsUnderTheirName(t *testing.T) {
	t.Parallel()
	c := tool.Call{Action: "ask {who} about {what}, {who}; {unknown}", Inputs: map[string]any{"who": "Ada", "what": []any{json.Number("1")}}}
	if got := c.Filled(); got != "ask Ada about [1], Ada; {unknown}" {
		t.Error(got)
	}
}

func TestValuesAreShownAsPromptsKnowThem(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"None": nil, "True": true, "False": false, "3": 3.0, "0.5": 0.5, "a b": "a b", `{"a":[1]}`: map[string]any{"a": []any{json.Number("1")}},
	} {
		if got := tool.Show(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if v := tool.Value(component.Result{ContentType: tool.JSON, Body: []byte("null")}); v != nil {
		t.Errorf("got %v", v)
	}
}

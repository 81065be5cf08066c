package tool_test

import (
	"context"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func TestAKnowledgeBaseThatOnlySaysWhetherATextIsInItIsReadAsAWhole(t *testing.T) {
	for _, c := range []struct {
		query component.Result
		want  string
	}{
		{component.Result{ContentType: tool.JSON, Body: []byte("false")}, "all of it"},
		{component.Result{ContentType: tool.JSON, Body: []byte("true")}, "all of it"},
		{component.Result{ContentType: tool.Text, Body: []byte("passages")}, "passages"},
		{component.Result{ContentType: tool.JSON, Body: []byte(`["rows"]`)}, `["rows"]`},
		{tool.Failed("no"), "no"},
	} {
		ask := func(_ context.Context, r component.Request) (component.Result, error) {
			if tool.ParseCall(r.Body).Action == "read" {
				return component.Result{ContentType: tool.Text, Body: []byte("all of it")}, nil
			}
			return c.query, nil
		}
		res, err := tool.LookUp(t.Context(), ask, "kb", "what is it?")
		if err != nil || string(res.Body) != c.want {
			t.Errorf("after %s: %s, %v", c.query.Body, res.Body, err)
		}
	}
}

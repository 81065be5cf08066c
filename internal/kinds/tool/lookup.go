package tool

import (
	"context"

	"github.com/woodwork-lang/ww/internal/component"
)

// LookUp asks a knowledge base for what a text is about. One that only says whether a text is in it is read as a whole.
func LookUp(ctx context.Context, ask func(context.Context, component.Request) (component.Result, error), base, text string) (component.Result, error) {
	res, err := ask(ctx, Call{Action: "query", Inputs: map[string]any{"query": text}}.Request(base))
	if err != nil || res.ContentType != JSON || string(res.Body) != "true" && string(res.Body) != "false" {
		return res, err
	}
	return ask(ctx, Call{Action: "read"}.Request(base))
}

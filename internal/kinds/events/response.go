package events

import (
	"context"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// Response tells of the result of a turn's hop, and is what the pipes made of it.
func Response(ctx context.Context, t *Teller, turn Turn, name string, res component.Result) (component.Result, error) {
	if !t.Wanted(name) {
		return res, nil
	}
	data := map[string]any{"response": string(res.Body), "source_component": t.env.Spec.Name, "original_event": InputReceived}
	p, err := t.Tell(ctx, turn, name, map[string]any{"data": data})
	if err != nil {
		return res, err
	}
	changed, ok := p["data"].(map[string]any)
	if !ok {
		changed = p
	}
	if v, ok := changed["response"]; ok && v != data["response"] {
		res.Body = []byte(tool.Show(v))
	}
	return res, nil
}

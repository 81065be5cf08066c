package agentllm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// call begins an action; wait returns what came of it, failures included: they are for the model. An error ends the turn.
func (r *run) call(ctx context.Context, a action) (wait func() (any, error), err error) {
	a.Inputs = r.filled(a.Inputs)
	if slices.Contains(r.a.tools, a.Tool) {
		return r.component(ctx, a)
	}
	var value any
	switch {
	case a.Tool == "":
		value = "Error: the action names no tool; the tools are: " + strings.Join(r.tools.names, ", ")
	case a.Tool == askUser:
		value, err = r.question(ctx, a)
	case a.Tool == planningTools && r.a.planning:
		value = r.a.plan(a)
	default:
		value = "Error: there is no tool " + quoted(a.Tool) + "; the tools are: " + strings.Join(r.tools.names, ", ")
	}
	return func() (any, error) { return value, nil }, err
}

// filled are inputs with the names of variables replaced by their values; only a whole text is a name.
func (r *run) filled(inputs map[string]any) map[string]any {
	out := make(map[string]any, len(inputs))
	for name, v := range inputs {
		if s, ok := v.(string); ok {
			if value, is := r.variables[s]; is {
				v = value
			}
		}
		out[name] = v
	}
	return out
}

// component calls another component, as a step of the turn.
func (r *run) component(ctx context.Context, a action) (func() (any, error), error) {
	if last := r.lasts[a.Tool]; last != nil {
		if _, err := last(); err != nil {
			return nil, err
		}
	}
	q := tool.Call{Action: a.Action, Inputs: a.Inputs}.Request(a.Tool)
	if r.tools.silent[a.Tool] { // it knows nothing of functions
		if err := plain(&q, a); err != nil {
			return nil, err
		}
	}
	q.Chunk = func(string) { r.chunk("") } // a sign of life for whoever waits for us
	answer := r.issue(ctx, q)
	wait := func() (any, error) {
		res, err := answer()
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			r.a.env.Log.Warn("a tool cannot do its work", "tool", a.Tool, "turn", r.turn.ID, "error", err)
			return "Error: " + err.Error(), nil // it is for the model, too
		case res.ContentType == tool.Failure:
			return "Error: " + string(res.Body), nil
		}
		return tool.Value(res), nil
	}
	if r.tools.said[a.Tool].Ordered {
		if r.lasts == nil {
			r.lasts = map[string]func() (any, error){}
		}
		r.lasts[a.Tool] = wait
	}
	return wait, nil
}

// plain makes a request of nothing but what is said: inputs without a function, or a text.
func plain(q *component.Request, a action) error {
	text, only := a.Inputs["action"].(string)
	switch {
	case a.Action == "" && only && len(a.Inputs) == 1:
		q.ContentType, q.Body = tool.Text, []byte(text)
	case a.Action == "":
		b, err := json.Marshal(a.Inputs)
		q.Body = b
		return err
	case len(a.Inputs) == 0:
		q.ContentType, q.Body = tool.Text, []byte(a.Action)
	}
	return nil
}

// question asks the user, by way of whoever accepted the turn.
func (r *run) question(ctx context.Context, a action) (any, error) {
	text := textOr(a.Inputs["question"], a.Action)
	if strings.TrimSpace(text) == "" {
		return "Error: ask_user needs the input question: the text that the user is to answer", nil
	}
	r.questions++
	id := fmt.Sprintf("%s/%s/%d", r.turn.ID, r.a.name, r.questions)
	p, err := r.tell(ctx, events.UserInputRequest, map[string]any{
		"question": text, "request_id": id, "session_id": r.turn.Session, "timeout_seconds": r.a.patience.Seconds(),
	})
	if err != nil {
		return nil, err
	}
	answer, none, err := events.Question(ctx, r.turn, textOr(p["question"], text), r.a.patience)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		none = err.Error()
	}
	if none != "" {
		return "Error: " + none + ". Go on with what is known, or say in the final answer what is missing.", nil
	}
	p, err = r.tell(ctx, events.UserInputResponse, map[string]any{"response": answer, "request_id": id, "session_id": r.turn.Session})
	if err != nil {
		return nil, err
	}
	return textOr(p["response"], answer), nil
}

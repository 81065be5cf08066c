package agentllm

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// act does what the model wants. done means that answer is the end of the turn.
func (r *run) act(ctx context.Context, reply chat.Reply) (answer string, done bool, err error) {
	if len(reply.Calls) > 0 {
		r.move(reply)
		return "", false, r.native(ctx, reply)
	}
	move := parseMove(reply.Content)
	switch {
	case move.problem != "":
		return "", false, r.misread(reply.Content, move.problem)
	case move.action != nil:
		r.unstream()
		r.move(reply)
		return "", false, r.written(ctx, reply.Content, move)
	case move.final != "":
		return move.final, true, nil
	case !r.text && strings.TrimSpace(reply.Content) != "":
		return strings.TrimSpace(reply.Content), true, nil
	}
	r.thoughts++
	if r.thoughts >= mostThoughts {
		if move.thought == "" {
			return "", false, errNothing(r.a.model)
		}
		return move.thought, true, nil
	}
	r.messages = append(r.messages, chat.Message{Role: chat.Assistant, Content: reply.Content}, chat.Message{Role: chat.User, Content: goOn})
	return "", false, nil
}

// misread tells the model that its reply cannot be read.
func (r *run) misread(content, problem string) error {
	r.unstream()
	r.broken++
	if r.broken > mostBroken {
		return errBroken(r.a.model, mostBroken, problem)
	}
	r.messages = append(r.messages, chat.Message{Role: chat.Assistant, Content: content},
		chat.Message{Role: chat.User, Content: "Observation: " + problem + "\n\n" + goOn})
	return nil
}

// native does the calls of a reply, each as a step. They go on beside each other; what is told of them keeps the order of
// the reply: first of each that it begins, then of each what came of it.
func (r *run) native(ctx context.Context, reply chat.Reply) error {
	r.unstream()
	r.messages = append(r.messages, chat.Message{Role: chat.Assistant, Content: reply.Content, Calls: reply.Calls})
	thought := thoughtOf(reply.Content)
	broken := false
	begun := make([]*begun, len(reply.Calls))
	problems := make([]string, len(reply.Calls))
	r.lasts = nil
	for i, c := range reply.Calls {
		a, problem := r.tools.action(c)
		if problem != "" {
			problems[i], broken = problem, true
			continue
		}
		var err error
		if begun[i], err = r.begun(ctx, thought, a); err != nil {
			return err
		}
	}
	for i, c := range reply.Calls {
		observation := problems[i]
		if begun[i] != nil {
			var err error
			if observation, err = r.ended(ctx, begun[i]); err != nil {
				return err
			}
		}
		r.messages = append(r.messages, chat.Message{Role: chat.Tool, CallID: c.ID, Content: observation})
	}
	if !broken {
		r.broken, r.thoughts = 0, 0
		return nil
	}
	if r.broken++; r.broken > mostBroken {
		return errBroken(r.a.model, mostBroken, "its tool calls are not JSON")
	}
	return nil
}

// written does the action of a reply in the protocol of text.
func (r *run) written(ctx context.Context, content string, m move) error {
	r.broken, r.thoughts = 0, 0
	r.lasts = nil
	begun, err := r.begun(ctx, m.thought, *m.action)
	if err != nil {
		return err
	}
	observation, err := r.ended(ctx, begun)
	if err != nil {
		return err
	}
	r.messages = append(r.messages, chat.Message{Role: chat.Assistant, Content: m.upToAction(content)},
		chat.Message{Role: chat.User, Content: "Observation: " + observation + "\n\n" + goOn})
	return nil
}

// begun is a step whose call is under way.
type begun struct {
	action
	wait func() (any, error)
}

// begun is the first half of a step: thought, action, call, with the events of each in this order. What pipes make of them
// counts.
func (r *run) begun(ctx context.Context, thought string, a action) (*begun, error) {
	if _, err := r.tell(ctx, events.Thought, map[string]any{"thought": thought}); err != nil {
		return nil, err
	}
	p, err := r.tell(ctx, events.Action, map[string]any{"action": a.payload()})
	if err != nil {
		return nil, err
	}
	a = a.changed(p["action"])
	p, err = r.tell(ctx, events.ToolCall, map[string]any{"tool": a.Tool, "args": a.Inputs})
	if err != nil {
		return nil, err
	}
	a.Tool, a.Inputs = textOr(p["tool"], a.Tool), dictOr(p["args"], a.Inputs)
	wait, err := r.call(ctx, a)
	return &begun{a, wait}, err
}

// ended is the other half: the observation.
func (r *run) ended(ctx context.Context, b *begun) (string, error) {
	a := b.action
	value, err := b.wait()
	if err != nil {
		return "", err
	}
	p, err := r.tell(ctx, events.Observation, map[string]any{"tool": a.Tool, "observation": r.tellable(events.Observation, value)})
	if err != nil {
		return "", err
	}
	if changed, ok := p["observation"]; ok {
		value = changed
	}
	if a.Output != "" {
		r.variables[a.Output] = value
	}
	text := r.limited(tool.Show(value))
	text, err = r.same.note(r.a.name, a, text)
	if err != nil {
		return "", err
	}
	r.steps++
	_, err = r.tell(ctx, events.StepComplete, map[string]any{"step": r.steps, "session_id": r.turn.Session})
	return text, err
}

// mostTold is how many bytes of JSON an observation may have when hooks and pipes hear of it, who get it in one message.
const mostTold = 600 << 10

// tellable is a value as it is told to hooks and pipes, if there are any: when it is too large, its beginning.
func (r *run) tellable(name string, value any) any {
	if !r.a.tell.Wanted(name) {
		return value
	}
	raw, err := json.Marshal(value)
	if err != nil || len(raw) <= mostTold {
		return value
	}
	whole := tool.Show(value)
	text := whole
	for len(raw) > mostTold {
		text = strings.ToValidUTF8(text[:len(text)*mostTold/len(raw)*9/10], "")
		if raw, err = json.Marshal(text); err != nil {
			return value
		}
	}
	return fmt.Sprintf("%s\n[cut: these are the first %d of %d bytes]", text, len(text), len(whole))
}

// limited cuts an observation to what a model can bear.
func (r *run) limited(text string) string {
	most := r.a.observation * 4
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s\n[cut: this is the first part of about %d tokens, %d are shown]", strings.ToValidUTF8(text[:most], ""), chat.Tokens(text), r.a.observation)
}

// repeats notices a model that goes around in circles.
type repeats struct {
	last  string
	count int
}

func (s *repeats) note(agent string, a action, result string) (string, error) {
	key := fmt.Sprintf("%s %s %v %s", a.Tool, a.Action, a.Inputs, result)
	if key != s.last {
		s.last, s.count = key, 1
		return result, nil
	}
	s.count++
	switch {
	case s.count >= mostSame:
		return "", errSame(agent, a, s.count)
	case s.count >= noticeSame:
		return result + fmt.Sprintf("\n[This exact call has now been made %d times with this result. Making it again will not change that: do something else, or give the final answer.]", s.count), nil
	}
	return result, nil
}

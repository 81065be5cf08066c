package agentllm

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// The bounds of what is borne with in one turn.
const (
	mostBroken   = 3 // replies in a row that cannot be read
	mostThoughts = 3 // replies in a row that do nothing
	noticeSame   = 3 // the same call with the same result: the model is told
	mostSame     = 6 // and here the turn ends
	mostSums     = 5 // times that the conversation is summed up
)

// run is one turn's work. Everything in it follows from the task and from the answers to its requests, in their order:
// a run that comes again after a crash takes the same way.
type run struct {
	a *agent
	asking
	chunk   func(string)
	restart func() // what was streamed so far was no answer
	turn    events.Turn

	task                   string
	found                  string // in the knowledge base, for the instruction
	tools                  *catalog
	text                   bool // the model takes no tools: the protocol of text is spoken
	messages               []chat.Message
	head                   int // messages before the work begins: system, history, task
	variables              map[string]any
	usage                  chat.Usage
	streamed               bool
	steps                  int                            // done so far
	questions              int                            // to the user
	lasts                  map[string]func() (any, error) // the last call of this reply to a tool that wants them in order
	broken, thoughts, sums int
	same                   repeats
	moves                  []chat.Reply // replies of the model that wanted calls
	fromPlan               bool         // an earlier plan was followed
}

// asking is how a run asks other components.
type asking struct {
	ask   func(context.Context, component.Request) (component.Result, error)
	issue func(context.Context, component.Request) func() (component.Result, error)
}

func (a *agent) run(ask asking, chunk func(string)) *run {
	var mu sync.Mutex // tools that go on beside each other give signs of life
	one := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		chunk(text)
	}
	return &run{a: a, asking: ask, chunk: one, restart: func() {}, variables: map[string]any{}}
}

// work goes on until there is an answer.
func (r *run) work(ctx context.Context, task string, history []chat.Message) (component.Result, error) {
	r.task = task
	r.tools = r.a.catalog(ctx, r.a.env.Ask)
	r.text = r.speaksText()
	if err := r.lookUp(ctx); err != nil {
		return component.Result{}, err
	}
	if err := r.begin(history); err != nil {
		return component.Result{}, err
	}
	if err := r.followPlan(ctx, history); err != nil {
		return component.Result{}, r.failed(ctx, err)
	}
	for range r.a.iterations {
		reply, err := r.think(ctx)
		if err != nil {
			return component.Result{}, r.failed(ctx, err)
		}
		answer, done, err := r.act(ctx, reply)
		if err != nil {
			return component.Result{}, r.failed(ctx, err)
		}
		if done {
			r.keepPlan(ctx)
			if !r.streamed {
				r.chunk(answer)
			}
			return component.Result{ContentType: tool.Text, Body: []byte(answer), Tokens: r.usage.In + r.usage.Out, Cost: r.usage.Cost}, nil
		}
	}
	return component.Result{}, r.failed(ctx, errIterations(r.a.name, r.a.iterations))
}

// lookUp asks the knowledge base for what the task is about.
func (r *run) lookUp(ctx context.Context) error {
	if r.a.knowledge == "" {
		return nil
	}
	res, err := tool.LookUp(ctx, r.ask, r.a.knowledge, r.task)
	switch {
	case err != nil:
		return err
	case res.ContentType == tool.Failure:
		r.a.env.Log.Warn("nothing was looked up", "knowledge_base", r.a.knowledge, "why", string(res.Body))
		return nil
	}
	r.found = "\nThis follows from the knowledge base " + r.a.knowledge + ", and may help. Name the files that matter.\n\n" + string(res.Body) + "\n"
	return nil
}

// speaksText reports whether the user's own instruction is written for the protocol of text.
func (r *run) speaksText() bool {
	if r.a.file == "" {
		return false
	}
	own, err := r.a.instruction(false)
	return err == nil && own != nativeInstruction && strings.Contains(own, "Action:")
}

// begin sets the conversation up: instruction, earlier turns, task.
func (r *run) begin(history []chat.Message) error {
	instruction, err := r.a.instruction(r.text)
	if err != nil {
		return err
	}
	system := instruction
	if r.text {
		system = r.tools.blocks() + "\n" + instruction
	}
	r.messages = append([]chat.Message{{Role: chat.System, Content: system + r.found}}, history...)
	r.messages = append(r.messages, chat.Message{Role: chat.User, Content: r.task})
	r.head = len(r.messages)
	return nil
}

// think asks the model for the next move.
func (r *run) think(ctx context.Context) (chat.Reply, error) {
	for {
		q := chat.Request{Messages: r.messages}
		if !r.text {
			q.Tools = r.tools.defs
		}
		if q.Tokens() > r.a.context && len(r.messages) > r.head {
			if err := r.sumUp(ctx); err != nil {
				return chat.Reply{}, err
			}
			continue
		}
		reply, err := r.askModel(ctx, q, r.stream)
		switch {
		case err != nil:
			return reply, err
		case reply.NoTools:
			r.text = true
			done := r.messages[r.head:] // by an earlier plan
			if err := r.begin(r.messages[1 : r.head-1]); err != nil {
				return reply, err
			}
			r.messages = append(r.messages, done...)
		case reply.TooLong:
			if len(r.messages) <= r.head {
				return reply, errTooLong(r.a.model)
			}
			if err := r.sumUp(ctx); err != nil {
				return reply, err
			}
		default:
			return reply, nil
		}
	}
}

// stream passes on what the model writes. Where it speaks text it may be thinking: the answer is passed on when it is
// known to be one.
func (r *run) stream(piece string) {
	if r.text {
		r.chunk("") // a sign of life
		return
	}
	r.streamed = true
	r.chunk(piece)
}

func (r *run) askModel(ctx context.Context, q chat.Request, stream func(string)) (chat.Reply, error) {
	request := q.Ask(r.a.model)
	request.Chunk = stream
	res, err := r.ask(ctx, request)
	if err != nil {
		return chat.Reply{}, err
	}
	reply, err := chat.ParseReply(res)
	if err != nil {
		return reply, errModelAnswer(r.a.model, err)
	}
	r.usage.Add(reply.Usage)
	return reply, nil
}

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

// unstream takes back what was streamed: it was a thought.
func (r *run) unstream() {
	if r.streamed {
		r.restart()
		r.streamed = false
	}
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
	p, err := r.tell(ctx, events.Observation, map[string]any{"tool": a.Tool, "observation": value})
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

// tell is one event of the agent's.
func (r *run) tell(ctx context.Context, name string, fields map[string]any) (map[string]any, error) {
	return r.a.tell.Tell(ctx, r.turn, name, fields)
}

// limited cuts an observation to what a model can bear.
func (r *run) limited(text string) string {
	most := r.a.observation * 4
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s\n[cut: this is the first part of about %d tokens, %d are shown]", strings.ToValidUTF8(text[:most], ""), chat.Tokens(text), r.a.observation)
}

// failed tells of the error that ends the turn.
func (r *run) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // canceled, or the process ends
	}
	fields := map[string]any{"error": err.Error(), "error_type": "AgentError", "context": map[string]any{"query": r.task}}
	if _, terr := r.tell(ctx, events.AgentError, fields); terr != nil {
		r.a.env.Log.Warn("telling of an error", "error", terr)
	}
	return err
}

// patience is how long a tool that describes itself is waited for.
const patience = 2 * time.Second

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

package agentllm

import (
	"context"
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

// tell is one event of the agent's.
func (r *run) tell(ctx context.Context, name string, fields map[string]any) (map[string]any, error) {
	return r.a.tell.Tell(ctx, r.turn, name, fields)
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

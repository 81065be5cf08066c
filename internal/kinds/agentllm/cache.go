package agentllm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/knowledge"
)

// With `cache: true` an agent keeps the moves that led to an answer. A task that is much like one before is worked on by
// the same moves: its model is asked to fit them to the new task, and then only for the answer.

// TypeRecall is the request by which an agent asks itself for a plan: what it finds is a step of the turn, so that a run
// that comes again goes on by the same plan, whatever was kept meanwhile.
const TypeRecall = "agent.recall"

// How much alike tasks are.
const (
	alike      = 0.90 // a plan is used
	tooAlike   = 0.97 // no second plan is kept
	fewestSaid = 4    // words of a task that may mean something else in a conversation
)

// plan is how a task was done.
type plan struct {
	Task  string       `json:"task"`
	Moves []chat.Reply `json:"moves"`
}

// cache keeps plans: in the state of the app, or on a Neo4j server.
type cache struct {
	dir    string
	owner  string
	server *knowledge.Cypher // nil: none
}

func (c cache) open() (*knowledge.Base, error) {
	local := knowledge.Local{}
	if c.server != nil {
		return &knowledge.Base{Store: &knowledge.Prompts{Server: c.server, Owner: c.owner, Model: local.Model()}, Embedder: local}, nil
	}
	s, err := knowledge.OpenFile(c.dir, local.Model())
	return &knowledge.Base{Store: s, Embedder: local}, err
}

// recall finds the plan of the task that is most like this one.
func (c cache) recall(ctx context.Context, task string) (p plan, score float64, err error) {
	b, err := c.open()
	if err != nil {
		return p, 0, err
	}
	defer b.Close() //nolint:errcheck // it was only read
	hits, err := b.Find(ctx, task, 1)
	if err != nil || len(hits) == 0 || hits[0].Score < alike {
		return p, 0, err
	}
	err = json.Unmarshal([]byte(hits[0].Text), &p)
	return p, hits[0].Score, err
}

// keep adds a plan, unless there is one for much the same task.
func (c cache) keep(ctx context.Context, p plan) error {
	b, err := c.open()
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // it was synced
	hits, err := b.Find(ctx, p.Task, 1)
	if err != nil || len(hits) > 0 && hits[0].Score > tooAlike {
		return err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(p.Task))
	f := knowledge.File{Path: hex.EncodeToString(sum[:12])}
	v, err := b.Embedder.Embed(ctx, []string{p.Task})
	if err != nil {
		return err
	}
	return b.Store.Replace(ctx, f, []knowledge.Passage{{File: f.Path, Text: string(raw)}}, v) // tasks are compared, plans are kept
}

// cacheOf is where an agent keeps its plans: on the server at uri, when one is named.
func cacheOf(spec component.Spec) (cache, error) {
	c := cache{dir: filepath.Join(spec.App.StateDir, "plans", spec.Name), owner: spec.Name}
	v := property.Values(spec.Config)
	uri, errURI := v.Text("uri", "")
	user, errUser := v.Text("user", "")
	password, errPassword := v.Text("password", "")
	if err := errors.Join(errURI, errUser, errPassword); err != nil || uri == "" {
		return c, err
	}
	at := knowledge.CypherAddress(uri)
	if at == "" {
		return c, errPlanServer(spec.Name, uri)
	}
	c.server = &knowledge.Cypher{URL: at, User: user, Password: password, Database: "neo4j", HTTP: &http.Client{Timeout: planPatience}}
	return c, nil
}

// planPatience is how long a server of plans is waited for: an agent works without them, too.
const planPatience = 5 * time.Second

// recalled answers TypeRecall.
func (a *agent) recalled(ctx context.Context, task string) (component.Result, error) {
	p, score, err := a.plans.recall(ctx, task)
	if err != nil {
		a.env.Log.Warn("no earlier plan was looked up", "error", err)
		p, score = plan{}, 0
	}
	b, err := json.Marshal(struct {
		plan
		Score float64 `json:"score"`
	}{p, score})
	return component.Result{ContentType: tool.JSON, Body: b}, err
}

// followPlan works by an earlier plan, if there is one that fits. What it did stands in the conversation, as if the model
// had said it: the model goes on from there.
func (r *run) followPlan(ctx context.Context, history []chat.Message) error {
	if !r.a.cached || len(history) > 0 && len(strings.Fields(r.task)) < fewestSaid {
		return nil
	}
	res, err := r.ask(ctx, component.Request{To: r.a.name, Type: TypeRecall, ContentType: tool.Text, Body: []byte(r.task)})
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.a.env.Log.Warn("no earlier plan was looked up", "turn", r.turn.ID, "error", err)
		return nil
	}
	var p plan
	if err := json.Unmarshal(res.Body, &p); err != nil || len(p.Moves) == 0 {
		return nil //nolint:nilerr // it is worked on as if there were none
	}
	if p.Task != r.task {
		if p, err = r.fitted(ctx, p); err != nil || len(p.Moves) == 0 {
			return err
		}
	}
	r.fromPlan = true
	r.a.env.Log.Info("an earlier plan is followed", "turn", r.turn.ID, "moves", len(p.Moves))
	for _, move := range p.Moves {
		before := len(r.messages)
		if _, _, err := r.act(ctx, move); err != nil {
			return err
		}
		for _, m := range r.messages[before:] {
			if strings.HasPrefix(m.Content, "Error: ") || strings.HasPrefix(m.Content, "Observation: Error: ") {
				return nil // it does not fit any more: the model sees why, and goes on
			}
		}
	}
	return nil
}

// fitted has the model fit the moves of another task to this one. Without moves it does not fit.
func (r *run) fitted(ctx context.Context, p plan) (plan, error) {
	moves, err := json.Marshal(p.Moves)
	if err != nil {
		return plan{}, err
	}
	reply, err := r.askModel(ctx, chat.Request{Messages: []chat.Message{
		{Role: chat.System, Content: fitInstruction},
		{Role: chat.User, Content: fmt.Sprintf("The earlier task: %s\n\nIts moves: %s\n\nThe new task: %s", p.Task, moves, r.task)},
	}}, func(string) { r.chunk("") })
	if err != nil {
		return plan{}, err
	}
	text := strings.TrimSpace(reply.Content)
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "```json"), "```"), "```"))
	var fit []chat.Reply
	if bad := json.Unmarshal([]byte(text), &fit); bad != nil || len(fit) != len(p.Moves) {
		return plan{}, nil //nolint:nilerr // a model that answers something else has said no
	}
	for i, m := range fit { // the same tools, in the same order: only what they are called with may differ
		if len(m.Calls) != len(p.Moves[i].Calls) {
			return plan{}, nil
		}
		for k, c := range m.Calls {
			if c.Name != p.Moves[i].Calls[k].Name {
				return plan{}, nil
			}
		}
	}
	return plan{Task: r.task, Moves: fit}, nil
}

// keepPlan keeps how an answer was come to, when it took calls and all of them went well.
func (r *run) keepPlan(ctx context.Context) {
	if !r.a.cached || r.fromPlan || len(r.moves) == 0 || r.sums > 0 {
		return
	}
	for _, m := range r.messages[r.head:] {
		if strings.HasPrefix(m.Content, "Error: ") || strings.HasPrefix(m.Content, "Observation: Error: ") {
			return
		}
	}
	if err := r.a.plans.keep(ctx, plan{Task: r.task, Moves: r.moves}); err != nil {
		r.a.env.Log.Warn("the plan is not kept", "turn", r.turn.ID, "error", err)
	}
}

// move notes a reply of the model that wanted calls.
func (r *run) move(reply chat.Reply) {
	r.moves = append(r.moves, chat.Reply{Content: reply.Content, Calls: reply.Calls})
}

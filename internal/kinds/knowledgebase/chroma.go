package knowledgebase

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/knowledge"
)

// How many passages an answer has, if nobody says, and at most.
const (
	usual = 4
	most  = 20
)

// New makes a `knowledge_base chroma`.
func New(spec component.Spec) (component.Kind, error) {
	return &passages{name: spec.Name, spec: spec}, nil
}

// passages is one instance.
type passages struct {
	name string
	spec component.Spec
	log  *slog.Logger
	base *knowledge.Base
	free bool // reading in costs nothing and needs nobody
	end  context.CancelFunc
	work sync.WaitGroup
	read chan struct{} // closed when what is read in by itself has been
}

func (p *passages) Start(_ context.Context, env component.Env) (component.Traits, error) {
	p.log = env.Log
	b, old, err := Open(p.name, p.spec.Config, Place{p.spec.App.Dir, p.spec.App.StateDir})
	if err != nil {
		return component.Traits{}, err
	}
	p.base = b
	if old != "" {
		p.log.Warn(OldStore(p.name, old))
	}
	_, p.free = b.Embedder.(knowledge.Local)
	ctx, end := context.WithCancel(context.Background())
	p.end, p.read = end, make(chan struct{})
	p.work.Go(func() {
		defer close(p.read)
		p.prepare(ctx)
	})
	return component.Traits{Capabilities: []string{"knowledge"}, MaxConcurrent: 20}, nil
}

// prepare reads documents in where that is free; elsewhere it says when nothing was.
func (p *passages) prepare(ctx context.Context) {
	if p.free && p.base.Source != "" {
		plan, err := p.base.Plan(ctx)
		if err == nil && len(plan.Todo())+len(plan.Gone) > 0 {
			err = p.base.Embed(ctx, plan, func(knowledge.Progress) {})
			p.log.Info("documents were read in", "new", len(plan.New), "changed", len(plan.Changed), "gone", len(plan.Gone), "passages", plan.Passages)
		}
		if err != nil && ctx.Err() == nil {
			p.log.Warn("documents were not read in", "error", err)
		}
		for _, l := range left(plan) {
			p.log.Warn("left out", "file", l.Path, "why", l.Why)
		}
		return
	}
	if files, err := p.base.Store.Files(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("the store does not answer", "error", err)
	} else if err == nil && len(files) == 0 {
		p.log.Warn(nothing(p.name))
	}
}

func left(p *knowledge.Plan) []knowledge.Left {
	if p == nil {
		return nil
	}
	return p.Left
}

// Handle passes on what is found for a turn's text.
func (p *passages) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return p.query(ctx, string(t.Body), usual)
}

// Answer implements component.Answerer.
func (p *passages) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	c := tool.ParseCall(q.Body)
	question, _ := c.Inputs["query"].(string)
	switch {
	case c.Action == "query" || c.Action == "" && question != "":
		if strings.TrimSpace(question) == "" {
			return tool.Failed("query needs the input query: what is looked for"), nil
		}
	case len(c.Inputs) == 0 && strings.ContainsAny(c.Action, " ?"): // a question in plain words
		question = c.Action
	default:
		return tool.UnknownFunction(c.Action, functions()), nil
	}
	n := usual
	if x, ok := tool.Number(c.Inputs["n"]); ok && x >= 1 {
		n = min(x, most)
	}
	return p.query(ctx, question, n)
}

func (p *passages) query(ctx context.Context, question string, n int) (component.Result, error) {
	select {
	case <-p.read:
	case <-ctx.Done():
		return component.Result{}, context.Cause(ctx)
	}
	hits, err := p.base.Find(ctx, question, n)
	if err != nil {
		return component.Result{}, err
	}
	if len(hits) == 0 {
		return tool.Failed("%s", nothing(p.name)), nil
	}
	blocks := make([]string, len(hits))
	for i, h := range hits {
		blocks[i] = fmt.Sprintf("[File: %s]\n%s", h.File, h.Text)
	}
	return component.Result{ContentType: tool.Text, Body: []byte(strings.Join(blocks, "\n\n"))}, nil
}

// Describe implements component.Describer.
func (p *passages) Describe(context.Context) (component.Result, error) {
	return tool.Description{
		Type: "chroma", Functions: functions(),
		Text: "A knowledge base: passages of documents. query(query) returns the passages that are nearest to the query in meaning, each below the name of its file.",
	}.Result()
}

func functions() []tool.Function {
	return []tool.Function{{
		Name: "query", Description: "Returns the passages that are nearest to the query in meaning.",
		Parameters: json.RawMessage(`{"type":"object","properties":{"query":{"type":"string"},"n":{"type":"integer","description":"how many passages"}},"required":["query"]}`),
	}}
}

func (p *passages) Close(context.Context) error {
	if p.base == nil {
		return nil
	}
	p.end()
	p.work.Wait()
	return p.base.Close()
}

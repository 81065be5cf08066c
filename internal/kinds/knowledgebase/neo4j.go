package knowledgebase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/knowledge"
)

// NewNeo4j makes a `knowledge_base neo4j`. The server is asked by HTTP.
func NewNeo4j(spec component.Spec) (component.Kind, error) {
	g, err := newGraph(spec.Name, spec.Config)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// vectorIndex is the index that similarity_search looks into.
const vectorIndex = "embeddings"

func newGraph(name string, config map[string]any) (*graph, error) {
	v := property.Values(config)
	g := &graph{name: name, server: knowledge.Cypher{HTTP: web()}}
	var errs []error
	text := func(key, otherwise string) string {
		s, err := v.Text(key, otherwise)
		errs = append(errs, err)
		return s
	}
	uri, web := text("uri", ""), text("http_uri", "")
	g.server.User, g.server.Password, g.server.Database = text("user", ""), text("password", ""), text("database", "neo4j")
	if key := text("api_key", ""); key != "" {
		g.embedder = &knowledge.Service{URL: strings.TrimRight(text("base_url", defaultURL), "/"), Key: key, Name: text("model", "text-embedding-ada-002"), HTTP: g.server.HTTP}
	}
	var err error
	g.offline, err = v.Bool("offline")
	errs = append(errs, err)
	if g.server.URL, err = neo4jHTTP(name, uri, web); !g.offline {
		errs = append(errs, err)
	}
	return g, errors.Join(errs...)
}

// neo4jHTTP is where a server answers HTTP whose address is that of its own protocol.
func neo4jHTTP(name, uri, web string) (string, error) {
	if web != "" {
		return strings.TrimRight(web, "/"), nil
	}
	if at := knowledge.CypherAddress(uri); at != "" {
		return at, nil
	}
	return "", errNeo4jAddress(name, uri)
}

type graph struct {
	name     string
	server   knowledge.Cypher
	embedder knowledge.Embedder // nil: there is no key
	offline  bool
}

func (g *graph) Start(context.Context, component.Env) (component.Traits, error) {
	return component.Traits{SideEffects: true, Capabilities: []string{"knowledge"}, MaxConcurrent: 20}, nil
}

// Handle asks with a turn's text as the query.
func (g *graph) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return g.run(ctx, string(t.Body), nil)
}

// Answer implements component.Answerer.
func (g *graph) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	c := tool.ParseCall(q.Body)
	text := func(name string) string { s, _ := c.Inputs[name].(string); return s }
	if g.offline {
		return tool.Failed("%s is not asked offline: it is a server", g.name), nil
	}
	switch c.Action {
	case "run":
		if text("query") == "" {
			return tool.Failed("run needs the input query: a Cypher statement"), nil
		}
		params, _ := c.Inputs["parameters"].(map[string]any)
		return g.run(ctx, text("query"), params)
	case "similarity_search", "query": // query is how models ask every knowledge base
		prompt := text("prompt")
		if c.Action == "query" {
			prompt = text("query")
		}
		return g.similar(ctx, prompt, text("label"), text("property"))
	}
	return tool.UnknownFunction(c.Action, graphFunctions()), nil
}

// similar finds the nodes that are nearest to a prompt, by the vector index `embeddings`.
func (g *graph) similar(ctx context.Context, prompt, label, prop string) (component.Result, error) {
	if g.embedder == nil {
		return tool.Failed("similarity_search needs an api_key of %s, for the embeddings", g.name), nil
	}
	v, err := g.embedder.Embed(ctx, []string{prompt})
	if err != nil {
		return component.Result{}, err
	}
	const query = `CALL db.index.vector.queryNodes('` + vectorIndex + `', 10, $vector) YIELD node, score
WHERE $label = '' OR $label IN labels(node)
RETURN CASE WHEN $property = '' THEN node {.*, embedding: null} ELSE node[$property] END AS value, score ORDER BY score DESC`
	return g.run(ctx, query, map[string]any{"vector": v[0], "label": label, "property": prop})
}

// run makes one statement and returns its rows, each an object.
func (g *graph) run(ctx context.Context, query string, params map[string]any) (component.Result, error) {
	rows, err := g.server.Run(ctx, query, params)
	var statement *knowledge.StatementError
	switch {
	case errors.As(err, &statement):
		return tool.Failed("%v", statement), nil
	case err != nil:
		return component.Result{}, fmt.Errorf("%s: %w", g.name, err)
	}
	b, err := json.Marshal(rows)
	return component.Result{ContentType: tool.JSON, Body: b}, err
}

// Describe implements component.Describer.
func (g *graph) Describe(context.Context) (component.Result, error) {
	return tool.Description{
		Type: "neo4j", Functions: graphFunctions(),
		Text: "A graph database. run(query) runs a Cypher statement and returns its rows; similarity_search(prompt, label, property) returns that property of the nodes with that label which are nearest to the prompt in meaning.",
	}.Result()
}

func graphFunctions() []tool.Function {
	return []tool.Function{
		{
			Name: "similarity_search", Description: "Finds the nodes that are nearest to a prompt in meaning.",
			Parameters: json.RawMessage(`{"type":"object","properties":{"prompt":{"type":"string"},"label":{"type":"string"},"property":{"type":"string"}},"required":["prompt","label","property"]}`),
		},
		{
			Name: "run", Description: "Runs a Cypher statement and returns its rows.",
			Parameters: json.RawMessage(`{"type":"object","properties":{"query":{"type":"string"},"parameters":{"type":"object"}},"required":["query"]}`),
		},
	}
}

func (g *graph) Close(context.Context) error { return nil }

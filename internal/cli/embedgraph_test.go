package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestEmbeddingIntoAGraph reads documents into a stand-in for a Neo4j server, at $GRAPH, with vectors of one for a service
// of embeddings, at $VECTORS. What the server was told is at $GRAPH/seen.
func TestEmbeddingIntoAGraph(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/graph", RequireExplicitExec: true, RequireUniqueNames: true, Condition: condition,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"alive": alive, "waitfor": waitFor},
		UpdateScripts: os.Getenv("WW_UPDATE") != "" && os.Getenv("CI") == "",
		Setup: func(e *testscript.Env) error {
			if err := setup(e); err != nil {
				return err
			}
			graph, vectors := httptest.NewServer(&graphServer{}), httptest.NewServer(http.HandlerFunc(embeddings))
			e.Defer(graph.Close)
			e.Defer(vectors.Close)
			e.Setenv("GRAPH", graph.URL)
			e.Setenv("VECTORS", vectors.URL+"/v1")
			e.Setenv("PASSWORD", "pw-of-the-graph")
			return nil
		},
	})
}

// embeddings makes vectors as a service does: each counts a few letters.
func embeddings(w http.ResponseWriter, r *http.Request) {
	var in struct{ Input []string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	data := []map[string]any{}
	for i, text := range in.Input {
		v := []int{1}
		for _, letter := range "rtm" {
			v = append(v, strings.Count(text, string(letter)))
		}
		data = append(data, map[string]any{"index": i, "embedding": v})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

// graphServer keeps passages as a Neo4j server does: it knows the statements by their first words.
type graphServer struct {
	mu    sync.Mutex
	nodes []map[string]any
	index bool
}

type statement struct {
	Statement  string
	Parameters map[string]any
}

func (g *graphServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.URL.Path == "/seen" {
		fmt.Fprintf(w, "%d nodes, index %v\n", len(g.nodes), g.index)
		return
	}
	if _, password, _ := r.BasicAuth(); password != "pw-of-the-graph" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in struct{ Statements []statement }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Statements) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	columns, rows, ok := g.run(in.Statements[0])
	if !ok {
		fmt.Fprintf(w, `{"results": [], "errors": [{"code": "Neo.ClientError.Statement.SyntaxError", "message": %q}]}`, in.Statements[0].Statement)
		return
	}
	data := []map[string]any{}
	for _, row := range rows {
		data = append(data, map[string]any{"row": row})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{}, "results": []any{map[string]any{"columns": columns, "data": data}}})
}

func (g *graphServer) run(s statement) (columns []string, rows [][]any, ok bool) {
	p := s.Parameters
	of := func(n map[string]any) bool { return n["owner"] == p["owner"] && n["model"] == p["model"] }
	drop := func() {
		g.nodes = slices.DeleteFunc(g.nodes, func(n map[string]any) bool { return of(n) && n["path"] == p["path"] })
	}
	switch {
	case strings.HasPrefix(s.Statement, "CREATE VECTOR INDEX embeddings IF NOT EXISTS FOR (p:Passage) ON (p.embedding)\n") && strings.Contains(s.Statement, "`vector.dimensions`: 4"):
		g.index = true
	case strings.HasPrefix(s.Statement, "OPTIONAL MATCH (old:Passage {"):
		drop()
		for _, one := range p["list"].([]any) {
			item := one.(map[string]any)
			g.nodes = append(g.nodes, map[string]any{
				"owner": p["owner"], "model": p["model"], "path": p["path"], "hash": p["hash"], "index": item["index"], "value": item["text"], "embedding": item["vector"],
			})
		}
	case strings.HasPrefix(s.Statement, "MATCH (p:Passage {owner: $owner, model: $model, path: $path}) DETACH DELETE p"):
		drop()
	case strings.HasPrefix(s.Statement, "MATCH (p:Passage {owner: $owner, model: $model}) RETURN p.path AS path, p.hash"):
		for _, n := range g.nodes {
			if of(n) {
				rows = append(rows, []any{n["path"], n["hash"], 1})
			}
		}
		return []string{"path", "hash", "passages"}, rows, true
	case strings.HasPrefix(s.Statement, "CALL db.index.vector.queryNodes('embeddings', 10, $vector)") && g.index:
		for _, n := range g.nodes {
			rows = append(rows, []any{n[p["property"].(string)], 0.5})
		}
		return []string{"value", "score"}, rows, true
	default:
		return nil, nil, false
	}
	return nil, nil, true
}

package knowledgebase_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/knowledgebase"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start makes a knowledge base; logged is what it logs.
func start(t *testing.T, make func(component.Spec) (component.Kind, error), dir string, config map[string]any) (component.Answerer, *strings.Builder) {
	t.Helper()
	spec := component.Spec{Name: "docs", Config: config, App: component.App{Dir: dir, StateDir: filepath.Join(dir, ".ww")}}
	k, err := make(spec)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	if _, err := k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.NewTextHandler(&logged, nil))}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return k.(component.Answerer), &logged
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, k component.Answerer, action string, inputs map[string]any) string {
	t.Helper()
	res, err := k.Answer(t.Context(), component.Question{Body: tool.Call{Action: action, Inputs: inputs}.Request("docs").Body})
	if err != nil {
		return "down: " + err.Error()
	}
	if res.ContentType == tool.Failure {
		return "failed: " + string(res.Body)
	}
	return string(res.Body)
}

func TestDocumentsAreReadInWhereThatIsFree(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "docs", "tea.md"), "Green tea is brewed at 80 degrees.")
	write(t, filepath.Join(dir, "docs", "refunds.md"), "Money is given back within thirty days.")
	k, _ := start(t, knowledgebase.New, dir, map[string]any{"embedding": "local", "file_to_embed": "docs"})
	for query, want := range map[string]string{
		"how is tea brewed?": "[File: docs/tea.md]\nGreen tea is brewed at 80 degrees.",
		"money back":         "[File: docs/refunds.md]\nMoney is given back within thirty days.",
	} {
		if got := ask(t, k, "query", map[string]any{"query": query, "n": 1.0}); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
	if got := ask(t, k, "how is tea brewed?", nil); !strings.HasPrefix(got, "[File: docs/tea.md]") || strings.Count(got, "[File: ") != 2 {
		t.Errorf("a question in plain words: %q", got)
	}
	for action, want := range map[string]string{"drop": `there is no function "drop"; the functions are: query`, "query": "query needs the input query"} {
		if got := ask(t, k, action, nil); !strings.Contains(got, want) {
			t.Errorf("%s: %q", action, got)
		}
	}
}

func TestAnEmptyBaseSaysHowToFillIt(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".woodwork", "chroma", "chroma.sqlite3"), "SQLite format 3")
	k, logged := start(t, knowledgebase.New, dir, map[string]any{"embedding": "local"})
	if got := ask(t, k, "query", map[string]any{"query": "x"}); !strings.Contains(got, "holds nothing yet; to read documents in: ww embed docs") {
		t.Errorf("got %q", got)
	}
	if got := logged.String(); !strings.Contains(got, ".woodwork/chroma was written by the Python engine and cannot be read") || !strings.Contains(got, "ww embed docs") {
		t.Errorf("logged %s", got)
	}
	_, _, err := knowledgebase.Open("docs", map[string]any{}, knowledgebase.Place{Dir: dir, State: dir})
	if err == nil || !strings.Contains(err.Error(), `api_key`) || !strings.Contains(err.Error(), "ww dev --offline") {
		t.Errorf("without a key: %v", err)
	}
}

func TestATextFileIsReadSearchedAndReplaced(t *testing.T) {
	dir := t.TempDir()
	k, _ := start(t, knowledgebase.NewTextFile, dir, map[string]any{"path": "deep/notes.txt"})
	if got := ask(t, k, "read", nil); got != "" {
		t.Errorf("a new file: %q", got)
	}
	if got := ask(t, k, "write", map[string]any{"content": "one {two}"}); got != "null" {
		t.Errorf("write: %q", got)
	}
	for query, want := range map[string]string{"two": "true", "three": "false"} {
		if got := ask(t, k, "query", map[string]any{"query": query}); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
	if got := ask(t, k, "read", nil); got != "one {two}" {
		t.Errorf("read: %q", got)
	}
	if got := ask(t, k, "write", nil); !strings.Contains(got, "needs the input content") {
		t.Errorf("got %q", got)
	}
	path := filepath.Join(dir, "deep", "notes.txt")
	if err := os.Truncate(path, 17<<20); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, k, "read", nil); !strings.Contains(got, "larger than 16 MB") {
		t.Errorf("got %.80q", got)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "deep")); len(left) != 1 {
		t.Errorf("%d files", len(left))
	}
}

func TestNeo4jIsAskedByHTTP(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "neo4j" || password != "pw" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var in struct {
			Statements []struct {
				Statement  string
				Parameters map[string]any
			}
		}
		if r.URL.Path == "/v1/embeddings" {
			fmt.Fprint(w, `{"data":[{"index":0,"embedding":[1,2]}]}`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/db/neo4j/tx/commit" {
			t.Errorf("%s %v", r.URL, err)
		}
		s := in.Statements[0]
		asked = append(asked, fmt.Sprint(s.Statement[:4], s.Parameters))
		if s.Statement == "nonsense" {
			fmt.Fprint(w, `{"results":[],"errors":[{"code":"Neo.ClientError.Statement.SyntaxError","message":"Invalid input"}]}`)
			return
		}
		fmt.Fprint(w, `{"results":[{"columns":["n","m"],"data":[{"row":[1,{"a":2}]},{"row":["x",null]}]}],"errors":[]}`)
	}))
	defer srv.Close()
	k, _ := start(t, knowledgebase.NewNeo4j, t.TempDir(), map[string]any{"uri": srv.URL, "user": "neo4j", "password": "pw"})
	if got := ask(t, k, "run", map[string]any{"query": "MATCH", "parameters": map[string]any{"k": 1.0}}); got != `[{"m":{"a":2},"n":1},{"m":null,"n":"x"}]` {
		t.Errorf("got %s", got)
	}
	if got := ask(t, k, "run", map[string]any{"query": "nonsense"}); !strings.Contains(got, "SyntaxError: Invalid input") {
		t.Errorf("got %s", got)
	}
	if got := ask(t, k, "similarity_search", map[string]any{"prompt": "x"}); !strings.Contains(got, "needs an api_key") {
		t.Errorf("got %s", got)
	}
	bad, _ := start(t, knowledgebase.NewNeo4j, t.TempDir(), map[string]any{"uri": srv.URL, "user": "neo4j", "password": "no"})
	if got := ask(t, bad, "run", map[string]any{"query": "MATCH"}); !strings.Contains(got, "refuses user and password") {
		t.Errorf("got %s", got)
	}
	off, _ := start(t, knowledgebase.NewNeo4j, t.TempDir(), map[string]any{"offline": true})
	if got := ask(t, off, "run", map[string]any{"query": "MATCH"}); !strings.Contains(got, "not asked offline") {
		t.Errorf("got %s", got)
	}
	if _, err := knowledgebase.NewNeo4j(component.Spec{Name: "g", Config: map[string]any{"uri": "postgres://x"}}); err == nil || !strings.Contains(err.Error(), "neo4j://localhost:7687") {
		t.Errorf("got %v", err)
	}
}

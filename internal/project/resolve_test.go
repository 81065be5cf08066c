package project_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/project"
)

func indented(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const shown = `orchestration_mode = "distributed"
ask = cli { to: [brain, "log"] }
brain = claude { api_key: $KEY, model: "m", tools: [helper], base: $NOPE }
helper = api web { url: "x" }
deployment = local { message_bus = redis { url = $BUS } }
`

func TestWhatParseShows(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": shown})
	tree, diags, sources := project.Parse(file)
	golden.Equal(t, "project/parse", indented(t, tree))
	if len(diags) == 0 || sources[file] == nil {
		t.Errorf("%d problems, sources %v", len(diags), sources)
	}
}

func TestWhatResolveShows(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": shown, ".env": "BUS=redis://u:p@h\n"})
	env := lookup(map[string]string{"KEY": "sk-very<secret>"})
	resolved, _, _ := project.Source{File: file, Env: env}.Resolve(false)
	text := indented(t, resolved)
	golden.Equal(t, "project/resolve", text)
	if strings.Contains(text, "very") || strings.Contains(text, "redis://") {
		t.Error("a secret is shown")
	}
	resolved, _, _ = project.Source{File: file, Env: env}.Resolve(true)
	if text := indented(t, resolved); !strings.Contains(text, "sk-very<secret>") {
		t.Errorf("the secret was asked for and is not shown:\n%s", text)
	}
}

func TestParseOfNoFileHasTheErrorToo(t *testing.T) {
	t.Parallel()
	tree, diags, _ := project.Parse("no/such.ww")
	resolved, _, _ := project.Source{File: "no/such.ww"}.Resolve(false)
	want := `{"components":[],"errors":["E_NO_FILE@0:0"]}`
	if got, _ := json.Marshal(tree); string(got) != want || !diags.HasErrors() {
		t.Errorf("got %s, want %s", got, want)
	}
	want = `{"components":{},"settings":{},"errors":["E_NO_FILE@0:0"]}`
	if got, _ := json.Marshal(resolved); string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkLoadThousandComponents(b *testing.B) {
	var src strings.Builder
	src.WriteString("in = input command_line { to: c0 }\n")
	for i := range 1000 {
		next := "output"
		if i < 999 {
			next = "c" + strconv.Itoa(i+1)
		}
		src.WriteString("c" + strconv.Itoa(i) + " = llm echo {\n  delay: \"10ms\"  # a comment that makes the file as long as such files are\n  max_concurrent: 4\n  turn_timeout: 30\n  to: \"" + next + "\"\n}\n")
	}
	text := []byte(src.String())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, diags := project.LoadText("main.ww", text, nil); len(diags) > 0 {
			b.Fatal(codes(diags))
		}
	}
}

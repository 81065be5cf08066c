package scripted_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

// TestTheExampleAndTheReferenceAreScripts reads what people read first.
func TestTheExampleAndTheReferenceAreScripts(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	hello, err := os.ReadFile(filepath.Join(root, "examples", "hello", "hello.script"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "reference", "script.md"))
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"hello.script": string(hello)}
	for _, name := range []string{"keeper.script", "files.script", "advisor.script"} {
		src, err := os.ReadFile(filepath.Join(root, "examples", "agent", name))
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(src)
	}
	for i, fenced := range strings.Split(string(page), "\n```\n") {
		if strings.Contains(fenced, "\nwhen \"") || strings.HasPrefix(fenced, "when \"") {
			sources["script.md, listing "+string(rune('0'+i))] = fenced
		}
	}
	if len(sources) < 7 {
		t.Fatalf("found %d scripts, want four of the examples and three listings", len(sources))
	}
	for name, src := range sources {
		if _, problems := scripted.Parse(name, []byte(src)); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	script, _ := scripted.Parse("hello.script", hello)
	steps, _, ok := script.Reply("slow\n")
	if !ok || len(steps) != 1 || steps[0].Verb != scripted.Stream || steps[0].For.Seconds() != 5 {
		t.Errorf("slow must stream its answer over 5 s, got %+v", steps)
	}
}

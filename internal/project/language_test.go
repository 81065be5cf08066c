package project_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/project"
)

// TestTheLanguage holds what every form of the language means and where its mistakes are: the tree that ww parse
// prints, and all codes with their places. Section "x.ww" is a file, section "x" what becomes of it.
func TestTheLanguage(t *testing.T) {
	t.Parallel()
	golden.Corpus(t, "project/language", func(t *testing.T, c *golden.Case) {
		for _, section := range c.Sections() {
			name, ok := strings.CutSuffix(section, ".ww")
			if !ok {
				continue
			}
			src := strings.NewReplacer("⟨BOM⟩", "\ufeff", "␍", "\r").Replace(c.Input(t, section))
			tree, diags, _ := project.Parse(app(t, map[string]string{"main.ww": src}))
			c.Equal(t, name, treeLines(t, tree))
			if len(tree.Errors) > 0 != diags.HasErrors() || len(tree.Errors)+len(tree.Warnings) != len(diags) {
				t.Errorf("%s: the tree has other problems than the list", name)
			}
		}
	})
}

// treeLines is a tree with one line for each component, setting and problem.
func treeLines(t *testing.T, tree project.Tree) string {
	t.Helper()
	var b strings.Builder
	line := func(head string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", head, text)
	}
	for _, c := range tree.Components {
		line(strings.TrimSpace(c.Name+" = "+c.Kind+" "+c.Type), c.Props)
	}
	for _, f := range tree.Settings {
		line("setting "+f.Key, f.Value)
	}
	for _, p := range append(tree.Warnings, tree.Errors...) {
		b.WriteString(p + "\n")
	}
	return b.String()
}

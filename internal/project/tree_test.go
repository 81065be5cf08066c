package project_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/project"
)

// expectation is a vector's tree, or the first error of a source that has one.
type expectation struct {
	Components []any          `json:"components"`
	Settings   map[string]any `json:"settings"`
	Warnings   []string       `json:"warnings"`
	Error      string         `json:"error"`
	At         string         `json:"at"`
}

func TestVectorsParseAndLinkAsExistingFilesNeed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Title, Source string
		Expect        expectation
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 40 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Title, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "main.ww")
			if err := os.WriteFile(file, []byte(v.Source), 0o600); err != nil {
				t.Fatal(err)
			}
			tree, _, _ := project.Parse(file)
			if v.Expect.Error != "" {
				if d := cmp.Diff([]string{v.Expect.Error + "@" + v.Expect.At}, tree.Errors); d != "" {
					t.Errorf("errors:\n%s", d)
				}
				return
			}
			printed, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				expectation
				Errors []string `json:"errors"`
			}
			if err := json.Unmarshal(printed, &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Errors) > 0 {
				t.Errorf("errors: %q", got.Errors)
			}
			if d := cmp.Diff(v.Expect, got.expectation); d != "" {
				t.Errorf("tree:\n%s", d)
			}
		})
	}
}

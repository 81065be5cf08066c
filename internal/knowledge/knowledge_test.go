package knowledge_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/knowledge"
)

// project is a directory of files.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// counting counts what is embedded.
type counting struct {
	knowledge.Local
	texts []string
	fails error
}

func (c *counting) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if c.fails != nil {
		return nil, c.fails
	}
	c.texts = append(c.texts, texts...)
	return c.Local.Embed(ctx, texts)
}

func base(t *testing.T, root, source string) (*knowledge.Base, *counting) {
	t.Helper()
	s, err := knowledge.OpenFile(filepath.Join(root, ".ww", "kb"), "local")
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{}
	b := &knowledge.Base{Store: s, Embedder: c, Root: root, Source: source}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, c
}

// embed reads in what there is and returns the plan.
func embed(t *testing.T, b *knowledge.Base) *knowledge.Plan {
	t.Helper()
	p, err := b.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Embed(t.Context(), p, func(knowledge.Progress) {}); err != nil {
		t.Fatal(err)
	}
	return p
}

func find(t *testing.T, b *knowledge.Base, question string) []string {
	t.Helper()
	hits, err := b.Find(t.Context(), question, 4)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, h := range hits {
		files = append(files, h.File)
	}
	return files
}

func TestWhatUsesTheSameWordsIsFoundFirst(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		"docs/tea.md":     "# Tea\n\nGreen tea is brewed at 80 degrees for two minutes.",
		"docs/coffee.md":  "# Coffee\n\nEspresso is pressed through ground beans.",
		"docs/refunds.md": "# Refunds\n\nMoney is given back within thirty days of the purchase.",
		"docs/stock.py":   "def items_in_stock(shop):\n    return shop.count()\n",
	})
	b, _ := base(t, root, "docs")
	embed(t, b)
	for question, want := range map[string]string{
		"how long do I brew green teas?":      "docs/tea.md",
		"Can I get my money back?":            "docs/refunds.md",
		"which function counts stock items":   "docs/stock.py",
		"what is an espresso pressed through": "docs/coffee.md",
	} {
		if got := find(t, b, question); len(got) != 4 || got[0] != want {
			t.Errorf("%s: %v, want %s first", question, got, want)
		}
	}
}

func TestOnlyWhatHasChangedIsReadInAgain(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{"a.md": "alpha", "b.md": "beta", "c.md": "gamma", "empty.md": " \n", "picture.png": "\x89PNG\x00\x00", "wrong.pdf": "%PDF-1.4"})
	b, c := base(t, root, ".")
	p := embed(t, b)
	if d := cmp.Diff([]string{"a.md", "b.md", "c.md"}, p.New); d != "" || len(p.Left) != 2 || p.Tokens != 5 {
		t.Errorf("%+v\n%s", p, d)
	}
	for name, text := range map[string]string{"b.md": "another beta", "d.md": "delta"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(root, "c.md")); err != nil {
		t.Fatal(err)
	}
	c.texts = nil
	p = embed(t, b)
	if got := fmt.Sprint(p.New, p.Changed, p.Same, p.Gone); got != "[d.md] [b.md] [a.md] [c.md]" {
		t.Error(got)
	}
	if d := cmp.Diff([]string{"another beta", "delta"}, c.texts); d != "" {
		t.Error(d)
	}
	if got := find(t, b, "another beta"); len(got) != 3 || got[0] != "b.md" {
		t.Errorf("found %v", got)
	}
	n, err := b.Clear(t.Context())
	if err != nil || n != 3 || len(find(t, b, "alpha")) != 0 {
		t.Errorf("cleared %d, %v", n, err)
	}
}

func TestGitignoreAndWhatBelongsToToolsIsLeftOut(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		".gitignore": "*.log\nbuild/\n", "docs/.gitignore": "draft*\n", "docs/a.md": "a", "docs/x.log": "x", "docs/build/y.md": "y", "docs/draft.md": "d",
		"docs/.git/config": "g", "docs/node_modules/m.js": "m", "docs/.venv/p.py": "p", "docs/__pycache__/c.py": "c", "docs/deep/b.md": "b", "other.md": "o",
	})
	b, _ := base(t, root, "docs")
	if p := embed(t, b); fmt.Sprint(p.New) != "[docs/.gitignore docs/a.md docs/deep/b.md]" {
		t.Errorf("read in %v", p.New)
	}
}

func TestWhatIsDoneStaysDoneWhenItIsBrokenOff(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{"a.md": "alpha", "b.md": "beta"})
	b, c := base(t, root, ".")
	p, err := b.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = b.Embed(t.Context(), p, func(at knowledge.Progress) {
		if at.File == "b.md" {
			c.fails = fmt.Errorf("no more credit")
		}
	})
	if err == nil || err.Error() != "b.md: no more credit" {
		t.Errorf("got %v", err)
	}
	c.fails = nil
	if p := embed(t, b); fmt.Sprint(p.New, p.Same) != "[b.md] [a.md]" {
		t.Errorf("%+v", p)
	}
}

func TestAMissingSourceSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"": "set file_to_embed", "nowhere": "file_to_embed: nowhere is not there"} {
		b, _ := base(t, t.TempDir(), source)
		if _, err := b.Plan(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPassagesAreShortOverlapAndLoseNothing(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 400 {
		fmt.Fprintf(&text, "Sentence number %d says little. ", i)
		if i > 250 && i%9 == 0 {
			text.WriteString("\n\n")
		}
	}
	text.WriteString(strings.Repeat("é", 2500))
	passages := knowledge.Split("a.txt", text.String())
	all := ""
	for i, p := range passages {
		if n := len([]rune(p.Text)); n > 1000 || p.Index != i || p.File != "a.txt" {
			t.Errorf("passage %d: %d characters, %+v", i, n, p)
		}
		if i > 0 && i < 10 && !strings.Contains(passages[i-1].Text, p.Text[:20]) {
			t.Errorf("passage %d does not repeat the end of the one before", i)
		}
		all += p.Text
	}
	for i := range 400 {
		if !strings.Contains(all, fmt.Sprintf("number %d says", i)) {
			t.Errorf("sentence %d is lost", i)
		}
	}
	if strings.Count(all, "é") < 2500 {
		t.Errorf("%d é", strings.Count(all, "é"))
	}
}

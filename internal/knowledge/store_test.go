package knowledge_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/knowledge"
)

func open(t *testing.T, dir string) *knowledge.FileStore {
	t.Helper()
	s, err := knowledge.OpenFile(dir, "m/1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t *testing.T, s knowledge.Store, file string, texts ...string) {
	t.Helper()
	passages := make([]knowledge.Passage, len(texts))
	vectors := make([][]float32, len(texts))
	for i, x := range texts {
		passages[i] = knowledge.Passage{File: file, Index: i, Text: x}
		vectors[i] = []float32{float32(len(x)), 1}
	}
	if err := s.Replace(t.Context(), knowledge.File{Path: file, Hash: file + fmt.Sprint(texts)}, passages, vectors); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, s knowledge.Store) string {
	t.Helper()
	hits, err := s.Nearest(context.Background(), []float32{1, 0}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range hits {
		out = append(out, h.Text)
	}
	return strings.Join(out, " ")
}

func TestAStoreThatIsCutAnywhereHasWholeDocuments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "one", "three")
	put(t, s, "b", "fifteen")
	put(t, s, "a", "seventeen")
	whole, err := os.ReadFile(filepath.Join(dir, "m_1.passages"))
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, s); got != "seventeen fifteen" {
		t.Errorf("got %q", got)
	}
	seen := map[string]bool{}
	for n := range whole {
		cut := t.TempDir()
		if err := os.WriteFile(filepath.Join(cut, "m_1.passages"), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := knowledge.OpenFile(cut, "m/1")
		if err != nil {
			continue // not even the first line
		}
		seen[all(t, s)] = true
		put(t, s, "c", "x")
		if got := all(t, s); !strings.HasSuffix(got, "x") {
			t.Errorf("cut at %d: %q", n, got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for got := range seen {
		switch got {
		case "", "three one", "fifteen three one":
		default:
			t.Errorf("a part of a document: %q", got)
		}
	}
	if len(seen) != 3 {
		t.Errorf("seen %v", seen)
	}
}

func TestAReaderSeesWhatAnotherWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reader := open(t, dir)
	if got := all(t, reader); got != "" {
		t.Errorf("got %q", got)
	}
	writer := open(t, dir)
	put(t, writer, "a", "one")
	if got := all(t, reader); got != "one" {
		t.Errorf("got %q", got)
	}
	big := strings.Repeat("x", 100_000)
	for i := range 30 {
		big = strings.Repeat("x", 100_000+i)
		put(t, writer, "a", big)
	}
	if err := writer.Compact(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "m_1.passages"))
	if err != nil || info.Size() > 210_000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	put(t, writer, "b", "two")
	if got := all(t, reader); got != big+" two" {
		t.Errorf("%d characters", len(got))
	}
	if err := writer.Remove(t.Context(), "a"); err != nil || all(t, reader) != "two" {
		t.Errorf("%v", err)
	}
}

func TestAStoreOfSomethingElseSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m_1.passages"), []byte("SQLite format 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := knowledge.OpenFile(dir, "m/1"); err == nil || !strings.Contains(err.Error(), "ww embed") {
		t.Errorf("got %v", err)
	}
	s := open(t, t.TempDir())
	put(t, s, "a", "one")
	if _, err := s.Nearest(t.Context(), []float32{1, 2, 3}, 4); err == nil || !strings.Contains(err.Error(), "embedding model was changed") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkNearest(b *testing.B) {
	s, err := knowledge.OpenFile(b.TempDir(), "m")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	texts := make([]string, 1000)
	for i := range texts {
		texts[i] = fmt.Sprint("text number ", i)
	}
	for f := range 10 {
		var passages []knowledge.Passage
		vectors, _ := knowledge.Local{}.Embed(b.Context(), texts)
		for i, x := range texts {
			passages = append(passages, knowledge.Passage{File: fmt.Sprint(f), Index: i, Text: x})
		}
		if err := s.Replace(b.Context(), knowledge.File{Path: fmt.Sprint(f)}, passages, vectors); err != nil {
			b.Fatal(err)
		}
	}
	q, _ := knowledge.Local{}.Embed(b.Context(), []string{"text number 77"})
	b.ResetTimer()
	for b.Loop() {
		if hits, err := s.Nearest(b.Context(), q[0], 4); err != nil || len(hits) != 4 {
			b.Fatal(err)
		}
	}
}

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
)

func TestFiguresReplaceThoseOfAPage(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "bench.md")
	if err := os.WriteFile(page, []byte("# Before\n"+figuresBegin+"\nold\n"+figuresEnd+"\nAfter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	yes := true
	report := bench.Report{
		Machine: bench.Machine{OS: "linux", Kernel: "6.1", CPUs: 2, Model: "A processor", Go: "go1.26", LoadBefore: 0.1, LoadAfter: 1, StealPercent: 0.25},
		Rows: []bench.Row{
			{Name: "turn", Unit: "µs", Value: 123.4, P99: 1500, Baseline: "raw ring", BaselineValue: 61.7, Ratio: 2, RatioMin: 1.5, RatioMax: 3, Goal: "≤ 4 ×", OK: &yes},
			{Name: "turns a second", Unit: "/s", Value: 12_345, P99: 12_345},
		},
	}
	if err := figuresInto(page, report, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := `# Before
<!-- figures -->
Measured on 2026-01-02: A processor, 2 cores, linux 6.1, go1.26, load 0.1 → 1.0, steal 0.2 %.

| what | p50 | p99 | baseline p50 | ratio (min…max) | goal | held |
|---|---|---|---|---|---|---|
| turn | 123 µs | 1500 | 61.7 µs: raw ring | 2.00 (1.50…3.00) | ≤ 4 × | yes |
| turns a second | 12345 /s | - | - | - | - | - |
<!-- end of figures -->
After
`
	if string(b) != want {
		t.Errorf("got\n%s\nwant\n%s", b, want)
	}
	if err := os.WriteFile(page, []byte("no place"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := figuresInto(page, report, time.Now()); err == nil || !strings.Contains(err.Error(), "no place for figures") {
		t.Errorf("err = %v", err)
	}
}

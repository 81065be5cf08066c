package cli

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
)

// The lines of a page between which its figures stand.
const (
	figuresBegin = "<!-- figures -->"
	figuresEnd   = "<!-- end of figures -->"
)

// machineText is what a figure means nothing without.
func machineText(m bench.Machine) string {
	return fmt.Sprintf("%s, %d cores, %s %s, %s, load %.1f → %.1f, steal %.1f %%",
		cmp.Or(m.Model, m.Arch), m.CPUs, m.OS, m.Kernel, m.Go, m.LoadBefore, m.LoadAfter, m.StealPercent)
}

// figures are the numbers of a row as people read them; a dash is one that there is not.
type figures struct{ value, p99, base, ratio, span string }

func figuresOf(r bench.Row) figures {
	f := figures{value: strings.TrimSpace(digits(r.Value) + " " + r.Unit), p99: digits(r.P99), base: "-", ratio: "-", span: "-"}
	if r.P99 == r.Value {
		f.p99 = "-"
	}
	if r.BaselineValue > 0 {
		f.base = digits(r.BaselineValue)
	}
	if r.Ratio > 0 {
		f.ratio = fmt.Sprintf("%.2f", r.Ratio)
	}
	if r.RatioMax > 0 {
		f.span = fmt.Sprintf("%.2f…%.2f", r.RatioMin, r.RatioMax)
	}
	return f
}

// digits writes a number with three of them that count, or all that stand before the point.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case v == 0:
		return "0"
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// figuresInto replaces the figures of a page.
func figuresInto(path string, report bench.Report, at time.Time) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), figuresBegin)
	_, after, ok2 := strings.Cut(rest, figuresEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s: there is no place for figures: it needs a line %q and, behind it, a line %q", path, figuresBegin, figuresEnd)
	}
	return os.WriteFile(path, []byte(before+figuresBegin+"\n"+figuresTable(report, at)+figuresEnd+after), 0o644) // a page for everybody
}

// figuresTable is a report as Markdown.
func figuresTable(report bench.Report, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s: %s.\n\n", at.UTC().Format(time.DateOnly), machineText(report.Machine))
	b.WriteString("| what | p50 | p99 | baseline p50 | ratio (min…max) | goal | held |\n|---|---|---|---|---|---|---|\n")
	for _, r := range report.Rows {
		f := figuresOf(r)
		if r.Baseline != "" && f.base != "-" {
			f.base += " " + r.Unit + ": " + r.Baseline
		}
		if f.span != "-" {
			f.ratio += " (" + f.span + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.Name, f.value, f.p99, f.base, f.ratio, cmp.Or(r.Goal, "-"), judged(r))
	}
	return b.String()
}

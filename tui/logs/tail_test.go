package logs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/woodwork-lang/ww/internal/logbuf"
)

func numberOf(l *logbuf.Line) int {
	n, err := strconv.Atoi(l.Text)
	if err != nil {
		panic(err)
	}
	return n
}

// inOrder checks that a tail is the last lines of so many, which are numbered from 0.
func inOrder(t *testing.T, tail Tail, all int) {
	t.Helper()
	if got := tail.Skipped() + tail.Len(); got != all {
		t.Errorf("%d lines are counted, want %d", got, all)
	}
	next := tail.Skipped()
	for l := range tail.All {
		if got := numberOf(l); got != next {
			t.Fatalf("line %d is %d", next, got)
		}
		next++
	}
	for i := range tail.Len() {
		if got := numberOf(tail.At(i)); got != tail.Skipped()+i {
			t.Fatalf("At(%d) is %d, want %d", i, got, tail.Skipped()+i)
		}
	}
}

func TestOfAFloodTheLastLinesAreHeldAndAllAreCounted(t *testing.T) {
	t.Parallel()
	const most, all = 1000, 12345
	var tail Tail
	for i := range all {
		tail = tail.Add(logbuf.Line{Text: fmt.Sprint(i)}, most)
	}
	if n := tail.Len(); n < most || n >= most+pageLines {
		t.Errorf("%d lines are held", n)
	}
	inOrder(t, tail, all)
	if first := tail.First(7); first.Len() != 7 || numberOf(first.At(6)) != tail.Skipped()+6 {
		t.Errorf("the first 7 are %d", first.Len())
	}
}

// TestJoiningHoldsTheLastAndChangesNeither joins batches of all sizes, while what they were made of is added to.
func TestJoiningHoldsTheLastAndChangesNeither(t *testing.T) {
	t.Parallel()
	const most = 700
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	var whole Tail
	n := 0
	for range 400 {
		var next Tail
		for range []int{1, 2, 1, 300, 1500}[rng.IntN(5)] {
			next = next.Add(logbuf.Line{Text: fmt.Sprint(n)}, most)
			n++
		}
		before := whole
		whole = whole.Join(next, most)
		inOrder(t, before, n-next.Len()-next.Skipped())
		next.Add(logbuf.Line{Text: "later"}, 0) // who reads goes on with the page that was handed over
		inOrder(t, whole, n)
		if whole.Len() != min(n, most) && next.Skipped() == 0 {
			t.Fatalf("seed %d: %d lines of %d are held", seed, whole.Len(), n)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if pages := len(whole.pages); pages > 2*most/pageLines+3 {
		t.Errorf("seed %d: %d pages for %d lines", seed, pages, most)
	}
}

// TestOneLineABatchMakesNoPageEach: a quiet log comes line by line.
func TestOneLineABatchMakesNoPageEach(t *testing.T) {
	t.Parallel()
	var whole Tail
	for i := range 3 * MaxLines {
		whole = whole.Join(TailOf(logbuf.Line{Text: fmt.Sprint(i)}), MaxLines)
	}
	inOrder(t, whole, 3*MaxLines)
	if n := len(whole.pages); n > MaxLines/pageLines+2 {
		t.Errorf("%d pages", n)
	}
	if !slices.ContainsFunc(whole.pages, func(p []logbuf.Line) bool { return len(p) == pageLines }) {
		t.Error("no page is full")
	}
}

// BenchmarkFlood is what a frame pays for a batch as large as the pane.
func BenchmarkFlood(b *testing.B) {
	var batch Tail
	for i := range MaxLines {
		batch = batch.Add(logbuf.Line{Text: fmt.Sprint(i)}, MaxLines)
	}
	var m Model
	b.ReportAllocs()
	for b.Loop() {
		m = m.With(batch)
	}
}

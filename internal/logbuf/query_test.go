package logbuf

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// put writes a file of a log as it would look, one line a second from second on.
func put(t *testing.T, dir, file string, second int, texts ...string) {
	t.Helper()
	var b []byte
	for i, text := range texts {
		if raw, ok := strings.CutPrefix(text, "RAW "); ok {
			b = append(append(b, raw...), '\n')
			continue
		}
		b = appendLine(b, time.Unix(int64(second+i), 0), "stdout", "x-1", Whole, []byte(text))
	}
	if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func texts(lines []Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, " ")
}

func TestQuery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "agent.log.2", 10, "a10", "a11")
	put(t, dir, "agent.log.1", 20, "a20", "RAW boom", "a22")
	put(t, dir, "agent.log", 30, "a30", "a31", "a32")
	put(t, dir, "llm.log", 11, "l11", "l12")
	put(t, dir, "llm.logs", 1, "no log")
	put(t, dir, "llm.log.x", 1, "no log")
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "a10 a11 l11 l12 a20 boom a22 a30 a31 a32"},
		{Query{Components: []string{"llm"}}, "l11 l12"},
		{Query{Components: []string{"nobody"}}, ""},
		{Query{Components: []string{"agent"}, Tail: 4}, "a22 a30 a31 a32"},
		{Query{Components: []string{"agent"}, Tail: 5}, "boom a22 a30 a31 a32"},
		{Query{Tail: 7}, "l12 a20 boom a22 a30 a31 a32"},
		{Query{Tail: 100}, "a10 a11 l11 l12 a20 boom a22 a30 a31 a32"},
		{Query{Tail: -1}, ""},
		{Query{Since: time.Unix(12, 0), Until: time.Unix(30, 0)}, "l12 a20 boom a22"},
		{Query{Until: time.Unix(20, 0), Tail: 2}, "l11 l12"},
		{Query{Stream: "stderr"}, "boom"},
		{Query{Grep: regexp.MustCompile(`[02]$`), Tail: 3}, "a22 a30 a32"},
	} {
		if got := texts(readAll(t, dir, c.q)); got != c.want {
			t.Errorf("%+v\n got %s\nwant %s", c.q, got, c.want)
		}
	}
	lines := readAll(t, dir, Query{Stream: "stderr"})
	if l := lines[0]; !l.Time.Equal(time.Unix(20, 0)) || l.Component != "agent" || l.Instance != "" {
		t.Errorf("%+v: a foreign line has the time of the line before it", l)
	}
}

func TestReadOfNothing(t *testing.T) {
	t.Parallel()
	if lines := readAll(t, filepath.Join(t.TempDir(), "none"), Query{}); len(lines) != 0 {
		t.Errorf("%v", lines)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	put(t, dir, "a.log", 1, "x")
	if _, err := Read(ctx, dir, Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestEachStopsWhenAsked(t *testing.T) {
	t.Parallel()
	dir, enough, n := t.TempDir(), errors.New("enough"), 0
	put(t, dir, "a.log", 1, "1", "2", "3")
	err := Each(t.Context(), dir, Query{}, func(Line) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// TestTailEqualsTheEndOfEverything for files of every shape: that it reads from behind must not show.
func TestTailEqualsTheEndOfEverything(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		dir := t.TempDir()
		for i := rnd.IntN(4); i >= 0; i-- {
			var lines []string
			for n := range rnd.IntN(200) {
				text := fmt.Sprint(n, strings.Repeat("x", rnd.IntN(1+rnd.IntN(2000))))
				if rnd.IntN(20) == 0 {
					text = "RAW " + text
				}
				lines = append(lines, text)
			}
			put(t, dir, "a.log"+strings.TrimSuffix(fmt.Sprint(".", i), ".0"), 1000-i*200, lines...)
		}
		torn, err := os.OpenFile(filepath.Join(dir, "a.log"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		write(t, torn, strings.Repeat("t", rnd.IntN(3)))
		torn.Close()
		all := readAll(t, dir, Query{})
		for _, n := range []int{1, 2, 50, 199, 500} {
			got := readAll(t, dir, Query{Tail: n})
			if want := all[max(0, len(all)-n):]; !slices.EqualFunc(got, want, func(a, b Line) bool { return a.Text == b.Text }) {
				t.Fatalf("tail %d: %d lines, want %d", n, len(got), len(want))
			}
		}
	}
}

// follow collects what Follow passes on until done says that it is enough.
func follow(t *testing.T, dir string, q Query, done func([]Line) bool) []Line {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var got []Line
	err := Follow(ctx, dir, q, func(l Line) error {
		if got = append(got, l); done(got) {
			cancel()
		}
		return nil
	})
	if err != nil || !done(got) {
		t.Errorf("Follow: %v after %d lines", err, len(got))
	}
	return got
}

// TestFollowThroughRotations: every line once, in order, while files are put aside behind the reader's back.
func TestFollowThroughRotations(t *testing.T) {
	t.Parallel()
	const n = 20_000
	dir := t.TempDir()
	w := open(t, dir, Options{MaxBytes: 8_000, Keep: 1000}).Stream("stdout")
	write(t, w, "0\n")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 1; i < n; i++ {
			_, _ = fmt.Fprintln(w, i)
			if i%1000 == 0 {
				time.Sleep(10 * time.Millisecond) //nolint:forbidigo // the reader is to be in the middle of it, not to wait for a state
			}
		}
	}()
	got := follow(t, dir, Query{}, func(l []Line) bool { return len(l) == n })
	<-ended
	for i, l := range got {
		if l.Text != fmt.Sprint(i) {
			t.Fatalf("%q where %d belongs", l.Text, i)
		}
	}
	if len(versions(dir, "agent")) < 50 {
		t.Error("there was no rotation to speak of")
	}
}

// TestSlowFollowerIsTold that lines were deleted before it read them.
func TestSlowFollowerIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, Options{MaxBytes: 1000, Keep: 2}).Stream("stdout")
	write(t, w, "first\n")
	c := &cursor{dir: dir, component: "agent"}
	defer c.close()
	c.seek(Query{})
	if l, ok := c.next(); !ok || l.Text != "first" {
		t.Fatalf("%v, %v", l, ok)
	}
	for i := range 500 {
		write(t, w, fmt.Sprintln(i))
	}
	var got []Line
	for l, ok := c.next(); ok; l, ok = c.next() {
		got = append(got, l)
	}
	noted := slices.IndexFunc(got, func(l Line) bool { return l.Stream == StreamWW && l.Text == gapNote })
	if noted < 0 || got[len(got)-1].Text != "499" {
		t.Errorf("%d lines, note at %d", len(got), noted)
	}
}

func TestFollowFindsNewComponentsAndEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got []Line
		ended := make(chan error, 1)
		put(t, dir, "a.log", 1, "old", "a1")
		go func() {
			ended <- Follow(ctx, dir, Query{Tail: 1}, func(l Line) error { got = append(got, l); return nil })
		}()
		synctest.Wait()
		put(t, dir, "b.log", 1, "b1", "b2")
		time.Sleep(pollPause) //nolint:forbidigo // fake time
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil || texts(got) != "a1 b1 b2" {
			t.Errorf("%q, %v", texts(got), err)
		}
	})
}

// A gentle follower rests while it reads a flood, though not for ever, and not while it reads what was there before.
func TestAGentleFollowerRestsInAFloodAndMissesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const before, flood = 2000, 2 * gentleMost
	numbers := make([]string, before+flood)
	for i := range numbers {
		numbers[i] = fmt.Sprint(i)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		next := 0
		var last time.Time
		ended := make(chan error, 1)
		put(t, dir, "a.log", 1, numbers[:before]...)
		began := time.Now()
		go func() {
			ended <- Follow(ctx, dir, Query{Gently: true}, func(l Line) error {
				if l.Text != fmt.Sprint(next) {
					return fmt.Errorf("%q where %d belongs", l.Text, next)
				}
				next, last = next+1, time.Now()
				return nil
			})
		}()
		synctest.Wait()
		if next != before || last.Sub(began) > 0 {
			t.Errorf("%d lines that were there are read after %s", next, last.Sub(began))
		}
		put(t, dir, "a.log", 1, numbers...)
		const rests = gentleMost / gentleLines * gentleRest
		time.Sleep(pollPause + rests) //nolint:forbidigo // fake time
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil || next != len(numbers) {
			t.Errorf("%d lines of %d, %v", next, len(numbers), err)
		}
		if took := last.Sub(began) - pollPause; took != rests {
			t.Errorf("the flood is read within %s, want rests of %s in all", took, rests)
		}
	})
}

func TestTheLastWordsOfARunAreFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got []Line
		ended := make(chan error, 1)
		put(t, dir, "a.log", 1, "of the run before")
		go func() {
			ended <- FollowRun(ctx, dir, Query{Tail: -1}, func(l Line) error { got = append(got, l); return nil })
		}()
		synctest.Wait()
		put(t, dir, "a.log", 1, "a1") // and nobody has looked since
		put(t, dir, "b.log", 1, "b1")
		cancel()
		if err := <-ended; err != nil || texts(got) != "a1 b1" {
			t.Errorf("%q, %v", texts(got), err)
		}
	})
}

func TestEmptiedFileIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "a.log", 1, "long long line", "another")
	c := &cursor{dir: dir, component: "a"}
	defer c.close()
	c.seek(Query{})
	c.next()
	c.next()
	put(t, dir, "a.log", 5, "new")
	if l, ok := c.next(); !ok || l.Text != "new" {
		t.Errorf("%+v, %v", l, ok)
	}
}

func TestHugeForeignLineIsReadInPieces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "a.log", 1, "RAW "+strings.Repeat("z", 3*maxRaw), "end")
	total := 0
	for _, l := range readAll(t, dir, Query{}) {
		total += strings.Count(l.Text, "z")
		if len(l.Text) > maxRaw+64<<10+100 {
			t.Errorf("a piece of %d bytes", len(l.Text))
		}
	}
	if total != 3*maxRaw {
		t.Errorf("%d bytes", total)
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, f := range []string{"b.log", "a.log.3", "a.log", "c.d.log", "x.txt", ".log", "e.log.0", "e.log.z"} {
		put(t, dir, f, 1)
	}
	got, err := Components(dir)
	if err != nil || strings.Join(got, " ") != "a b c.d" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestVersionsOfAWildName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "a[1]*.log", 1, "it")
	put(t, dir, "a1x.log", 1, "other")
	if got := texts(readAll(t, dir, Query{Components: []string{"a[1]*"}})); got != "it" {
		t.Errorf("%q", got)
	}
}

// TestALineNobodyKnowsAboutYetHoldsUpTheLaterOnes: what is decided late is shown in its place, and what was not wanted when
// the follower began is not asked for again.
func TestALineNobodyKnowsAboutYetHoldsUpTheLaterOnes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, Options{}).Stream("stdout")
	write(t, w, "old\nfirst\nlate 1\nno\nlate 2\n")
	asked := map[string]int{}
	q := Query{
		Only: func(l Line) bool { return l.Text != "old" },
		Late: func(l Line) (Verdict, error) {
			asked[l.Text]++
			switch {
			case l.Text == "no":
				return Unwanted, nil
			case strings.HasPrefix(l.Text, "late") && asked[l.Text] < 3:
				return Undecided, nil
			}
			return Wanted, nil
		},
	}
	wrote := false
	got := follow(t, dir, q, func(l []Line) bool {
		if !wrote {
			wrote = true
			write(t, w, "no\nlast\n")
		}
		return l[len(l)-1].Text == "last"
	})
	var texts []string
	for _, l := range got {
		texts = append(texts, l.Text)
	}
	if want := []string{"first", "late 1", "late 2", "last"}; !slices.Equal(texts, want) {
		t.Errorf("passed on %q, want %q", texts, want)
	}
	if asked["old"] != 0 || asked["late 2"] != 3 || asked["last"] != 1 {
		t.Errorf("asked for %v", asked)
	}
}

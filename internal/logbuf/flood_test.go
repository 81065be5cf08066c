package logbuf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// unjoin gives a stream its bytes back: the cut pieces are put together, an unended line has no newline.
type unjoin struct{ w io.Writer }

func (u unjoin) line(l Line) error {
	end := ""
	if l.Part == Whole {
		end = "\n"
	}
	_, err := io.WriteString(u.w, l.Text+end)
	return err
}

// Whatever a process prints is in its log, byte for byte, and costs its runner a bounded amount of memory.
func TestT49TheLogIsCompleteWhateverIsPrinted(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Keep: 1000})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		s := l.Stream("stdout")
		_, err := s.ReadFrom(r)
		read <- errors.Join(err, s.Close())
	}()
	printed := crc64.New(crc64.MakeTable(crc64.ISO))
	out := io.MultiWriter(w, printed)
	var peak uint64
	grown := func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
	}
	print := func(b []byte) {
		if _, err := out.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	print(bytes.Repeat([]byte("x"), 10<<20)) // a line of ten megabytes
	print([]byte("\n"))
	grown()
	random := rand.NewChaCha8([32]byte{1})
	block := make([]byte, 1<<20)
	for range floodBlocks { // binary: newlines, NUL, broken UTF-8, escape sequences at every place
		_, _ = random.Read(block) // never fails
		print(block)
	}
	grown()
	print([]byte("\x1b[31mred\x1b]0;title\x07 \xff\xfe \u202eback\nlast words without an end"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if limit := uint64(32 << 20); peak > limit {
		t.Errorf("%d MiB of memory are in use while it prints, at most %d", peak>>20, limit>>20)
	}

	kept := crc64.New(crc64.MakeTable(crc64.ISO))
	back := unjoin{kept}
	last, longest := Line{}, 0
	err = Each(t.Context(), dir, Query{}, func(line Line) error {
		last, longest = line, max(longest, len(line.Text))
		return back.line(line)
	})
	if err != nil {
		t.Fatal(err)
	}
	if kept.Sum64() != printed.Sum64() || l.Lost() != 0 {
		t.Errorf("the log does not have the bytes that were printed; %d lines lost", l.Lost())
	}
	if last.Part != Unended || last.Text != "last words without an end" {
		t.Errorf("the last line is %+v", last)
	}
	if longest > 64<<10 {
		t.Errorf("a line of %d bytes is in the file", longest)
	}
	for _, line := range readAll(t, dir, Query{Tail: 100}) {
		if safe := Sanitize(line.Text); strings.ContainsAny(safe, "\x1b\x00\x07\r\u202e") {
			t.Errorf("%q is shown as %q", line.Text, safe)
		}
	}
}

// A viewer that stalls delays nobody, and misses nothing that was not deleted meanwhile.
func TestT29AStalledViewerDelaysNobody(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{Keep: 1000})
	w := l.Stream("stdout")
	write(t, w, "first\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stalled, goOn := make(chan struct{}), make(chan struct{})
	seen := make(chan int, 1)
	go func() {
		n := 0
		_ = Follow(ctx, dir, Query{}, func(l Line) error { // ends with ctx
			if n++; n == 1 {
				close(stalled)
				<-goOn
			}
			if l.Text == "last" {
				seen <- n
			}
			return nil
		})
	}()
	<-stalled
	const lines = 100_000
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, "line %d with some text to make it as long as lines are\n", i)
	}
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		_, _ = w.Write(b.Bytes())
		_, _ = w.Write([]byte("last\n"))
	}()
	select {
	case <-wrote: // while the viewer stands still
	case <-time.After(time.Minute):
		t.Fatal("the writer waits for the viewer")
	}
	close(goOn)
	if n := <-seen; n != lines+2 {
		t.Errorf("the viewer saw %d lines in the end, want %d", n, lines+2)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Level{
		`level=WARN msg="x"`:                            Warn,
		`time=1 level=error msg=x`:                      Error,
		`{"time":"x","level":"debug","msg":"error"}`:    Debug,
		`{"severity": "CRITICAL"}`:                      Error,
		"2025-01-01 10:00:00,123 - root - ERROR - boom": Error,
		"WARNING:root:careful":                          Warn,
		"[info] hello":                                  Info,
		"warn: slow":                                    Warn,
		"INFO starting":                                 Info,
		"the error is gone":                             Unknown,
		"info desk":                                     Unknown,
		"Traceback (most recent call last):":            Error,
		"ModuleNotFoundError: No module named 'x'":      Error,
		"panic: oh no":                                  Error,
		"":                                              Unknown,
		"one two three four five six ERROR":             Unknown, // far from its beginning it is a word of the text
	} {
		if got := LevelOf([]byte(text)); got != want {
			t.Errorf("%q has level %q, want %q", text, got, want)
		}
	}
	for _, l := range []Level{Debug, Info, Warn, Error} {
		if got, err := ParseLevel(strings.ToUpper(l.String())); got != l || err != nil {
			t.Errorf("%v is read as %v, %v", l, got, err)
		}
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("loud is a level")
	}
}

// Lines of a stack have the level of what they explain; a tail is counted after everything else.
func TestQueryByLevel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "agent.log.1", 1, "INFO a", "Traceback (most recent call last):", `  File "x.py"`, "KeyError: 'k'")
	put(t, dir, "agent.log", 10, "plain", "  more", "WARN w", "  why", "RAW goroutine 1 [running]:", "level=debug msg=d", "INFO z")
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Level: Error}, `Traceback (most recent call last):|  File "x.py"|KeyError: 'k'|goroutine 1 [running]:`},
		{Query{Level: Warn, Tail: 3}, "WARN w|  why|goroutine 1 [running]:"},
		{Query{Level: Warn, Tail: 5}, `  File "x.py"|KeyError: 'k'|WARN w|  why|goroutine 1 [running]:`},
		{Query{Level: Info, Tail: 2}, "goroutine 1 [running]:|INFO z"},
		{Query{Level: Debug, Tail: 1}, "INFO z"},
		{Query{Grep: regexp.MustCompile("^  "), Tail: 2}, "  more|  why"},
		{Query{Only: func(l Line) bool { return strings.Contains(l.Text, "d") }, Tail: 1}, "level=debug msg=d"},
	} {
		var got []string
		for _, l := range readAll(t, dir, c.q) {
			got = append(got, l.Text)
		}
		if g := strings.Join(got, "|"); g != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.q, g, c.want)
		}
	}
}

// The stamp is read by hand; it takes what time.Parse takes of our form, and nothing else.
func TestStampsAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"2025-03-04T04:06:07.089123Z", "2024-02-29T23:59:59.999999Z", "2023-02-29T00:00:00.000000Z", "2025-00-10T00:00:00.000000Z",
		"2025-04-31T00:00:00.000000Z", "2025-01-01T24:00:00.000000Z", "2025-01-01T00:60:00.000000Z", "0000-01-01T00:00:00.000000Z",
		"2025-01-01T00:00:00,000000Z", "2025-01-01T00:00:00.00000aZ", "9999-12-31T23:59:59.000001Z",
	} {
		want, err := time.Parse(stamp, s)
		got, ok := parseStamp([]byte(s))
		if ok != (err == nil && !strings.Contains(s, ",")) || ok && !got.Equal(want) {
			t.Errorf("%s is %v, %v; time.Parse says %v, %v", s, got, ok, want, err)
		}
	}
}

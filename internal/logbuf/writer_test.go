package logbuf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string, o Options) *Log {
	t.Helper()
	if o.Component == "" {
		o.Component = "agent"
	}
	if o.Instance == "" {
		o.Instance = "agent-ab12"
	}
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(w, text); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}

func readAll(t *testing.T, dir string, q Query) []Line {
	t.Helper()
	lines, err := Read(context.Background(), dir, q)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// short writes lines as "stream part text".
func short(lines []Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprint(l.Stream, [...]string{"", "+", "~"}[l.Part], " ", l.Text))
	}
	return out
}

func expect(t *testing.T, got []Line, want ...string) {
	t.Helper()
	if g := short(got); fmt.Sprintf("%q", g) != fmt.Sprintf("%q", want) {
		t.Errorf("lines\n got %q\nwant %q", g, want)
	}
}

func TestLinesAreJoinedAcrossWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{})
	out, err := l.Stream("stdout"), l.Stream("stderr")
	write(t, out, "one\ntw")
	write(t, err, "bad\r\n\n")
	write(t, out, "o\nthree\n")
	expect(t, readAll(t, dir, Query{}), "stdout one", "stderr bad\r", "stderr ", "stdout two", "stdout three")
}

// TestUnendedLineIsWrittenAfterTwoSeconds, and what follows goes on in its own line.
func TestUnendedLineIsWrittenAfterTwoSeconds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, dir, Options{})
		w := l.Stream("stdout")
		write(t, w, "name? ")
		time.Sleep(2*time.Second - time.Millisecond) //nolint:forbidigo // fake time
		synctest.Wait()
		expect(t, readAll(t, dir, Query{}))
		time.Sleep(time.Millisecond) //nolint:forbidigo // fake time
		synctest.Wait()
		expect(t, readAll(t, dir, Query{}), "stdout~ name? ")
		write(t, w, "\nage? ")
		time.Sleep(2 * time.Second) //nolint:forbidigo // fake time
		synctest.Wait()
		write(t, w, "7\n\n")
		expect(t, readAll(t, dir, Query{}), "stdout~ name? ", "stdout~ age? ", "stdout 7", "stdout ")
	})
}

// TestLastWordsAreKept: no newline at death.
func TestLastWordsAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{})
	w, other := l.Stream("stderr"), l.Stream("stdout")
	write(t, other, "also")
	if _, err := io.Copy(w, io.MultiReader(strings.NewReader("a\nSegmentation"), strings.NewReader(" fault"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("second Close: %v", err)
	}
	expect(t, readAll(t, dir, Query{}), "stderr a", "stderr~ Segmentation fault", "stdout~ also")
}

// TestBytesAreKept: whatever was printed, joined pieces give it back.
func TestBytesAreKept(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		dir := t.TempDir()
		l := open(t, dir, Options{MaxLine: 100})
		w := l.Stream("stdout")
		var in bytes.Buffer
		for range rnd.IntN(60) {
			chunk := make([]byte, rnd.IntN(700))
			for i := range chunk {
				chunk[i] = byte(rnd.IntN(256))
				if rnd.IntN(300) != 0 && chunk[i] == '\n' {
					chunk[i] = 0
				}
			}
			in.Write(chunk)
			write(t, w, string(chunk))
		}
		in.WriteByte('\n')
		write(t, w, "\n")
		var out bytes.Buffer
		for _, line := range readAll(t, dir, Query{}) {
			if len(line.Text) > 100 {
				t.Fatalf("a line of %d bytes", len(line.Text))
			}
			out.WriteString(line.Text)
			if line.Part == Whole {
				out.WriteByte('\n')
			}
		}
		if !bytes.Equal(in.Bytes(), out.Bytes()) {
			t.Fatalf("%d bytes in, %d out, or others", in.Len(), out.Len())
		}
	}
}

func TestEndlessLineIsCutAndDoesNotGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir, Options{})
	w := l.Stream("stdout")
	for range 100 {
		write(t, w, strings.Repeat("x", 50_000))
	}
	if len(w.rest) > 64<<10+overlap {
		t.Errorf("%d bytes are held", len(w.rest))
	}
	lines := readAll(t, dir, Query{})
	for _, line := range lines {
		if line.Part != Cut || len(line.Text) != 64<<10 {
			t.Errorf("part %d with %d bytes", line.Part, len(line.Text))
		}
	}
	if len(lines) < 75 {
		t.Errorf("%d lines", len(lines))
	}
}

// TestSecretsAreMasked, also one that lies across a cut.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "sk-0123456789"
	for _, ended := range []bool{true, false} {
		dir := t.TempDir()
		l := open(t, dir, Options{MaxLine: 50, Patience: time.Hour, Mask: func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(secret), []byte("***"))
		}})
		w := l.Stream("stdout")
		var text strings.Builder
		rnd := rand.New(rand.NewPCG(5, 6)) // a regular text never meets a cut at the wrong place
		for range 10_000 {
			text.WriteString(strings.Repeat("x", rnd.IntN(30)) + secret)
		}
		for in := text.String(); in != ""; in = in[min(7, len(in)):] {
			write(t, w, in[:min(7, len(in))])
		}
		if ended {
			write(t, w, "\n")
		} else {
			_ = w.Close()
		}
		var all strings.Builder
		for _, line := range readAll(t, dir, Query{}) {
			all.WriteString(line.Text)
		}
		if n := strings.Count(all.String(), "***"); n != 10_000 || strings.Contains(all.String(), "0123") {
			t.Errorf("%d masked", n)
		}
	}
}

// TestRotationLosesNothing and keeps as many files as asked.
func TestRotationLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var turned int
	l := open(t, dir, Options{MaxBytes: 10_000, Keep: 3, Rotated: func(*os.File) { turned++ }})
	w := l.Stream("stdout")
	for i := range 1000 {
		write(t, w, fmt.Sprintf("line %04d\n", i))
	}
	lines := readAll(t, dir, Query{})
	for i, line := range lines {
		if want := fmt.Sprintf("line %04d", 1000-len(lines)+i); line.Text != want {
			t.Fatalf("%q where %q belongs", line.Text, want)
		}
	}
	files := versions(dir, "agent")
	if len(files) != 3 || turned < 4 || len(lines) < 350 || files[0].number != 2 {
		t.Errorf("%d files, %d turns, %d lines", len(files), turned, len(lines))
	}
	for _, f := range files {
		if f.info.Size() > 10_000 || f.info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %d bytes, %v", f.path, f.info.Size(), f.info.Mode())
		}
	}
}

func TestKeepOneDeletesInstead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, Options{MaxBytes: 1000, Keep: 1}).Stream("stdout")
	for i := range 100 {
		write(t, w, fmt.Sprintln("line", i))
	}
	lines := readAll(t, dir, Query{})
	if len(versions(dir, "agent")) != 1 || len(lines) == 0 || lines[len(lines)-1].Text != "line 99" {
		t.Errorf("%v", lines)
	}
}

// TestInstancesShareAFile: both rotate it, and neither loses a line.
func TestInstancesShareAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for _, name := range []string{"agent-aaaa", "agent-bbbb", "agent-cccc"} {
		w := open(t, dir, Options{Instance: name, MaxBytes: 5000, Keep: 500}).Stream("stdout")
		wg.Go(func() {
			for i := range 2000 {
				write(t, w, fmt.Sprintln(i))
			}
		})
	}
	wg.Wait()
	next := map[string]int{}
	for _, line := range readAll(t, dir, Query{}) {
		if line.Part != Whole || line.Instance == "" {
			t.Fatalf("%+v", line)
		}
		next[line.Instance]++
	}
	for name, n := range next {
		if n != 2000 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
	if len(next) != 3 {
		t.Errorf("%v", next)
	}
}

func TestDeletedFileIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, Options{}).Stream("stdout")
	write(t, w, "one\n")
	if err := os.Remove(filepath.Join(dir, "agent.log")); err != nil {
		t.Fatal(err)
	}
	write(t, w, "two\n")
	expect(t, readAll(t, dir, Query{}), "stdout two")
}

// TestFullDiskIsCounted: the writer goes on, says how many lines are missing, and does not tear the next one.
func TestFullDiskIsCounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	room := 1 << 20
	var alarms []error
	l := open(t, dir, Options{OnLoss: func(err error) { alarms = append(alarms, err) }})
	l.write = func(f *os.File, b []byte) (int, error) {
		n, err := f.Write(b[:min(len(b), room)])
		if room -= n; n < len(b) && err == nil {
			err = syscall.ENOSPC
		}
		return n, err
	}
	w := l.Stream("stdout")
	write(t, w, "zero\n")
	room = 70 // one line and a half
	write(t, w, "one\ntwo\nthree\n")
	write(t, w, "four\n")
	room = 20 // not even enough for the note
	write(t, w, "five\nsix\n")
	room = 1 << 20
	write(t, w, "seven\n")
	write(t, w, "eight\n")
	if l.Lost() != 5 || len(alarms) != 1 || !errors.Is(alarms[0], syscall.ENOSPC) {
		t.Errorf("%d lost, alarms %v", l.Lost(), alarms)
	}
	var got []string
	for _, line := range readAll(t, dir, Query{}) {
		if line.Instance != "" { // torn pieces are there too, as foreign lines
			got = append(got, line.Text)
		}
	}
	want := []string{"zero", "one", "", "… 5 lines lost (they could not be written)", "seven", "eight"}
	want = append(want[:2], want[3:]...)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	room = 0
	write(t, w, "nine\n")
	if len(alarms) != 2 || l.Lost() != 6 {
		t.Errorf("a second full disk gives no alarm: %v", alarms)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, o := range []Options{
		{Component: "", Instance: "a"},
		{Component: "../a", Instance: "a"},
		{Component: ".a", Instance: "a"},
		{Component: "a", Instance: ""},
		{Component: "a", Instance: "a b"},
	} {
		if _, err := Open(dir, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if err := os.Symlink("/dev/null", filepath.Join(dir, "link.log")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Component: "link", Instance: "a"}); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a symbolic link: %v", err)
	}
}

// TestMillionLines: none is lost, with rotation, from three writers. A tenth of it under -short.
func TestMillionLines(t *testing.T) {
	t.Parallel()
	n := 1_000_000
	if testing.Short() {
		n /= 10
	}
	dir := t.TempDir()
	l := open(t, dir, Options{Keep: 100, MaxBytes: 4 << 20})
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		w := l.Stream(name)
		wg.Go(func() {
			var b []byte
			for i := range n / 4 {
				b = fmt.Appendf(b, "%d\n", i)
				if len(b) > 4000 { // breaks within lines
					_, _ = w.Write(b[:4000])
					b = append(b[:0], b[4000:]...)
				}
			}
			_, _ = w.Write(b)
		})
	}
	wg.Wait()
	next := map[string]int{}
	err := Each(t.Context(), dir, Query{}, func(l Line) error {
		if l.Text != fmt.Sprint(next[l.Stream]) {
			return fmt.Errorf("%s %q where %d belongs", l.Stream, l.Text, next[l.Stream])
		}
		next[l.Stream]++
		return nil
	})
	if err != nil || next["a"]+next["b"]+next["c"]+next["d"] != n || l.Lost() != 0 {
		t.Errorf("%v, %v, %d lost", err, next, l.Lost())
	}
}

func BenchmarkWrite(b *testing.B) {
	l, err := Open(b.TempDir(), Options{Component: "agent", Instance: "agent-ab12"})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	w := l.Stream("stdout")
	chunk := []byte(strings.Repeat("a line of some sixty bytes, as programs like to print them\n", 64))
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(chunk)
	}
}

package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

func TestALookTellsOnlyWhatIsNew(t *testing.T) {
	dir := In(t.TempDir())
	if _, err := dir.Create("s-1", []string{"in"}, 0); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir.Path, fileName("s-1"))
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	n := 0
	write := func(format string, args ...any) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, format, args...)
		f.Close()
		n++
		if err := os.Chtimes(path, time.Time{}, began.Add(time.Duration(n)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	look := func(r *Recent) string {
		t.Helper()
		turns, err := r.Look()
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, one := range turns {
			all = append(all, fmt.Sprintf("%s %q %s %s", one.ID, one.Text, one.Status, one.Session))
		}
		return strings.Join(all, "; ")
	}
	r := &Recent{Dir: dir}
	asked := `{"kind":"turn","turn":"%s","at":"2026-03-01T12:00:0%dZ","text":"%s"}` + "\n"
	ended := event.End{Turn: "t1", Status: event.StatusOK, Answer: "yes"}
	write(asked, "t1", 1, "one")
	write(`{"kind":"turn","turn":"t2","at":"2026-03-01T12:00:02Z","te`)
	if got, want := look(r), `t1 "one" pending s-1`; got != want {
		t.Errorf("the first look: %s, want %s", got, want)
	}
	if got := look(r); got != "" {
		t.Errorf("nothing was written, and the look tells %s", got)
	}
	write("xt\":\"two\"}\n")
	body := ended.Message("in").Body
	write(`{"kind":"end","turn":"t1","at":"2026-03-01T12:00:03Z","type":"text/plain","end":%q}`+"\n", body)
	if got, want := look(r), `t2 "two" pending s-1; t1 "" ok s-1`; got != want {
		t.Errorf("the third look: %s, want %s", got, want)
	}
	write(strings.Repeat("x", 2*recentBytes)+"\n"+asked, "t3", 4, "three")
	if got, want := look(r), `t3 "three" pending s-1`; got != want {
		t.Errorf("after more than a look takes: %s, want %s", got, want)
	}
	if got := look(&Recent{Dir: In(t.TempDir())}); got != "" {
		t.Errorf("without sessions: %s", got)
	}
}

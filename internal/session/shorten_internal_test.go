package session

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/event"
)

func TestWhatIsDroppedIsReadWhateverItsForm(t *testing.T) {
	t0 := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	turn := func(id, text string, at time.Time) string {
		m := event.Message{Header: event.Header{Turn: id}, Body: []byte(text)}
		return string(appendTurn(nil, &m, at))
	}
	header := string(appendHeader(nil, "s 1", time.Hour, []string{"in", "out"}, t0, nil))
	cases := map[string]struct {
		lines []string
		want  dropped
	}{
		"our own":                     {[]string{header, turn("t-1", "x", t0.Add(time.Second))}, dropped{since: t0.Add(time.Second)}},
		"the clock went back":         {[]string{header, turn("t-1", "x", t0.Add(time.Hour)), turn("t-2", "x", t0)}, dropped{since: t0.Add(time.Hour)}},
		"a text that looks like time": {[]string{header, turn("t-1", `,"at":"2099-01-02T03:04:05.000Z"`, t0.Add(time.Second))}, dropped{since: t0.Add(time.Second)}},
		"a line longer than a buffer": {[]string{header, turn("t-1", strings.Repeat("x", 200_000), t0.Add(time.Second))}, dropped{since: t0.Add(time.Second)}},
		"by another hand":             {[]string{header, `{ "kind": "turn", "turn": "t-1", "at": "2026-01-02T05:04:05+01:00" }` + "\n", turn("t-2", "x", t0.Add(-time.Hour))}, dropped{since: t0.Add(time.Hour)}},
		"damaged":                     {[]string{header, "{\"kind\n", "\n", turn("t-1", "x", t0.Add(time.Second))}, dropped{since: t0.Add(time.Second)}},
		"shortened before":            {[]string{string(appendHeader(nil, "s 1", time.Hour, []string{"in", "out"}, t0, &t0))}, dropped{since: t0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := strings.Join(c.lines, "")
			got, err := drop(strings.NewReader(all), int64(len(all)))
			if err != nil {
				t.Fatal(err)
			}
			c.want.bytes, c.want.first, c.want.session, c.want.route = int64(len(all)), t0, "s 1", []string{"in", "out"}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(dropped{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// BenchmarkShorten is what an input pays beside its turns when one session has filled the room of all, 50 MB.
func BenchmarkShorten(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.jsonl")
	now := time.Now()
	lines := appendHeader(nil, "s", time.Hour, nil, now, nil)
	m := event.Message{Header: event.Header{Origin: "in"}, Body: bytes.Repeat([]byte("x"), 1<<10)}
	for i := 0; len(lines) < DefaultMaxBytes; i++ {
		m.Turn = fmt.Sprint("t-", i)
		lines = appendTurn(lines, &m, now)
	}
	w := newWriter(Options{Dir: filepath.Dir(path), MaxBytes: DefaultMaxBytes, TTL: time.Hour})
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if err := os.WriteFile(path, lines, 0o600); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		w.shorten(path)
	}
}

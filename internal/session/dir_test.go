package session_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/session"
)

const (
	headLine = `{"v":1,"kind":"session","session":"s-1","ttl_ms":60000,"at":"2026-03-04T05:06:07.000Z"}` + "\n"
	turnLine = `{"kind":"turn","turn":"t-1","at":"2026-03-04T05:06:07.000Z","acceptor":"in","text":"hello"}` + "\n"
	endLine  = `{"kind":"end","turn":"t-1","at":"2026-03-04T05:06:08.000Z","took_us":7000,"hops":"in,in-1,1,1,,10,20,5,2,;","type":"text/plain","end":"hi"}` + "\n"
	byeLine  = `{"kind":"ended","at":"2026-03-04T05:06:09.000Z"}` + "\n"
)

// place writes one file as a session of its own.
func place(t testing.TB, name, content string) session.Dir {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return session.Dir{Path: dir, Now: func() time.Time { return t0.Add(30 * time.Second) }}
}

func TestReadingAFile(t *testing.T) {
	second := strings.ReplaceAll(turnLine, "t-1", "t-2")
	for name, tc := range map[string]struct {
		content              string
		state                session.State
		turns, open, damaged int
		answer               string
	}{
		"whole":                       {headLine + turnLine + endLine, session.Active, 1, 0, 0, "hi"},
		"empty":                       {"", session.Expired, 0, 0, 0, ""},
		"pending":                     {headLine + turnLine, session.Active, 1, 1, 0, ""},
		"a torn end":                  {headLine + turnLine + endLine[:40], session.Active, 1, 1, 0, ""},
		"no first line":               {turnLine + endLine, session.Active, 1, 0, 0, "hi"},
		"a damaged line":              {headLine + "\x00\x00\n" + turnLine + endLine, session.Active, 1, 0, 1, "hi"},
		"lines of a later ww":         {headLine + `{"kind":"note","x":{"y":[1]}}` + "\n" + turnLine + endLine, session.Active, 1, 0, 1, "hi"},
		"everything twice":            {headLine + turnLine + endLine + headLine + turnLine + endLine, session.Active, 1, 0, 0, "hi"},
		"the first end counts":        {headLine + turnLine + endLine + strings.Replace(endLine, `"hi"`, `"no"`, 1), session.Active, 1, 0, 0, "hi"},
		"an end before its turn":      {headLine + endLine + turnLine, session.Active, 1, 0, 0, "hi"},
		"an end that is none":         {headLine + turnLine + `{"kind":"end","turn":"t-1","type":"application/json","end":"7"}` + "\n", session.Active, 1, 1, 1, ""},
		"ended by hand":               {headLine + turnLine + endLine + byeLine, session.Ended, 1, 0, 0, "hi"},
		"used again":                  {headLine + turnLine + endLine + byeLine + second, session.Active, 2, 1, 0, "hi"},
		"replayed after it was ended": {headLine + turnLine + endLine + byeLine + turnLine, session.Ended, 1, 0, 0, "hi"},
		"expired":                     {strings.Replace(headLine, "60000", "1000", 1) + turnLine + endLine, session.Expired, 1, 0, 0, "hi"},
		"open turns keep it":          {strings.Replace(headLine, "60000", "1000", 1) + turnLine, session.Active, 1, 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := place(t, "s-1.jsonl", tc.content).Show("s-1")
			if err != nil {
				t.Fatal(err)
			}
			if s.State != tc.state || s.Turns != tc.turns || s.Open != tc.open || s.Damaged != tc.damaged {
				t.Errorf("%s with %d turns, %d open, %d damaged; want %s with %d, %d, %d", s.State, s.Turns, s.Open, s.Damaged, tc.state, tc.turns, tc.open, tc.damaged)
			}
			if s.Turns > 0 && (s.List[0].Answer != tc.answer || s.List[0].Text != "hello" || s.List[0].Session != "s-1") {
				t.Errorf("turn %+v", s.List[0])
			}
		})
	}
}

func TestAFileOfANewerVersionIsNotGuessed(t *testing.T) {
	d := place(t, "s-1.jsonl", strings.Replace(headLine, `"v":1`, `"v":2`, 1))
	if _, err := d.Show("s-1"); err == nil || !strings.Contains(err.Error(), "newer ww") {
		t.Errorf("err = %v", err)
	}
}

func TestWhatIsNotThereIsSaid(t *testing.T) {
	d := session.Dir{Path: filepath.Join(t.TempDir(), "nowhere")}
	if list, err := d.List(); len(list) != 0 || err != nil {
		t.Errorf("List: %v, %v", list, err)
	}
	_, showErr := d.Show("s-1")
	_, findErr := d.Find("t-1")
	_, endErr := d.End("s-1")
	for _, err := range []error{showErr, findErr, endErr} {
		if !errors.Is(err, session.ErrNotFound) {
			t.Errorf("err = %v", err)
		}
	}
	if h, err := d.History("s-1", 5); h != nil || err != nil {
		t.Errorf("History: %v, %v", h, err)
	}
}

func TestFindATurn(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, []record{
		turnRecord("t-1", "s-1", `is "t-2" here?`, t0), turnRecord("t-2", "s-2", "yes", t0), turnRecord(`t"3`, "s-3", "odd", t0),
	}, false)
	d := session.Dir{Path: dir}
	for turn, want := range map[string]string{"t-1": "s-1", "t-2": "s-2", `t"3`: "s-3"} {
		got, err := d.Find(turn)
		if err != nil || got.Session != want || got.ID != turn {
			t.Errorf("Find(%s) = %+v, %v, want it in %s", turn, got, err, want)
		}
	}
	if _, err := d.Find("t"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a part of an id is found: %v", err)
	}
}

func TestAnEndedSessionBeginsWithoutItsHistory(t *testing.T) {
	dir := t.TempDir()
	d := session.Dir{Path: dir, Now: func() time.Time { return t0.Add(time.Minute) }}
	write(t, dir, []record{
		turnRecord("t-1", "s-1", "a", t0), endRecord("t-1", "s-1", "1", t0),
		turnRecord("t-2", "s-1", "b", t0), endRecord("t-2", "s-1", "2", t0), turnRecord("t-3", "s-1", "open", t0),
	}, false)
	ids := func(n int) []string {
		turns, err := d.History("s-1", n)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, t := range turns {
			out = append(out, t.ID)
		}
		return out
	}
	for n, want := range map[int][]string{0: {}, 1: {"t-2"}, 9: {"t-1", "t-2"}} {
		if diff := cmp.Diff(want, ids(n)); diff != "" {
			t.Errorf("last %d: %s", n, diff)
		}
	}
	info, err := d.End("s-1")
	if err != nil || info.State != session.Ended || info.Ended == nil {
		t.Fatalf("End: %+v, %v", info, err)
	}
	if got := ids(9); len(got) != 0 {
		t.Errorf("an ended session has a history: %v", got)
	}
	write(t, dir, []record{turnRecord("t-4", "s-1", "c", t0.Add(time.Hour)), endRecord("t-4", "s-1", "4", t0.Add(time.Hour))}, false)
	if diff := cmp.Diff([]string{"t-4"}, ids(9)); diff != "" {
		t.Error(diff)
	}
}

func TestExport(t *testing.T) {
	s, err := place(t, "s-1.jsonl", headLine+turnLine+endLine+byeLine+strings.ReplaceAll(turnLine, "t-1", "t-2")).Show("s-1")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Export(&b); err != nil {
		t.Fatal(err)
	}
	one, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "session/export", b.String()+string(one)+"\n")
}

// Whatever is in a file, reading it ends, gives turns with ids, and its whole lines say the same when more follow.
func FuzzRead(f *testing.F) {
	f.Add([]byte(headLine + turnLine + endLine + byeLine))
	f.Add([]byte(turnLine + `{"kind":"end","turn":"t-1","hops":"a,a,1,1,a,1,1,1,1,;","end":"{}"}` + "\n{"))
	dir := f.TempDir()
	d := session.Dir{Path: dir}
	path := filepath.Join(dir, "s-1.jsonl")
	f.Fuzz(func(t *testing.T, b []byte) {
		read := func(b []byte) session.Session {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := d.Show("s-1")
			if err != nil && !strings.Contains(err.Error(), "newer ww") {
				t.Fatal(err)
			}
			return s
		}
		s := read(b)
		seen := map[string]bool{}
		for _, turn := range s.List {
			if turn.ID == "" || seen[turn.ID] {
				t.Fatalf("turn %q in %q", turn.ID, b)
			}
			seen[turn.ID] = true
			tr := session.NewTrace(turn)
			if len(tr.Hops) != len(turn.Hops) || strings.Contains(tr.Waterfall(session.Layout{}), "\x1b") {
				t.Fatalf("the trace of %+v", turn)
			}
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 && s.ID != "" {
			if again := read(b[:i+1]); len(again.List) != len(s.List) || again.Damaged != s.Damaged {
				t.Fatalf("a torn tail changed %q", b)
			}
		}
	})
}

// On a full disk a file may be made and stay empty: that is no session of the year 1.
func TestAFileWithNothingInItIsNoSession(t *testing.T) {
	for name, tc := range map[string]struct {
		content string
		listed  int
	}{
		"empty":             {"", 0},
		"torn before a \\n": {headLine[:20], 0},
		"damaged":           {"\x00\x00\n", 1},
		"whole":             {headLine, 1},
	} {
		list, err := place(t, "s-1.jsonl", tc.content).List()
		if err != nil || len(list) != tc.listed {
			t.Errorf("%s: %d sessions (%v), want %d", name, len(list), err, tc.listed)
		}
	}
}

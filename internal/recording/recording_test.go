package recording_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/recording"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const head = `{"v":1,"kind":"recording","session":"s","made":"2026-01-02T03:04:05Z"}` + "\n"

const oneTurn = `{"kind":"turn","turn":"t","text":"hi","status":"ok"}` + "\n"

func TestARecordingThatCannotBeReadSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "x is no recording",
		`{"v":1,"kind":"session"}` + "\n": "x is no recording",
		"hello":                           "x:1: no line of a recording",
		`{"v":2,"kind":"recording"}`:      "a recording of version 2, and this ww knows 1",
		head + "\n{":                      "x:3: no line of a recording",
		head + `{"kind":"turn"}`:          "x:2: a turn without an id",
		`{"v":"1","kind":"recording"}`:    "x:1: no line of a recording: v cannot be this string",
		head + `{"kind":"turn","tu`:       "x:2: no line of a recording: it ends in the middle: was the file cut off?",
		head + head:                       "x:2: another recording begins here",
		head + oneTurn + oneTurn:          "x:3: turn t stands above it already",
		head + oneTurn + `{"kind":"hop","turn":"t"}`:                                                      "x:3: a hop without a component",
		head + oneTurn + `{"kind":"call","turn":"t","component":"a"}`:                                     "x:3: a call without an id",
		strings.Replace(head, `"v":1`, `"v":1,"lines":2`, 1) + oneTurn:                                    "x was cut off: 1 lines follow its first one, and that says 2",
		head + `{"kind":"call","turn":"t-1"}`:                                                             "x:2: a call of turn t-1, which does not stand above it",
		head + `{"kind":"turn","turn":"t","text":7}`:                                                      "x:2: no turn of a recording",
		head + `{"kind":"turn","turn":"t"}` + "\n" + `{"kind":"hop","turn":"t","request":{"base64":"?"}}`: "x:3: no hop of a recording",
	} {
		_, err := recording.Read(strings.NewReader(text), "x")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	r := &recording.Recording{
		Head:       recording.Head{V: 1, Kind: "recording", Session: "s", App: "main.ww", Made: time.Unix(7, 0).UTC()},
		Components: []recording.Component{{Kind: "component", Component: "a", Type: "agent llm", Files: map[string]string{"p": "h"}}},
		Turns: []recording.Turn{{
			Kind: "turn", ID: "t", At: time.Unix(8, 0).UTC(), Text: "hi <b>", Status: "ok", Chain: []string{"a"},
			Entries: []recording.Entry{{Kind: "call", Turn: "t", Hop: 1, ID: "t/a/1", Component: "a", To: "b", Request: recording.Body("\xff\x00"), Answer: recording.Body(`{"x":1}`)}},
		}},
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := recording.Read(bytes.NewReader(b.Bytes()), "x")
	if err != nil {
		t.Fatal(err)
	}
	r.Lines = 3
	if d := cmp.Diff(r, again); d != "" {
		t.Error(d)
	}
	if again.Lines != 3 {
		t.Errorf("it says that %d lines follow", again.Lines)
	}
	later := strings.Replace(b.String(), "\n", "\n"+`{"kind":"of a later ww","x":[1]}`+"\n", 1)
	later = "\xef\xbb\xbf" + strings.Replace(later, `"took_ms"`, `"mood":{"good":1},"took_ms"`, 1)
	again, err = recording.Read(strings.NewReader(strings.ReplaceAll(later, "\n", "\r\n")), "x")
	if err != nil {
		t.Fatalf("of a later ww of this version, saved elsewhere: %v", err)
	}
	if d := cmp.Diff([]string{"of a later ww", "turn.mood"}, again.Unknown); d != "" {
		t.Error(d)
	}
	again.Unknown = nil
	if d := cmp.Diff(r, again); d != "" {
		t.Error(d)
	}
}

func call(n, body string) event.Message {
	return event.Message{Header: event.Header{ID: "t-1/a.m1/" + n, Turn: "t-1", Session: "s", Source: "a", Subject: "b", Type: "process_request"}, Body: []byte(body)}
}

func tape(dir string, o recording.Options) *recording.Tape {
	o.Dir, o.Instance = dir, "a-1"
	o.Made = func() recording.Component {
		return recording.Component{Kind: "component", Component: "a", Type: "agent llm"}
	}
	return recording.NewTape(o)
}

func TestATapeIsBoundedAndHidesSecrets(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old-1.jsonl")
	if err := os.WriteFile(old, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	r := tape(dir, recording.Options{Segment: 1000, MaxBytes: 5000, Mask: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("secret"), []byte("…")) }})
	for range 50 {
		r.Called(call("1", "my secret "+strings.Repeat("x", 500)), event.Message{Body: []byte("secret")}, "", time.Now(), time.Second)
		r.Flush()
	}
	r.Close()
	total := 0
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		total += len(b)
		if bytes.Contains(b, []byte("secret")) {
			t.Errorf("%s has a secret", n.Name())
		}
		if !bytes.HasPrefix(b, []byte(`{"kind":"component"`)) {
			t.Errorf("%s begins %.40s", n.Name(), b)
		}
	}
	if total < 2000 || total > 7000 {
		t.Errorf("%d bytes are kept, of 5000 that may be", total)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("a file of last week is still there")
	}
}

func TestLinesThatAreLostAreCounted(t *testing.T) {
	dir := t.TempDir()
	r := tape(dir, recording.Options{Waiting: 1000})
	for range 9 {
		r.Called(call("1", "hello"), event.Message{}, "", time.Now(), 0)
	}
	r.Close()
	b, err := os.ReadFile(filepath.Join(dir, "a-1-1.jsonl"))
	if err != nil || !bytes.Contains(b, []byte(`{"kind":"gap","lost":6}`)) {
		t.Errorf("%s, %v", b, err)
	}
}

// played is a recording of one turn in which a asks b twice.
func played(t *testing.T, how recording.Order) (*recording.Player, *[]*recording.Mismatch) {
	t.Helper()
	text := head + `{"kind":"component","component":"b","type":"llm openai"}
{"kind":"turn","turn":"t-1","text":"hi","status":"ok"}
{"kind":"hop","turn":"t-1","hop":1,"component":"a","request":"hi","answer":"done"}
{"kind":"call","turn":"t-1","hop":2,"id":"t-1/a.x9/1","component":"a","to":"b","type":"process_request","request":"{\"q\":[1,{\"z\":2}]}","answer":"one"}
{"kind":"call","turn":"t-1","hop":3,"id":"t-1/a.x9/2","component":"a","to":"b","type":"process_request","request":"two?","error":"b is tired","answer":""}
`
	rec, err := recording.Read(strings.NewReader(text), "x")
	if err != nil {
		t.Fatal(err)
	}
	var told []*recording.Mismatch
	return recording.NewPlayer(rec, how, func(m *recording.Mismatch) { told = append(told, m) }), &told
}

func TestWhatIsNotAsRecordedIsNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		calls []string
		want  string // mismatch as hop, field, recorded, now
	}{
		"as recorded":  {[]string{`{"q":[1,{"z":2}]}`, "two?"}, ""},
		"one argument": {[]string{`{"q":[1,{"z":3}]}`}, "2 request.q[1].z 2 3"},
		"one more":     {[]string{`{"q":[1,{"z":2},7]}`}, "2 request.q[2] (nothing) 7"},
		"a key gone":   {[]string{`{}`}, "2 request.q [1,{\"z\":2}] (nothing)"},
		"text":         {[]string{`{"q":[1,{"z":2}]}`, "three?"}, "3 request two? three?"},
		"a third call": {[]string{`{"q":[1,{"z":2}]}`, "two?", "more"}, "0 call (nothing) more"},
		"one call":     {[]string{`{"q":[1,{"z":2}]}`}, "3 call two? (nothing)"},
	} {
		t.Run(name, func(t *testing.T) {
			p, told := played(t, recording.Order{How: recording.All})
			for i, body := range tc.calls {
				m := call(string(rune('1'+i)), body)
				reply, why, play, err := p.Call(&m)
				if !play {
					t.Fatal("a call was not played")
				}
				if err == nil && i == 0 && string(reply.Body) != "one" || err == nil && i == 1 && why != "b is tired" {
					t.Errorf("call %d: %s, %s", i+1, reply.Body, why)
				}
				again, _, _, err2 := p.Call(&m) // after a crash
				if !bytes.Equal(again.Body, reply.Body) || (err == nil) != (err2 == nil) {
					t.Errorf("asked again: %s, %v", again.Body, err2)
				}
			}
			m := event.Message{Header: event.Header{Turn: "t-1"}, Body: []byte("hi")}
			err := p.Over(&m, "a")
			got := ""
			for _, d := range *told {
				got += strings.Join([]string{string(rune('0' + d.Hop)), d.Field, d.Recorded, d.Now}, " ")
			}
			if got != tc.want || (err == nil) != (tc.want == "") {
				t.Errorf("%q and %v, want %q", got, err, tc.want)
			}
		})
	}
}

func TestFromAHopOnEverythingRuns(t *testing.T) {
	for hop, want := range map[int][2]bool{1: {false, false}, 2: {false, false}, 3: {true, false}, 4: {true, true}} {
		p, _ := played(t, recording.Order{How: recording.From, Turn: 1, Hop: hop})
		for i, body := range []string{`{"q":[1,{"z":2}]}`, "two?"} {
			m := call(string(rune('1'+i)), body)
			if _, _, play, _ := p.Call(&m); play != want[i] {
				t.Errorf("from hop %d: call %d is played: %t", hop, i+1, play)
			}
		}
	}
}

// The time in the event that a pipe is given is another one on every run; everything else in it has to be the same.
func TestAPipeIsGivenTheEventThatItWasGivenAtAnotherTime(t *testing.T) {
	rec, err := recording.Read(strings.NewReader(head+`{"kind":"turn","turn":"t-1","text":"hi","status":"ok"}
{"kind":"call","turn":"t-1","hop":1,"id":"t-1/a.x9/1","component":"a","to":"b","type":"script.pipe","request":"{\"file\":\"p.py\",\"payload\":{\"timestamp\":1.5,\"input\":\"one\"}}","answer":"first"}
{"kind":"call","turn":"t-1","hop":2,"id":"t-1/a.x9/1.y","component":"a","to":"b","type":"script.pipe","request":"{\"file\":\"p.py\",\"payload\":{\"timestamp\":2.5,\"input\":\"two\"}}","answer":"second"}
`), "x")
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"payload":{"input":"two","timestamp":77},"file":"p.py"}`:          "second",
		`{"payload":{"input":"one","timestamp":77},"file":"p.py"}`:          "first",
		`{"payload":{"input":"three","timestamp":1.5},"file":"p.py"}`:       "request.payload.input",
		`{"payload":{"input":"one","timestamp":77},"file":"another.py"}`:    "request.file",
		`{"payload":{"input":{"timestamp":1},"timestamp":7},"file":"p.py"}`: "request.payload.input",
	} {
		p := recording.NewPlayer(rec, recording.Order{How: recording.All, Pipe: "script.pipe"}, nil)
		m := call("1", body)
		m.Type = "script.pipe"
		reply, _, _, err := p.Call(&m)
		got := string(reply.Body)
		var bad *recording.Mismatch
		if errors.As(err, &bad) {
			got = bad.Field
		}
		if got != want {
			t.Errorf("%s: %s, want %s (%v)", body, got, want, err)
		}
	}
}

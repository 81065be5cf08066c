package rehearsal_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/rehearsal"
)

func TestAFileWithMistakesSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":                                               "x:1:1: there are no turns in it",
		"mode = \"both\"\nturn = []":                     "x:1:1: there are no turns in it",
		"[[turn]]\nask = \"x\nanswer = 1":                "x:2:",
		"[[turn]]\nask = \"a\"\nansver = \"b\"":          "x:3:1: turn.ansver is not known here",
		"[[turn]]\nask = \"a\"\nmatches = \"(\"":         "x:3:11: error parsing regexp",
		"[[turn]]\nask = \"a\"\nwithin = \"3\"":          "x:3:",
		"[[turn]]\nask = \"a\"\nwithin = \"-3s\"":        "x:3:",
		"[[turn]]\nask = \"a\"\ncontains = \"b\"":        "x:3:12: turn.contains wants a list of texts",
		"[[turn]]\nask = 7":                              "x:2:7: turn.ask wants a text in quotes",
		"# c\n\n[[turn]]\nanswer = \"b\"":                "x:3:1: a turn without ask",
		"[[turn]]\nask = \"a\"\nstatus = \"fine\"":       "x:3:1: status is ok, failed or canceled",
		"[[turn]]\nask = \"a\"\ntools = [{}]":            "x:3:1: a tool without name",
		"mode = \"all\"\n[[turn]]\nask = \"a\"":          "x:1:1: mode is centralized, distributed or both",
		"[[turn]]\nask = '''\n[[turn]]\n'''\n[[turn]]\n": "x:5:1: a turn without ask",
	} {
		_, err := rehearsal.Parse("x", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWhatIsExpectedIsJudged(t *testing.T) {
	went := rehearsal.Outcome{
		Status: "ok", Answer: `{"a":1,"b":[2]}`, Chain: []string{"in", "out"}, Took: time.Second,
		Tools: []rehearsal.Called{{Name: "shop", Function: "buy", Arguments: map[string]any{"n": 3.0, "of": "figs"}}},
	}
	for text, want := range map[string]string{
		``:                            "",
		`answer = '{"a":1,"b":[2]}'`:  "",
		`answer = "a"`:                "answer",
		`contains = ["a", "b"]`:       "",
		`contains = ["a", "z", "y"]`:  "contains contains",
		`matches = '"a":\d,'`:         "",
		`matches = "^a"`:              "matches",
		`json = { a = 1 }`:            "",
		`json = { a = 2 }`:            "json",
		`json = { b = [2] }`:          "",
		`status = "failed"`:           "status",
		`error = "x"`:                 "status error",
		`chain = ["in", "out"]`:       "",
		`chain = ["in"]`:              "chain",
		`hops = 2`:                    "",
		`hops = 3`:                    "hops",
		`tools = [{ name = "shop" }]`: "",
		`tools = []`:                  "tools",
		`tools = [{ name = "shop", function = "buy", arguments = { n = 3 } }]`: "",
		`tools = [{ name = "shop", function = "sell" }]`:                       "tools",
		`tools = [{ name = "shop", arguments = { n = 4 } }]`:                   "tools",
		`within = "2s"`:   "",
		`within = "20ms"`: "within",
	} {
		f, err := rehearsal.Parse("x", []byte("[[turn]]\nask = \"a\"\n"+text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, fail := range f.Judge(f.Turns[0], went) {
			got = append(got, fail.Expected)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v do not hold, want %q", text, got, want)
		}
	}
}

func TestARecordedFileHoldsAndKeepsWhatItWas(t *testing.T) {
	source := "# mine\r\n[[turn]] # first\r\nask = \"a\"\r\n\r\n[[turn]]\r\nask = '''\r\n[[turn]]'''\r\n[[turn]]\r\nask = \"c\"\r\nanswer = \"kept\"\r\n[[turn]]\r\nask = \"d\" # d"
	f, err := rehearsal.Parse("x", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	went := []rehearsal.Outcome{
		{Status: "ok", Answer: "line\n\"two\" \x01 \\ é", Chain: []string{"in"}, Tools: []rehearsal.Called{{Name: "t", Function: "f", Arguments: map[string]any{"x y": []any{1.5, true, map[string]any{"z": "q"}}}}}},
		{Status: "failed", Chain: []string{}},
		{},
		{Status: "ok", Chain: []string{}},
	}
	text, err := rehearsal.Record(f, []byte(source), went)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rehearsal.Parse("x", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for i, o := range went {
		if fails := again.Judge(again.Turns[i], o); i != 2 && len(fails) > 0 {
			t.Errorf("turn %d: %v\n%s", i+1, fails, text)
		}
	}
	for _, line := range strings.Split(source, "\r\n") {
		if !strings.Contains(string(text), line) {
			t.Errorf("%q is gone from\n%s", line, text)
		}
	}
	if strings.Count(string(text), "kept") != 1 || bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
		t.Errorf("%q", text)
	}
	twice, err := rehearsal.Record(again, text, went)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(text), string(twice)); d != "" {
		t.Errorf("recorded again, it is another file: %s", d)
	}
}

// What a build server shows is the message of the one failure of a case, and where to look.
func TestTheReportForBuildServersSaysEnough(t *testing.T) {
	var b bytes.Buffer
	err := rehearsal.JUnit(&b, []rehearsal.Ran{
		{File: "a.test.toml", Mode: "distributed", Turns: []rehearsal.RanTurn{
			{Turn: 1, Line: 2, Ask: "hi", OK: true, TookMS: 1500},
			{Turn: 2, Line: 5, Ask: "two\nlines " + strings.Repeat("x", 200), TookMS: 20, Failures: []rehearsal.Failure{
				{Expected: "answer", Line: 6, Want: "a\n", Got: "b"}, {Expected: "hops", Line: 7, Want: "2", Got: "3"},
			}},
		}},
		{File: "b.test.toml", Mode: "as written", Error: "odd does not start\nsecond line", NotAsked: []rehearsal.RanTurn{{Turn: 1, Line: 3, Ask: "x"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ww test" tests="4" failures="1" errors="1" skipped="1" time="1.520">
  <testsuite name="a.test.toml (distributed)" tests="2" failures="1" errors="0" skipped="0" time="1.520">
    <testcase classname="a.test.toml (distributed)" name="turn 1: hi" file="a.test.toml" line="2" time="1.500"></testcase>
    <testcase classname="a.test.toml (distributed)" name="turn 2: two lines ` + strings.Repeat("x", 110) + `…" file="a.test.toml" line="5" time="0.020"><failure message="answer: want &quot;a\n&quot;, got &quot;b&quot;, and 1 more did not hold" type="answer">a.test.toml:6: answer&#10;want  a&#10;&#10;got   b&#10;&#10;a.test.toml:7: hops&#10;want  2&#10;got   3&#10;</failure></testcase>
  </testsuite>
  <testsuite name="b.test.toml (as written)" tests="2" failures="0" errors="1" skipped="1" time="0.000">
    <testcase classname="b.test.toml (as written)" name="the app" file="b.test.toml" time="0.000"><error message="odd does not start" type="app">odd does not start&#10;second line</error></testcase>
    <testcase classname="b.test.toml (as written)" name="turn 1: x" file="b.test.toml" line="3" time="0.000"><skipped message="it was not asked"></skipped></testcase>
  </testsuite>
</testsuites>
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestAFailureNamesTheLineOfWhatWasExpected(t *testing.T) {
	f, err := rehearsal.Parse("x", []byte(`within = "1s"
[[turn]]
ask = """
answer = "not this one"
[[turn]]
"""
"answer" = "no"

  hops=3
[turn.json]
a = 1
[[turn]]
ask = "b"
json.a = 1
within = "1ms"
[[turn.tools]]
name = "shop"
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, turn := range f.Turns {
		for _, fail := range f.Judge(turn, rehearsal.Outcome{Status: "failed", Took: time.Minute}) {
			got = append(got, fmt.Sprint(fail.Line, " ", fail.Expected))
		}
	}
	want := []string{"2 status", "7 answer", "10 json", "9 hops", "1 within", "12 status", "14 json", "16 tools", "15 within"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatDiffersIsSeen(t *testing.T) {
	long := strings.Repeat("a", 400)
	for _, tc := range []struct{ want, got, shownWant, shownGot string }{
		{"one", "two", "one", "two"},
		{"one", "one ", `"one"`, `"one "`},
		{"a b", "a\nb", `"a b"`, `"a\nb"`},
		{"x", "", `"x"`, `""`},
		{"é\u00a0", "é", `"é\u00a0"`, `"é"`},
		{long + "x", long + "y", "…" + long[:60] + "x", "…" + long[:60] + "y"},
		{"b" + long, "short", "b" + long[:239] + "…", "short"},
		{long, long + "y", "…" + long[:60], "…" + long[:60] + "y"},
	} {
		want, got := rehearsal.Compared(tc.want, tc.got)
		if want != tc.shownWant || got != tc.shownGot {
			t.Errorf("%.20q and %.20q are shown as\n%s\n%s, want\n%s\n%s", tc.want, tc.got, want, got, tc.shownWant, tc.shownGot)
		}
	}
}

func TestTheReportForBuildServersIsXML(t *testing.T) {
	var b bytes.Buffer
	err := rehearsal.JUnit(&b, []rehearsal.Ran{{File: "a<b", Mode: "both", Turns: []rehearsal.RanTurn{
		{Turn: 1, Ask: "\"&\x00\x1b'", Failures: []rehearsal.Failure{{Expected: "answer", Want: "]]>", Got: "<x>\n"}}},
	}}, {File: "c", Error: "no & start"}})
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(&b)
	names := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok {
			names[s.Name.Local]++
		}
	}
	if d := cmp.Diff(map[string]int{"testsuites": 1, "testsuite": 2, "testcase": 2, "failure": 1, "error": 1}, names); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[[turn]]\nask = \"a\"\nanswer = \"b\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := rehearsal.Parse("x", b)
		if err != nil {
			return
		}
		went := make([]rehearsal.Outcome, len(file.Turns))
		for i := range went {
			went[i] = rehearsal.Outcome{Status: "ok", Answer: "x", Chain: []string{"a"}}
		}
		text, err := rehearsal.Record(file, b, went)
		if err != nil {
			return
		}
		if _, err := rehearsal.Parse("x", text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

package rehearsal_test

import (
	"bytes"
	"encoding/xml"
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
		"[[turn]]\nask = \"a\"\ncontains = \"b\"":        "x:3:12: turn.contains wants another kind of value",
		"[[turn]]\nask = 7":                              "x:2:7: turn.ask wants another kind",
		"# c\n\n[[turn]]\nanswer = \"b\"":                "x:3:1: a turn without ask",
		"[[turn]]\nask = \"a\"\nstatus = \"fine\"":       "x:1:1: status is ok, failed or canceled",
		"[[turn]]\nask = \"a\"\ntools = [{}]":            "x:1:1: a tool without name",
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

package scripted_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

// FuzzScript: no input makes the parser panic, every problem lies inside the source and says what to do, and a script
// without problems answers without a panic, with every place filled.
func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"", "otherwise\n say \"x\"\n", "when \"a *\", /b(?P<n>c)?/i\n stream 5s \"{1} \\{2}\"\n wait 20ms\n fail \"{text}\"",
		"when \"rm *\"\n think 1s\n call sh { \"a\": \"{1}\\n\", \"b\": [{}] } or \"{sh\"\n log \"{sh} {last}\"\n crash 2\n call sh \"\"\"\n  x\n  \"\"\" or \"no\"",
		"when \"x\"\n say \"\"\"\n   a\n   {0}\n   \"\"\"\r\n", "\ufeffwhen /[/\n say \"\\q\" #\n", "say \"\nwhen \"\"\"\n\"\"\"",
	} {
		f.Add([]byte(seed), "a b")
	}
	f.Fuzz(func(t *testing.T, src []byte, input string) {
		script, problems := scripted.Parse("f", src)
		for _, d := range problems {
			checkProblem(t, src, d)
		}
		if len(problems) > 0 {
			return
		}
		steps, places, _ := script.Reply(input)
		for _, step := range steps {
			text := step.Text.Fill(places)
			if step.For < 0 || step.Verb == scripted.Wait && text != "" || (step.Verb == scripted.Call) != (step.To != "") {
				t.Errorf("odd step %+v", step)
			}
			if step.Verb == scripted.Call && src[step.Text.Span.Start.Offset] == '{' && !json.Valid([]byte(text)) {
				t.Errorf("%q was filled to what is not JSON", text)
			}
		}
	})
}

func checkProblem(t *testing.T, src []byte, d diag.Diagnostic) {
	t.Helper()
	if d.Code == "" || d.Summary == "" || d.Detail == "" || d.Severity != diag.Error {
		t.Errorf("incomplete: %+v", d)
	}
	if d.Span.Start == (diag.Pos{}) {
		return // the file as a whole
	}
	for _, p := range []diag.Pos{d.Span.Start, d.Span.End} {
		if p.Offset < 0 || p.Offset > len(src) {
			t.Fatalf("%+v lies outside of %d bytes", d, len(src))
		}
		before := bytes.TrimPrefix(src[:p.Offset], []byte("\ufeff"))
		line := 1 + bytes.Count(before, []byte("\n"))
		col := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		if p.Line != line || p.Col != col {
			t.Errorf("offset %d is %d:%d, not %d:%d, in %q (%s)", p.Offset, line, col, p.Line, p.Col, src, d.Summary)
		}
	}
	if d.Span.End.Offset < d.Span.Start.Offset || strings.Contains(d.Summary, "\n") {
		t.Errorf("bad span or summary: %+v", d)
	}
}

package scripted_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
)

func start(t *testing.T, script string) (component.Kind, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.script"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	kind, err := scripted.New(component.Spec{App: component.App{Dir: dir}, Config: map[string]any{"script": "a.script"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = kind.Start(t.Context(), component.Env{})
	return kind, err
}

func ask(t *testing.T, kind component.Kind, text string) (string, error) {
	t.Helper()
	r, err := kind.Handle(t.Context(), component.Task{Body: []byte(text), Chunk: func(string) {}})
	return string(r.Body), err
}

func TestTheFirstMatchingPatternAnswers(t *testing.T) {
	t.Parallel()
	kind, err := start(t, `# comment
when "hello", "hi"          # two forms of one input
    say "Hello!"
when "my name is *"
    say "Hello {1}, {text} # not a comment"
when /\b(?P<a>\d+) *\+ *(\d+)/
    say "{a} and {2}, {0}, \{a} {not a place} \"\\\t|"
when /^Exact$/
    say "case"
when /^exact$/i
    say "any case"
when "2 \* 3", "x*y*z"
    say "product"
when ""
    say "nothing"
when "block"
    say """
        if x {
            "y\n" {text}

        }
        """
    say "and more"
otherwise
    fail "I do not know {text}."
`)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"hello":                    "Hello!",
		"  HeLLo \n":               "Hello!",
		"hi":                       "Hello!",
		"My   name\tis  Ada Byron": "Hello Ada Byron, My   name\tis  Ada Byron # not a comment",
		"what is 20 +  22?":        "20 and 22, 20 +  22, {a} {not a place} \"\\\t|",
		"Exact":                    "case",
		"EXACT":                    "any case",
		"2 * 3":                    "product",
		"x1y2z":                    "product",
		" \n":                      "nothing",
		"block":                    "if x {\n    \"y\n\" block\n\n}\nand more",
	} {
		got, err := ask(t, kind, in)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"hello there", "2 x 3", "my name is"} {
		if _, err := ask(t, kind, in); err == nil || err.Error() != "I do not know "+in+"." {
			t.Errorf("%q: got %v, want the reason of the script", in, err)
		}
	}
}

func TestNoAnswerIsAnErrorThatNamesTheScript(t *testing.T) {
	t.Parallel()
	kind, err := start(t, "when \"a\"\n say \"b\"\n")
	if err != nil {
		t.Fatal(err)
	}
	want := `a.script has no answer to "c": add a when for it, or an otherwise`
	if _, err := ask(t, kind, "c\n"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStreamSpreadsItsWordsEvenly(t *testing.T) {
	t.Parallel()
	kind, err := start(t, `when "slow"
    say "Well,"
    wait 500ms
    stream 4s "one two  three four"
`)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		type piece struct {
			At   time.Duration
			Text string
		}
		var got []piece
		begin := time.Now()
		r, err := kind.Handle(t.Context(), component.Task{Body: []byte("slow"), Chunk: func(s string) { got = append(got, piece{time.Since(begin), s}) }})
		if err != nil || string(r.Body) != "Well,\none two  three four" {
			t.Fatalf("answer %q, %v", r.Body, err)
		}
		const ms = time.Millisecond
		want := []piece{{0, "Well,"}, {1500 * ms, "\none"}, {2500 * ms, " two"}, {3500 * ms, "  three"}, {4500 * ms, " four"}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func TestCancelEndsAStreamAtOnce(t *testing.T) {
	t.Parallel()
	kind, err := start(t, "otherwise\n stream 10s \"a b c d e f g h i j\"\n")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		chunks, begin := 0, time.Now()
		_, err := kind.Handle(ctx, component.Task{Chunk: func(string) { chunks++ }})
		if !errors.Is(err, context.DeadlineExceeded) || chunks != 2 || time.Since(begin) != 2500*time.Millisecond {
			t.Errorf("after %v and %d chunks: %v", time.Since(begin), chunks, err)
		}
	})
}

func TestAllProblemsOfAScriptAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"words": {
			"say \"x\"\nWhen \"a\"\n  reply \"b\"\nwhen \"d\"\n  expect shell\n  \"text\"\n  say \"ok\"",
			[]string{
				`a.script:1:1: "say" belongs to no pattern`, `a.script:2:1: no step is called "When" (did you mean when?`,
				`a.script:3:3: no step is called "reply"`, `a.script:5:3: "expect" is kept`, `a.script:6:3: a line begins with a word`,
			},
		},
		"heads": {
			"when\n say \"x\"\nwhen \"a\" \"b\"\n say \"x\"\nwhen /(/\n say \"{9}\"\nwhen /a/g\n say \"x\"\nwhen \"open\n say \"x\"\nwhen /open\n say \"x\"\nwhen \"d\",\n say \"x\"",
			[]string{
				"a.script:1:5: a pattern is missing", `a.script:3:10: nothing may follow here, but there is "\"b\""`,
				"a.script:5:6: missing closing ): `(`", `a.script:7:9: "g" is not a flag`, "a.script:9:6: the closing quote is missing",
				"a.script:11:6: the closing slash is missing", "a.script:13:10: a pattern is missing",
			},
		},
		"blocks": {
			"when \"a\"\nwhen \"a\"\n say \"x\"\notherwise\n say \"x\"\nwhen \"z\"\n say \"x\"",
			[]string{"a.script:1:1: nothing is done here", "a.script:2:6: this pattern was used above", "a.script:6:1: nothing gets here"},
		},
		"steps": {
			"otherwise\n say\n wait\n wait 5\n stream \"x\"\n stream 5s\n wait 2h\n wait 1s 2s\n say \"a\\q\"\n say \"x\" # fine\n fail",
			[]string{
				"a.script:2:5: say needs a text", "a.script:3:6: wait needs a time", `a.script:4:7: "5" is not a time`,
				"a.script:5:9: stream needs a time", "a.script:6:11: stream needs a text", `a.script:7:7: "2h" is too long`,
				`a.script:8:10: nothing may follow here`, `a.script:9:8: \q means nothing`, "a.script:11:6: fail needs a text",
			},
		},
		"captures": {
			"when \"a * b\", /c/\n say \"{1} {text}\"\notherwise\n say \"grüße {name}\"",
			[]string{"a.script:2:7: {1} is not captured by /c/", "a.script:4:13: {name} cannot be used below otherwise"},
		},
		"fences": {
			"otherwise\n say \"\"\" x\n say \"\"\"\n    ok\n  bad\n    \"\"\"\n say \"\"\"\n open",
			[]string{"a.script:2:10: nothing may follow", "a.script:5:1: this line is indented less", `a.script:7:6: the closing """ is missing`},
		},
		"calls": {
			"when \"a *\"\n call\n call 9 \"x\"\n call shell. \"x\"\n call ls\n call ls { \"a\": 1\n call ls { a }\n call ls { \"a\": {1} }\n" +
				" call ls \"x\" or\n call ls \"x\" otherwise \"y\"\n log\n think\n think soon\n crash never\n crash 0\n crash 1 2\n say \"ok\"",
			[]string{
				"a.script:2:6: call needs the name of a component", `a.script:3:7: "9" is not the name`, `a.script:4:7: "shell." is not the name`,
				"a.script:5:9: call needs a text", "a.script:6:10: the closing brace is missing", "a.script:7:10: this is not JSON",
				"a.script:8:10: this is not JSON", "a.script:9:16: or needs a text", "a.script:10:2: only agents and their models call", `a.script:10:14: nothing may follow here, but there is "otherwise`,
				"a.script:11:5: log needs a text", "a.script:12:7: think needs a time", `a.script:13:8: "soon" is not a time`,
				`a.script:14:8: "never" is not a number of attempts`, `a.script:15:8: "0" is not a number`, "a.script:16:10: nothing may follow",
			},
		},
		"answers before their call": {
			"otherwise\n say \"{ls}\"\n call ls { \"a\": \"grüß {last}\" }\n say \"{ls} {last} {rm}\"\n",
			[]string{
				"a.script:2:7: {ls} cannot be used", "a.script:3:2: only agents and their models call", "a.script:3:23: {last} cannot be used",
				"a.script:4:19: {rm} cannot be used",
			},
		},
		"mark and returns": {"\ufeffotherwise\r\n\tsay \"x\r\n", []string{"a.script:2:6: the closing quote is missing"}},
		"empty":            {"# nothing\n\n", []string{"a.script:1:1: the script has no answers"}},
		"not text":         {"\xff\xfe", []string{"a.script:1:1: this is not a text file"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := actor(t, scripted.NewTool, c.src, nil, component.Env{})
			if err == nil {
				t.Fatal("the script was accepted")
			}
			got := strings.Split(err.Error(), "\n")
			for i := range max(len(got), len(c.want)) {
				if i >= len(got) || i >= len(c.want) || !strings.HasPrefix(got[i], c.want[i]) {
					t.Fatalf("problem %d\ngot\n  %s\nwant\n  %s", i+1, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
				}
			}
		})
	}
}

func TestUnreadableScriptsSayWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big"), slices.Repeat([]byte("#\n"), scripted.MaxSize/2+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none": `cannot read script "none": no such file or directory`,
		".":    `cannot read script ".": it is not a file`,
		"big":  `cannot read script "big": it is larger than 1048576 bytes`,
	} {
		kind, err := scripted.New(component.Spec{App: component.App{Dir: dir}, Config: map[string]any{"script": name}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kind.Start(t.Context(), component.Env{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, config := range []map[string]any{nil, {"script": 3.0}, {"script": ""}} {
		if _, err := scripted.New(component.Spec{Name: "brain", Config: config}); err == nil {
			t.Errorf("%v was accepted", config)
		}
	}
}

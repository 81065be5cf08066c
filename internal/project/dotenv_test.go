package project_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

func TestDotenvMeansWhatItMeansToPython(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HOME_KEY": "from-env", "SET": "env"}
	cases := []struct {
		name, text string
		want       map[string]project.Secret
	}{
		{"plain", "A=1\nB = two words \n", map[string]project.Secret{"A": "1", "B": "two words"}},
		{"export", "export A=1\nexport\tB=2\nexported=3\n", map[string]project.Secret{"A": "1", "B": "2", "exported": "3"}},
		{"comments", "# c\n  # d\nA=1 # c\nB=x#y\nC=#\nD=\"a # b\" # c\nE= # f\n", map[string]project.Secret{"A": "1", "B": "x#y", "C": "#", "D": "a # b", "E": "# f"}},
		{"quotes", "A=\"a\\n\\\"b\\\"\"\nB='a\\n\\'b\\''\nC=\"\"\n", map[string]project.Secret{"A": "a\n\"b\"", "B": "a\\n'b'", "C": ""}},
		{"several lines", "A=\"one\ntwo\"\nB=3\n", map[string]project.Secret{"A": "one\ntwo", "B": "3"}},
		{"expansion", "A=1\nB=${A}2\nC=${HOME_KEY}\nD=${NONE}|${NONE:-x}\nE='${A}'\n", map[string]project.Secret{"A": "1", "B": "12", "C": "from-env", "D": "|x", "E": "1"}},
		{"a dollar is a dollar", "A=pa$$word$A\n", map[string]project.Secret{"A": "pa$$word$A"}},
		{"the environment wins", "SET=file\nB=${SET}\n", map[string]project.Secret{"B": "env"}},
		{"last one wins", "A=1\nA=2\n", map[string]project.Secret{"A": "2"}},
		{"byte order mark and CRLF", "\ufeffA=1\r\nB=\"2\"\r\n", map[string]project.Secret{"A": "1", "B": "2"}},
		{"no end of line", "A=1", map[string]project.Secret{"A": "1"}},
		{"old line ends", "A=1\rB=2\r", map[string]project.Secret{"A": "1", "B": "2"}},
		{"a backslash before the last quote", "A=\"C:\\d\\\"\n", map[string]project.Secret{"A": "C:\\d\\"}},
		{"a name alone", "A\nB=1\n", map[string]project.Secret{"B": "1"}},
		{"the value in the key", "KEY=KEY=1\n", map[string]project.Secret{"KEY": "KEY=1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, diags := project.Load(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": c.text}), lookup(env))
			if len(diags) > 0 {
				t.Error(codes(diags))
			}
			if d := cmp.Diff(c.want, p.Env); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestADotenvInUTF16IsNotPassedOverInSilence(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\xff\xfeA\x00=\x001\x00", "\xfe\xff\x00A\x00=\x001", "A\x00=\x001\x00"} {
		p, diags := project.Load(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": text}), nil)
		if len(diags) != 1 || diags[0].Code != "W_ENV_FILE" || len(p.Env) > 0 {
			t.Errorf("%q: %s, %v", text, codes(diags), p.Env)
		}
	}
}

func TestOneBadLineOfDotenvCostsThatLineOnly(t *testing.T) {
	t.Parallel()
	const text = "A=1\nsecret phrase here=2\n=3\nB=\"never closed\nC='x' y\nD=4\n"
	p, diags := project.Load(app(t, map[string]string{"main.ww": "a = llm echo {}\n", ".env": text}), nil)
	if d := cmp.Diff("W_ENV_FILE@2:1 W_ENV_FILE@3:1 W_ENV_FILE@4:1 W_ENV_FILE@5:1", found(diags)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]project.Secret{"A": "1", "D": "4"}, p.Env); d != "" {
		t.Error(d)
	}
	for _, d := range diags {
		if p.Sources[d.Span.File] != nil {
			t.Error("the text of .env is among the sources, so a message could show a secret")
		}
	}
}

// TestNothingBlocks reads named pipes that nobody writes to.
func TestNothingBlocks(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": "a = llm scripted { script: \"pipe\" }\n"})
	dir := filepath.Dir(file)
	for _, name := range []string{"pipe", ".env", "pipe.ww"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan string)
	go func() {
		_, pipe := project.Load(filepath.Join(dir, "pipe.ww"), nil)
		_, main := project.Load(file, nil)
		done <- found(pipe) + " " + found(main)
	}()
	select {
	case got := <-done:
		if want := "E_NOT_A_FILE@0:0 W_ENV_FILE@0:0 E_NOT_A_FILE@1:28"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("loading waits for a named pipe")
	}
}

func TestATextInPlaceOfTheFile(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": "a = llm echo {}\n"})
	p, diags := project.LoadText(file, []byte("b = llm echo {}\n"), nil)
	if _, ok := p.Component("b"); !ok || len(diags) > 0 {
		t.Errorf("got %v\n%s", p.Components, codes(diags))
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, diags := project.LoadText(file, []byte("b = llm echo {}\n"), nil); len(diags) > 0 {
		t.Error(codes(diags))
	}
}

// FuzzLoadText looks for sources on which checking panics or points outside of the text.
func FuzzLoadText(f *testing.F) {
	for _, src := range []string{
		"a = llm echo {}\n", "in = cli { to: [x, \"output\"] }\nx = claude { tools: [y], model: \"m\" }\ny = api web { url: $U }\n",
		"d = docker { components = { one = { image = \"i\" } } }\nmessage_bus = redis { url = $U }\n",
		"a = custom process { command: [1, \"x\"], env: { A: $B }, hooks: [{ event: \"e\" }] }\n", "a = a { a: a }\n", "x = {\n", "a = llm\n",
	} {
		f.Add([]byte(src))
	}
	file := filepath.Join(f.TempDir(), "main.ww")
	f.Fuzz(func(t *testing.T, src []byte) {
		p, diags := project.LoadText(file, src, lookup(map[string]string{"U": "u"}))
		for _, d := range diags {
			if d.Code == "" || d.Summary == "" || (d.Severity != diag.Error && d.Severity != diag.Warning) {
				t.Errorf("half a problem: %+v", d)
			}
			if d.Span.Start.Offset < 0 || d.Span.End.Offset > len(src) || d.Span.Start.Offset > d.Span.End.Offset {
				t.Errorf("%s points outside of the source: %+v", d.Code, d.Span)
			}
		}
		if diags.HasErrors() {
			return
		}
		for _, c := range p.Components {
			for _, to := range c.To {
				if _, ok := p.Component(to); !ok {
					t.Errorf("%s sends to %s, which does not exist", c.Name, to)
				}
			}
		}
		if plan := project.Diff(p, p, nil); !plan.Empty() {
			t.Errorf("a project differs from itself:\n%s", plan)
		}
		if steps := project.Diff(p, nil, nil).Steps; len(steps) != len(p.Components) {
			t.Errorf("%d components, %d stops", len(p.Components), len(steps))
		}
	})
}

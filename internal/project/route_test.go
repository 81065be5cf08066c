package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/project"
)

// routes is the chains of a project: "a>b,c d>" in construction order.
func routes(p *project.Project) string {
	var all []string
	for _, c := range p.Components {
		all = append(all, c.Name+">"+strings.Join(c.To, ","))
	}
	return strings.Join(all, " ")
}

func TestRoutesAreInferredByKind(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, src, want string }{
		{"one llm alone", "a = llm echo {}", "input>a a>output output>"},
		{"declared ends", "i = input command_line {}\na = llm echo {}\no = output console {}", "i>a a>o o>"},
		{"all outputs", "a = llm echo {}\no = output console {}\nq = output console {}", "input>a a>o,q o> q>"},
		{"a chain of llms", "a = llm echo { to: b }\nb = llm echo {}", "input>a b>output a>b output>"},
		{"the head of the chain, wherever it stands", "b = llm echo {}\na = llm echo { to: b }", "input>a b>output a>b output>"},
		{"a circle has no head", "a = llm echo { to: b }\nb = llm echo { to: a }", "input>a b>a a>b output>"},
		{"an llm that nobody targets is no hop", "i = input command_line { to: a }\na = llm echo {}\nb = llm echo {}", "a>output i>a b> output>"},
		{"a process stands in", "i = input command_line {}\np = custom process { command: \"p\" }", "i>p p>output output>"},
		{"nothing between the ends", "i = input command_line {}", "i>output output>"},
		{"quoted names", "a = llm echo { to: [\"b\", \"output\", \"metrics\"] }\nb = llm echo { to: [] }", "input>a a>b,output b> output>"},
		{"an empty list is the end", "a = llm echo { to: [] }", "input>a a> output>"},
		{"null says nothing", "a = llm echo { to: null }", "input>a a>output output>"},
		{"outputs send nothing on", "a = llm echo {}\no = output console { to: a }", "input>a a>o o>"},
		{"quoted output beside a declared one", "a = llm echo { to: \"output\" }\no = output console {}", "input>a a>output o> output>"},
		{"taken names", "input = llm echo { to: output }\noutput = llm echo {}", "command_line>input output>console input>output console>"},
		{"single words", "i = cli { to: a }\na = echo {}\no = cli {}\nb = llm echo { to: o }", "a>o i>a o> b>o"},
		{"dotted kind", "i = input.cli {}\na = llm.echo {}", "i>a a>output output>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, diags := project.Load(app(t, map[string]string{"main.ww": c.src + "\n"}), nil)
			if diags.HasErrors() {
				t.Fatal(codes(diags))
			}
			if d := cmp.Diff(c.want, routes(p)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWhatIsNeededIsBuiltFirst(t *testing.T) {
	t.Parallel()
	p, diags := project.Load(app(t, map[string]string{"main.ww": `
one = custom process { command: "x", config: { uses: two }, to: three }
two = custom process { command: "x", to: one }
three = custom process { command: "x", config: { uses: one } }
ask = input command_line { to: one }
`}), nil)
	if diags.HasErrors() {
		t.Fatal(codes(diags))
	}
	var got []string
	for _, c := range p.Components {
		got = append(got, fmt.Sprintf("%s%v", c.Name, c.DependsOn))
	}
	want := []string{"two[]", "one[two]", "three[one]", "ask[]", "output[]"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestHashIsOfWhatRuns(t *testing.T) {
	t.Parallel()
	hash := func(src string) string {
		p := load(t, map[string]string{"main.ww": src})
		return p.Hash
	}
	base := hash("a = llm echo { delay: 1 }\n")
	for _, same := range []string{"# c\n\na = llm echo {\n  delay = 1.0\n}\n", "a=echo{delay:\"1s\"}\n"} {
		if hash(same) != base {
			t.Errorf("%q is the same app", same)
		}
	}
	for _, other := range []string{"a = llm echo { delay: 2 }\n", "b = llm echo { delay: 1 }\n", "a = llm echo { delay: 1, to: [] }\n", "a = llm echo {}\n"} {
		if hash(other) == base {
			t.Errorf("%q is another app", other)
		}
	}
}

// What a process is told of others when it starts is part of what it was started from.
func TestTheHashOfAComponentIsOfItsWayToOthersToo(t *testing.T) {
	t.Parallel()
	hash := func(src string) string {
		p := load(t, map[string]string{"main.ww": src})
		c, _ := p.Component("brain")
		return p.HashOf(c)
	}
	const app = "you = input command_line { to: brain }\nbrain = llm echo { to: screen }\n"
	straight := hash(app + "screen = output console {}\n")
	if hash(app+"\nscreen = output console { }\n") != straight {
		t.Error("the same, spelled otherwise")
	}
	if hash(app+"screen = output console { orchestration_mode: \"centralized\" }\n") == straight {
		t.Error("it sends by way of the task master now")
	}
}

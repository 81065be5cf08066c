package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/project"
)

func noEnv(string) (string, bool) { return "", false }

// loaded writes a file and loads it.
func loaded(t *testing.T, src string) *project.Project {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.ww")
	if err := os.WriteFile(file, []byte(src), 0o640); err != nil {
		t.Fatal(err)
	}
	p, problems := project.Load(file, noEnv)
	if problems.HasErrors() {
		t.Fatal(problems.Err())
	}
	return p
}

func planned(t *testing.T, p *project.Project, src string, o deploy.Options) *deploy.Migration {
	t.Helper()
	m, err := deploy.Plan(p, []byte(src), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTheEditIsTheSmallestOne: what is not about the mode stays as it was, byte for byte; and the text means what it should.
func TestTheEditIsTheSmallestOne(t *testing.T) {
	const rest = "b = llm echo { to: c }\nc = output console {}\n"
	for name, tt := range map[string]struct {
		src, want string
		o         deploy.Options
	}{
		"a setting on its own line goes with its line": {
			"# about the app\norchestration_mode = \"centralized\"\na = input command_line { to: b }\n" + rest,
			"# about the app\na = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"a comment behind it stays": {
			"orchestration_mode = \"centralized\" # for now\na = input command_line { to: b }\n" + rest,
			"# for now\na = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"the last pair of a line goes with the comma before it": {
			"a = input command_line { to: b, orchestration_mode: \"centralized\" }\n" + rest,
			"a = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"the first pair of a line goes with the comma behind it": {
			"a = input command_line { orchestration_mode: \"centralized\", to: b }\n" + rest,
			"a = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"a pair on its own line goes with its line": {
			"a = input command_line {\r\n    orchestration_mode = \"centralized\"\r\n    to = b # next\r\n}\r\n" + rest,
			"a = input command_line {\r\n    to = b # next\r\n}\r\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"what is distributed already stays": {
			"a = input command_line { to: b, orchestration_mode: \"distributed\" }\n" + rest,
			"a = input command_line { to: b, orchestration_mode: \"distributed\" }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"a deployment block": {
			"deployment = local {\n  orchestration_mode: \"centralized\"\n}\na = input command_line { to: b }\n" + rest,
			"deployment = local {\n}\na = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed"},
		},
		"one of a centralized file says its own word, as its neighbours are written": {
			"orchestration_mode = \"centralized\"\na = input command_line {\n\tto = b\n}\n" + rest,
			"orchestration_mode = \"centralized\"\na = input command_line {\n\tto = b\n\torchestration_mode = \"distributed\"\n}\n" + rest,
			deploy.Options{Mode: "distributed", Component: "a"},
		},
		"one into a block of one line": {
			"a = input command_line { to: b }\n" + rest,
			"a = input command_line { to: b }\nb = llm echo { to: c, orchestration_mode: \"centralized\" }\nc = output console {}\n",
			deploy.Options{Mode: "centralized", Component: "b"},
		},
		"one into an empty block": {
			"a = input command_line { to: b }\n" + rest,
			"a = input command_line { to: b }\nb = llm echo { to: c }\nc = output console { orchestration_mode: \"centralized\" }\n",
			deploy.Options{Mode: "centralized", Component: "c"},
		},
		"one takes its own word back": {
			"a = input command_line { to: b, orchestration_mode: \"centralized\" }\n" + rest,
			"a = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "distributed", Component: "a"},
		},
		"all at once": {
			"# the door\na = input command_line { to: b }\n" + rest,
			"# the door\norchestration_mode = \"centralized\"\n\na = input command_line { to: b }\n" + rest,
			deploy.Options{Mode: "centralized"},
		},
		"old spellings, when they are asked for": {
			"a = input command_line { to: b }\nb = llm echo { to: c, streaming: \"false\" }\nc = output console {}\n",
			"a = input command_line { to: b }\nb = llm echo { to: c, streaming: false }\nc = output console {}\n",
			deploy.Options{Mode: "distributed", Hints: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := planned(t, loaded(t, tt.src), tt.src, tt.o)
			if d := cmp.Diff(tt.want, string(m.After)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			p := loaded(t, string(m.After))
			for _, mv := range m.Moves {
				c, ok := p.Component(mv.Component)
				if ok && p.Mode(c) != mv.To {
					t.Errorf("%s is %s, the report says %s", mv.Component, p.Mode(c), mv.To)
				}
			}
			if m.Changes() != (tt.src != tt.want) || m.Changes() != strings.Contains(m.Diff("main.ww"), "@@") {
				t.Errorf("changes: %v, diff:\n%s", m.Changes(), m.Diff("main.ww"))
			}
		})
	}
}

const central = "orchestration_mode = \"centralized\"\na = input command_line { to: b }\nb = output console {}\n"

func TestARollbackGivesBackEveryByte(t *testing.T) {
	p := loaded(t, central)
	b := deploy.In(t.TempDir())
	m := planned(t, p, central, deploy.Options{Mode: "distributed"})
	if _, err := b.Write(m, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(p.File); string(got) != string(m.After) {
		t.Fatalf("the file is %q", got)
	}
	if info, _ := os.Stat(p.File); info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v", info.Mode())
	}
	mode, err := b.Rollback(p.File)
	if got, _ := os.ReadFile(p.File); err != nil || mode != "distributed" || string(got) != central {
		t.Errorf("rolled back %s, %v: %q", mode, err, got)
	}
	if _, err := b.Rollback(p.File); err == nil || !strings.Contains(err.Error(), "no migration") {
		t.Errorf("a second one: %v", err)
	}
}

func TestNothingIsOverwrittenThatSomebodyElseWrote(t *testing.T) {
	p := loaded(t, central)
	b := deploy.In(t.TempDir())
	m := planned(t, p, central, deploy.Options{Mode: "distributed"})
	edited := central + "# mine\n"
	if err := os.WriteFile(p.File, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write(m, time.Now()); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("a file that was changed: %v", err)
	}
	if got, _ := os.ReadFile(p.File); string(got) != edited {
		t.Errorf("it was written: %q", got)
	}
	if err := os.WriteFile(p.File, []byte(central), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write(m, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.File, []byte("# mine\n"+string(m.After)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rollback(p.File); err == nil || !strings.Contains(err.Error(), "was edited") {
		t.Errorf("a rollback over an edit: %v", err)
	}
}

func TestAnInterruptedWriteIsNoMigration(t *testing.T) {
	p := loaded(t, central)
	dir := t.TempDir()
	b := deploy.In(dir)
	if _, err := b.Write(planned(t, p, central, deploy.Options{Mode: "distributed"}), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.File, []byte(central), 0o600); err != nil { // as if the rename had never been
		t.Fatal(err)
	}
	if _, err := b.Rollback(p.File); err == nil || !strings.Contains(err.Error(), "no migration") {
		t.Errorf("%v", err)
	}
}

func TestALostBackupLeavesTheFile(t *testing.T) {
	p := loaded(t, central)
	b := deploy.In(t.TempDir())
	path, err := b.Write(planned(t, p, central, deploy.Options{Mode: "distributed"}), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	was, _ := os.ReadFile(p.File)
	for _, damage := range []func() error{
		func() error { return os.WriteFile(path, []byte("something else"), 0o600) },
		func() error { return os.Remove(path) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Rollback(p.File); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v", err)
		}
		if got, _ := os.ReadFile(p.File); string(got) != string(was) {
			t.Errorf("the file is %q", got)
		}
	}
}

// Every old spelling is found where it stands, and what is written instead says the same today.
func TestEveryOldSpellingHasItsFix(t *testing.T) {
	for name, tt := range map[string]struct{ line, want string }{
		"the kind":             {"x = decomposer llm { model: m }", "x = agent llm { model: m }"},
		"the kind, alone":      {"x = decomposer { model: m, type: \"llm\" }", "x = agent { model: m, type: \"llm\" }"},
		"the key":              {"x = llm openai { api_token: \"k\" }", "x = llm openai { api_key: \"k\" }"},
		"the key, by =":        {"x = llm openai {\n\tapi_token = \"k\"   # secret\n}", "x = llm openai {\n\tapi_key = \"k\"   # secret\n}"},
		"tools":                {"x = agent llm { model: m, api: [] }", "x = agent llm { model: m, tools: [] }"},
		"tools of the old":     {"x = decomposer llm { model: m, api: [] }", "x = agent llm { model: m, tools: [] }"},
		"a server that is not": {"x = knowledge_base chroma { client: \"local\", path: \"p\" }", "x = knowledge_base chroma { path: \"p\" }"},
		"the store of code":    {"x = core code { knowledge_base: m }", "x = core code { vector_db: m }"},
		"a quoted false":       {"x = llm echo { streaming: \"false\" }", "x = llm echo { streaming: false }"},
		"a quoted true":        {"x = llm echo { streaming: 'true' }", "x = llm echo { streaming: true }"},
		"in a block":           {"x = agent llm { model: llm openai { api_token: \"k\" } }", "x = agent llm { model: llm openai { api_key: \"k\" } }"},
		"an api is no list":    {"x = input api { port: 1 }", "x = input api { port: 1 }"},
		"another client":       {"x = knowledge_base chroma { client: \"http\" }", "x = knowledge_base chroma { client: \"http\" }"},
		"a text that says so":  {"x = llm echo { delay: \"falsehood\" }", "x = llm echo { delay: \"falsehood\" }"},
	} {
		t.Run(name, func(t *testing.T) {
			src := "m = llm echo {}\n" + tt.line + "\n"
			if got := string(deploy.Modernize("main.ww", []byte(src))); got != "m = llm echo {}\n"+tt.want+"\n" {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
			crlf := strings.ReplaceAll("\ufeff"+src, "\n", "\r\n")
			if got := string(deploy.Modernize("main.ww", []byte(crlf))); got != strings.ReplaceAll("\ufeffm = llm echo {}\n"+tt.want+"\n", "\n", "\r\n") {
				t.Errorf("with other line ends: %q", got)
			}
		})
	}
}

package project_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

// found is the problems as CODE@line:col, one string for all.
func found(diags diag.List) string {
	var all []string
	for _, d := range diags {
		all = append(all, fmt.Sprintf("%s@%d:%d", d.Code, d.Span.Start.Line, d.Span.Start.Col))
	}
	return strings.Join(all, " ")
}

// settled is the problems that stay as they are when a later version runs more kinds and acts on more properties.
func settled(diags diag.List) diag.List {
	return slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Code == "W_IGNORED" })
}

func TestEveryProblemIsFoundAtItsPlace(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, src, want string }{
		{"no declaration", "# nothing\n", "W_EMPTY@0:0"},
		{"clean", "a = llm echo {}\n", ""},

		{"reserved name", "None = llm echo {}\n", "E_RESERVED_NAME@1:1"},
		{"runtime name", "ask_user = llm echo {}\n", "W_RESERVED_RUNTIME@1:1"},
		{"duplicate name", "a = llm echo {}\na = llm echo {}\n", "E_DUPLICATE_NAME@2:1"},
		{"duplicate setting", "durability = \"process\"\ndurability = \"process\"\na = llm echo {}\n", "W_DUPLICATE_KEY@2:1"},
		{"unknown reference", "in = input command_line { to: bran }\nbrain = llm echo {}\n", "E_UNKNOWN_REF@1:31"},
		{"unknown reference below to", "in = input command_line { to: { x: ghost } }\nb = llm echo {}\n", "E_UNKNOWN_REF@1:36"},
		{"two unknown references", "in = input command_line { to: [x, y] }\n", "E_UNKNOWN_REF@1:32 E_UNKNOWN_REF@1:35"},
		{"bare word", "p = custom process { command: [\"x\"], config: { mode: fast } }\nin = input command_line { to: p }\n", "W_BARE_WORD@1:54"},
		{"quoted target", "a = llm echo { to: \"log\" }\n", "W_UNKNOWN_TARGET@1:20"},
		{"quoted output and metrics", "a = llm echo { to: [\"output\", \"metrics\"] }\n", ""},
		{
			"cycle of three", "a = llm ollama { model: \"m\", memory: b }\nb = memory short_term { x: c }\nc = memory short_term { x: a }\n",
			"W_UNKNOWN_KEY@2:25 W_UNKNOWN_KEY@3:25 E_CYCLE@3:28",
		},
		{"cycle of one", "a = custom process { command: [\"x\"], config: { me: a } }\n", "E_CYCLE@1:52"},

		{"unknown kind", "a = lllm echo {}\n", "E_UNKNOWN_KIND@1:5"},
		{"unknown type", "a = llm ecco {}\n", "E_UNKNOWN_KIND@1:9"},
		{"swapped words", "a = echo llm {}\n", "E_UNKNOWN_KIND@1:5"},
		{"kind without type", "a = llm {}\n", "E_UNKNOWN_KIND@1:5"},
		{"workflow", "a = workflow {}\n", "E_UNKNOWN_KIND@1:5"},
		{"ambiguous cli", "a = cli {}\nb = llm echo {}\n", "E_AMBIGUOUS_KIND@1:5"},
		{"cli that is both", "a = cli { to: b }\nb = llm echo { to: a }\n", "E_AMBIGUOUS_KIND@1:5"},
		{"observer", "m = metrics {}\nb = llm echo { to: m }\n", ""},
		{"deployment", "deployment = docker { message_bus = redis { redis_url = \"r\" } }\nb = llm echo {}\n", "W_LOCAL_ONLY@1:14"},
		{"local deployment on redis", "deployment = local { message_bus = redis { } }\nb = llm echo {}\n", "W_LOCAL_ONLY@1:36"},
		{"bus as URL", "message_bus = \"nats://h:1\"\nb = llm echo {}\n", "W_LOCAL_ONLY@1:15"},
		{"bus as block", "message_bus = redis {}\nb = llm echo {}\n", "W_LOCAL_ONLY@1:15"},
		{"unknown bus", "deployment = local { message_bus = reds {} }\nb = llm echo {}\n", "E_UNKNOWN_KIND@1:36"},
		{"local bus", "message_bus = \"local\"\ndeployment = local {}\nb = llm echo {}\n", ""},
		{"centralized", "orchestration_mode = \"centralized\"\nb = llm echo {}\n", ""},
		{"distributed", "orchestration_mode = \"distributed\"\nb = llm echo {}\n", ""},
		{"unknown setting", "orchestration_mod = \"distributed\"\nb = llm echo {}\n", "W_UNKNOWN_KEY@1:1"},
		{"old kind", "a = decomposer llm { api_key: \"k\" }\n", "W_LEGACY@1:5"},

		{"unknown key", "a = llm echo { dely: 1 }\n", "W_UNKNOWN_KEY@1:16"},
		{"key without effect yet", "a = llm echo { workers: 2 }\n", ""},
		{"key at its default", "a = llm echo { workers: 1 }\n", ""},
		{"missing key", "a = llm scripted {}\n", "E_MISSING_KEY@1:1"},
		{"null is missing", "a = custom process { command: null }\n", "E_MISSING_KEY@1:1"},
		{"variable not set", "a = llm echo { note: $NOPE }\n", "W_UNKNOWN_KEY@1:16 W_ENV_UNSET@1:22"},
		{"required and not set", "a = llm ollama { model: $NOPE }\n", "E_MISSING_KEY@1:1 W_ENV_UNSET@1:25"},
		{"model of an old agent", "a = agent llm { tools: [], api_key: \"k\" }\n", "W_LEGACY@1:28"},

		{"text for a number", "a = llm echo { max_concurrent: \"many\" }\n", "E_BAD_TYPE@1:32"},
		{"no positive number", "a = llm echo { max_concurrent: 0 }\n", "E_BAD_TYPE@1:32"},
		{"quoted number", "a = llm echo { max_concurrent: \"4\" }\n", ""},
		{"fraction", "a = llm echo { max_concurrent: 1.5 }\n", "E_BAD_TYPE@1:32"},
		{"duration", "a = llm echo { turn_timeout: \"soon\" }\n", "E_BAD_TYPE@1:30"},
		{"negative duration", "a = llm echo { turn_timeout: -1 }\n", "E_BAD_TYPE@1:30"},
		{"a port that is none", "a = input api { port: 99999 }\nb = llm echo {}\n", "E_BAD_TYPE@1:23"},
		{"a secret that is the name of a variable", "a = llm openai { api_key: \"$KEY\" }\n", "W_QUOTED_ENV@1:27"},
		{"a secret with a dollar", "a = llm openai { api_key: \"$a-b\" }\n", ""},
		{"a text that is the name of a variable", "a = llm ollama { model: \"$KEY\" }\n", ""},
		{"a word that is no component where one is wanted", "a = agent llm { tools: [], model: b.c }\n", "E_UNKNOWN_REF@1:35"},
		{"quoted bool", "a = llm echo { streaming: \"False\" }\n", "W_QUOTED_BOOL@1:27"},
		{"no bool", "a = llm echo { streaming: \"perhaps\" }\n", "E_BAD_TYPE@1:27"},
		{"bool for text", "a = llm ollama { model: true }\n", "E_BAD_TYPE@1:25"},
		{"component for text", "a = llm ollama { model: b }\nb = llm echo {}\n", "E_BAD_TYPE@1:25"},
		{"command line as one text", "a = custom process { command: \"python3 bot.py\" }\n", "E_BAD_TYPE@1:31"},
		{"program as one text", "a = custom process { command: \"bot\" }\n", ""},
		{"empty command", "a = custom process { command: [] }\n", "E_BAD_TYPE@1:31"},
		{"block in a command", "a = custom process { command: [\"a\", {}] }\n", "E_BAD_TYPE@1:31"},
		{"list for a block", "a = custom process { command: [\"a\"], env: [] }\n", "E_BAD_TYPE@1:43"},
		{"not one of the words", "a = llm echo { durability: \"dsk\" }\n", "E_BAD_TYPE@1:28"},
		{"quoted model", "a = agent llm { tools: [], model: \"b\" }\nb = llm echo {}\n", "E_BAD_TYPE@1:35"},
		{"number for a component", "a = input command_line { to: 5 }\nb = llm echo {}\n", "E_BAD_TYPE@1:30"},

		{"hook", "a = llm echo { hooks: [{ event: \"e\", script: \"s.py\", function: \"f\" }] }\n", ""},
		{"hook without event", "a = llm echo { hooks: [{ script: \"s.py\", function: \"f\" }] }\n", "E_MISSING_KEY@1:24"},
		{"hook with one thing twice", "a = llm echo { hooks: [{ event: \"e\", script: \"s.py\", script_path: \"t.py\", function: \"f\" }] }\n", "E_CONFLICTING_KEYS@1:54"},
		{"the same twice", "a = llm echo { hooks: [{ event: \"e\", script: \"s.py\", script_path: \"s.py\", function: \"f\", name: \"n\" }] }\n", "W_UNKNOWN_KEY@1:90"},
		{"hook that is text", "a = llm echo { hooks: [\"e\"] }\n", "E_BAD_TYPE@1:24"},
		{"two names of one property", "a = llm echo { breaker: { timeout: 1 }, circuit_breaker: { timeout: 2 } }\n", "E_CONFLICTING_KEYS@1:41"},
		{"fallbacks", "a = llm echo { fallback: error }\nb = llm echo { fallback: cached }\nc = llm echo { fallback: a, to: b }\nd = llm echo { fallback: \"sorry\", to: c }\ni = input command_line { to: a }\n", ""},
		{"fallbacks in blocks", "a = llm echo { fallback: { static: \"sorry\" } }\nb = llm echo { fallback: component { name: a }, to: a }\nc = llm echo { fallback: { cached: true }, to: b }\n", ""},
		{"each the fallback of the other", "a = llm echo { fallback: b, to: b }\nb = llm echo { fallback: a }\n", ""},
		{"no fallback", "a = llm echo { fallback: 5 }\nb = llm echo { fallback: component {}, to: a }\n", "E_BAD_TYPE@1:26 E_BAD_TYPE@2:26"},
		{"fallback that is nobody", "a = llm echo { fallback: nobody }\n", "W_BARE_WORD@1:26"},
		{"retry", "a = llm echo { retry: 3 }\nb = llm echo { retry: { attempts: 2, base: \"50ms\" }, to: a }\n", ""},
		{"no retry", "a = llm echo { retry: 0 }\nb = llm echo { retry: \"often\", to: a }\n", "E_BAD_TYPE@1:23 E_BAD_TYPE@2:23"},

		{"script that is not there", "a = llm scripted { script: \"b.script\" }\n", "E_NO_FILE@1:28"},
		{"script that is a directory", "a = llm scripted { script: \".\" }\n", "E_NOT_A_FILE@1:28"},
		{"settings as a target", "deployment = local {}\na = llm echo { to: deployment }\n", "E_BAD_TYPE@2:20"},
		{"two command lines", "a = input command_line {}\nb = input command_line {}\nc = llm echo {}\n", "E_MULTIPLE_STDIN@2:1"},
		{"a timeout within two signs of life", "heartbeat_interval = 10\ncomponent_ttl = 19\na = llm echo { component_timeout: \"19s\" }\n", "W_SHORT_TIMEOUT@2:1 W_SHORT_TIMEOUT@3:16"},
		{"a timeout of two of its own", "heartbeat_interval = 60\na = llm echo { heartbeat_interval: 1, component_timeout: \"2s\" }\n", ""},
		{"a timeout without signs of life of its own", "a = llm echo { component_ttl: \"5s\" }\n", "W_SHORT_TIMEOUT@1:16"},
		{"several llms", "a = input command_line {}\nb = llm echo {}\nc = llm echo {}\n", "W_AMBIGUOUS_ROUTE@1:1"},
		{"several llms and no input", "b = llm echo {}\nc = llm echo {}\n", "W_AMBIGUOUS_ROUTE@1:1"},

		{"no second problem after a mistake of form", "in = input command_line { to: brain }\nbrain = llm scripted extra {\n}\n", "E_SYNTAX@2:22"},
		{
			"problems of every phase", "a = llm scripted {}\nb = lllm echo {}\nc = llm echo { to: ghost }\nc = llm echo {}\n",
			"E_MISSING_KEY@1:1 E_UNKNOWN_KIND@2:5 E_UNKNOWN_REF@3:20 E_DUPLICATE_NAME@4:1",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, diags := project.Check(app(t, map[string]string{"main.ww": c.src}), nil)
			if d := cmp.Diff(c.want, found(settled(diags))); d != "" {
				t.Errorf("%s\n%s", d, codes(diags))
			}
		})
	}
}

func TestProblemsOfFilesAreClear(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": "a = llm echo {}\n", "sub/bot.ww": ""})
	dir := filepath.Dir(file)
	for _, c := range []struct{ name, want string }{
		{filepath.Join(dir, "man.ww"), "E_NO_FILE"},
		{dir, "E_NOT_A_FILE"},
		{"/dev/zero", "E_NOT_A_FILE"},
		{filepath.Join(file, "x"), "E_UNREADABLE"},
	} {
		p, diags := project.Load(c.name, nil)
		if len(diags) != 1 || diags[0].Code != c.want {
			t.Errorf("%s: got\n%s, want %s", c.name, codes(diags), c.want)
		}
		if p == nil {
			t.Errorf("%s: no project", c.name)
		}
	}
	if _, diags := project.Load(filepath.Join(dir, "sub"), nil); !strings.Contains(diags[0].Detail, "bot.ww") {
		t.Errorf("the only .ww file of the directory is not suggested: %+v", diags[0])
	}
	if _, diags := project.Load(filepath.Join(dir, "man.ww"), nil); !strings.Contains(diags[0].Detail, "main.ww") {
		t.Errorf("the file with nearly that name is not suggested: %+v", diags[0])
	}
}

func TestTwoNamesOfOneFileAreOneApp(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": "a = llm echo { note: $X }\n", ".env": "X=1\n"})
	link := filepath.Join(t.TempDir(), "other.ww")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	a, _ := project.Load(file, nil)
	b, _ := project.Load(link, nil)
	if a.File != b.File || a.Dir != b.Dir || a.Hash != b.Hash {
		t.Errorf("%s %s %s, by a link %s %s %s", a.File, a.Dir, a.Hash, b.File, b.Dir, b.Hash)
	}
	if got := b.Components[1].Config["note"]; got != "1" {
		t.Errorf("note is %v: the .env of the real directory counts", got)
	}
}

func TestValuesArriveAsTheKindWantsThem(t *testing.T) {
	t.Parallel()
	const src = `
bot = custom process {
  command: ["bin/bot", 5]
  env: { TOKEN: $T, PLAIN: $P, N: 3 }
  config: { bot: other, list: [1, 2.5, true, null] }
  max_concurrent: "4"
  turn_timeout: "1m30s"
  ready_timeout: 2
  to: [other, "output"]
}
other = llm echo { streaming: "false", delay: $D }
`
	file := app(t, map[string]string{"main.ww": src, ".env": "T=filetoken\nP=plain\nD=50ms\n"})
	p, diags := project.Load(file, lookup(map[string]string{"T": "env-token"}))
	if diags.HasErrors() {
		t.Fatal(codes(diags))
	}
	bot, _ := p.Component("bot")
	other, _ := p.Component("other")
	want := map[string]any{
		"command":        []any{"bin/bot", "5"},
		"env":            map[string]any{"TOKEN": project.Secret("env-token"), "PLAIN": "plain", "N": int64(3)},
		"config":         map[string]any{"bot": project.Ref("other"), "list": []any{int64(1), 2.5, true, nil}},
		"max_concurrent": int64(4),
		"turn_timeout":   90.0,
		"ready_timeout":  2.0,
		"to":             []any{project.Ref("other"), "output"},
	}
	if d := cmp.Diff(want, bot.Config); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]any{"streaming": false, "delay": 0.05}, other.Config); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"other", "output"}, bot.To); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]project.Secret{"P": "plain", "D": "50ms"}, p.Env); d != "" {
		t.Errorf("variables that .env adds:\n%s", d)
	}
}

func TestSecretsPrintMasked(t *testing.T) {
	t.Parallel()
	p, _ := project.Load(app(t, map[string]string{
		"main.ww": "a = llm openai { api_key: \"sk-verysecret\" }\nb = mcp server { server: \"s\", auth: { x: \"sk-verysecret\" } }\nc = llm echo { max_concurrent: $A_TOKEN }\n",
	}), lookup(map[string]string{"A_TOKEN": "sk-verysecret"}))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, p.Components); strings.Contains(text, "verysecret") {
			t.Errorf("%s shows the secret: %s", format, text)
		}
	}
	_, diags := project.Load(p.File, lookup(map[string]string{"A_TOKEN": "sk-verysecret"}))
	if text := fmt.Sprintf("%+v", diags); strings.Contains(text, "verysecret") {
		t.Errorf("a problem shows the secret: %s", text)
	}
}

func TestSuggestionsNameWhatWasMeant(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"in = input command_line { to: bran }\nbrain = llm echo {}\n": "brain",
		"a = lllm echo {}\n":                           "llm",
		"a = llm ecco {}\n":                            "echo",
		"a = echo llm {}\n":                            "llm echo",
		"a = scriptd { script: \"x\" }\n":              "scripted",
		"a = llm echo { dely: 1 }\n":                   "delay",
		"orchestration_mod = \"x\"\na = llm echo {}\n": "orchestration_mode",
		"a = llm echo { durability: \"dsk\" }\n":       "disk",
	} {
		_, diags := project.Load(app(t, map[string]string{"main.ww": src}), nil)
		if len(diags) != 1 || diags[0].Label != fmt.Sprintf("did you mean %q?", want) {
			t.Errorf("%s: label is %q, want %q", src, diags[0].Label, want)
		}
	}
}

package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/schema"
)

// walk visits a list of properties and the keys inside them.
func walk(t *testing.T, where string, props []schema.Property, check func(where string, p schema.Property)) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range props {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if seen[name] {
				t.Errorf("%s has %s twice", where, name)
			}
			seen[name] = true
		}
		check(where+"."+p.Name, p)
		walk(t, where+"."+p.Name, p.Keys, check)
	}
}

func TestEveryEntryOfTheTableIsWhole(t *testing.T) {
	t.Parallel()
	s := schema.New()
	check := func(where string, p schema.Property) {
		if p.Name == "" || p.Doc == "" || strings.Contains(p.Doc, "\n") {
			t.Errorf("%s needs a name and one line of doc", where)
		}
		if p.Required && p.Default != nil {
			t.Errorf("%s is required, so nobody sees its default", where)
		}
		if text, ok := p.Default.(string); ok && len(p.Values) > 0 && !slices.Contains(p.Values, text) {
			t.Errorf("%s: the default %q is not allowed", where, text)
		}
		if schema.SecretName(p.Name) && p.Type == schema.Text && !p.Secret {
			t.Errorf("%s looks like a secret and is not marked as one", where)
		}
		if schema.IsReference("agent", p.Name) && p.Type == schema.Text && p.Name != "model" {
			t.Errorf("%s must name a component in every kind, and wants text", where)
		}
	}
	seen := map[string]bool{}
	for _, k := range s.Kinds() {
		if seen[k.Name()] || k.Doc == "" {
			t.Errorf("%s is there twice or has no doc", k.Name())
		}
		seen[k.Name()] = true
		walk(t, k.Name(), k.All(), check)
	}
	walk(t, "file", s.Settings(), check)
}

func TestThisVersionRuns(t *testing.T) {
	t.Parallel()
	want := []string{"input command_line", "input api", "input keyword_voice", "input push_to_talk", "llm echo", "llm replay", "llm scripted", "llm openai", "llm claude", "llm ollama", "llm hugging_face", "agent llm", "agent scripted", "decomposer llm", "output console", "output file", "output webhook", "output voice", "custom process", "custom scripted", "custom tool", "memory short_term", "knowledge_base chroma", "knowledge_base neo4j", "knowledge_base text_file", "api functions", "api web", "mcp server", "model pytorch", "core command_line", "core code", "environment coding"}
	var got []string
	for _, k := range schema.New().Kinds() {
		switch k.Role {
		case schema.Deployment, schema.BusKind, schema.Observer: // none is a process
			continue
		}
		if !k.Runtime {
			t.Errorf("nothing runs %s, and nobody would be told", k.Name())
		}
		got = append(got, k.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKindsAreFoundByTheirWords(t *testing.T) {
	t.Parallel()
	s := schema.New()
	for _, c := range []struct{ kind, typ, want string }{
		{"llm", "scripted", "llm scripted"},
		{"input", "cli", "input command_line"},
		{"output", "cli", "output console"},
		{"metrics", "", "metrics"},
		{"llm", "console", ""},
		{"", "", ""},
		{"scripted", "llm", ""},
	} {
		k, ok := s.Find(c.kind, c.typ)
		if ok != (c.want != "") || (ok && k.Name() != c.want) {
			t.Errorf("%s %s: got %v", c.kind, c.typ, k)
		}
	}
	if got := s.ByType("process"); len(got) != 1 || got[0].Name() != "custom process" {
		t.Errorf("process alone is %v", got)
	}
	if got := s.ByType("llm"); len(got) != 1 || got[0].Name() != "agent llm" {
		t.Errorf("what only old files have is no meaning of a word: %v", got)
	}
}

func TestPropertiesAreFoundByEveryName(t *testing.T) {
	t.Parallel()
	s := schema.New()
	k, _ := s.Find("llm", "hugging_face")
	for name, want := range map[string]string{"api_token": "api_key", "api_key": "api_key", "circuit_breaker": "breaker", "to": "to", "nothing": ""} {
		if p, ok := k.Property(name); ok != (want != "") || ok && p.Name != want {
			t.Errorf("%s is %v", name, p)
		}
	}
	in, _ := s.Find("input", "command_line")
	if p, _ := in.Property("to"); !strings.Contains(p.Doc, "agent") {
		t.Error("a kind's own property is hidden by the common one")
	}
	bus, _ := s.Find("message_bus", "redis")
	if _, ok := bus.Property("hooks"); ok {
		t.Error("a block of settings has the properties of a component")
	}
}

func TestAnAgentWithAModelOfItsOwn(t *testing.T) {
	t.Parallel()
	s := schema.New()
	llm, _ := s.Find("llm", "claude")
	k := s.AgentOf(llm)
	model, _ := k.Property("model")
	tools, _ := k.Property("tools")
	if k.Name() != "agent llm" || model.Type != schema.Text || tools.Required {
		t.Errorf("%s: model %v, tools required %v", k.Name(), model.Type, tools.Required)
	}
	agent, _ := s.Find("agent", "llm")
	if p, _ := agent.Property("tools"); !p.Required {
		t.Error("the table itself was changed")
	}
}

func TestReferencesAndSecretsAreKnownByName(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"to", "tools", "knowledge_base", "memory", "vector_db", "embedding_model", "container", "components", "api"} {
		if !schema.IsReference("llm", key) {
			t.Errorf("%s names a component", key)
		}
	}
	for kind, want := range map[string]bool{"agent": true, "decomposer": true, "llm": false, "claude": false} {
		if schema.IsReference(kind, "model") != want {
			t.Errorf("model of %s: want %v", kind, want)
		}
	}
	for name, want := range map[string]bool{"OPENAI_API_KEY": true, "GITHUB_PAT": true, "db_password": true, "PATH": false, "COMPAT": false, "MODE": false} {
		if schema.SecretName(name) != want {
			t.Errorf("%s: want %v", name, want)
		}
	}
}

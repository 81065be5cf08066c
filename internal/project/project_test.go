package project_test

import (
	"slices"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/project"
)

const chained = `
you = input command_line { to: first }
first = custom process {
  command: ["bin/first"]
  config: { helper: helper }
  max_concurrent: "3"
  ready_timeout: "1m30s"
  to: last
}
last = llm echo { to: first }
helper = llm echo {}
aside = llm echo {}
`

func TestChainIsWhatATurnNeeds(t *testing.T) {
	t.Parallel()
	p := load(t, map[string]string{"main.ww": chained})
	if got, want := p.Chain("you"), []string{"helper", "last", "first"}; !slices.Equal(got, want) {
		t.Errorf("behind you: %q, want %q", got, want)
	}
	if got := p.Chain("aside"); got != nil {
		t.Errorf("behind aside: %q", got)
	}
	if got := p.Chain("nobody"); got != nil {
		t.Errorf("behind nobody: %q", got)
	}
}

func TestPropertiesAreReadByType(t *testing.T) {
	t.Parallel()
	file := app(t, map[string]string{"main.ww": chained + "bot = llm openai { api_key: \"k\", model: \"m\" }\n"})
	p, _ := project.Load(file, nil)
	first, _ := p.Component("first")
	if d, ok := first.Duration("ready_timeout"); !ok || d != 90*time.Second {
		t.Errorf("ready_timeout is %v, %v", d, ok)
	}
	if n, ok := first.Int("max_concurrent"); !ok || n != 3 {
		t.Errorf("max_concurrent is %v, %v", n, ok)
	}
	if d, ok := first.Duration("drain_timeout"); ok || d != 0 {
		t.Errorf("drain_timeout is not given and is %v", d)
	}
	bot, _ := p.Component("bot")
	if bot.Text("api_key") != "k" || bot.Text("model") != "m" || bot.Text("none") != "" {
		t.Errorf("texts are %q, %q", bot.Text("api_key"), bot.Text("model"))
	}
	if _, diags := project.Check(file, nil); found(settled(diags)) != "" {
		t.Errorf("Check finds %s", found(diags))
	}
}

// TestTheDesignDocumentsMeanWhatTheySay loads the blocks that existing projects are told to write.
func TestTheDesignDocumentsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{
			"local", "deployment = local {\n    message_bus = redis {\n        redis_url = $REDIS_URL\n    }\n}\n\nagent = claude {\n    model = \"m\"\n    to = [\"output\", \"metrics\"]\n}\n",
			"W_LOCAL_ONLY@2:19 W_ENV_UNSET@3:21",
		},
		{
			"docker", "deployment = docker {\n    message_bus = redis {\n        image = \"redis:alpine\"\n        ports = { \"6379\": \"6379\" }\n    }\n    components = {\n        one = {\n            image = \"i\"\n            environment = {\n                \"TYPE\" = \"agent\"\n            }\n        }\n    }\n}\n",
			"W_EMPTY@0:0 W_LOCAL_ONLY@1:14",
		},
		{
			"server", "deployment = server {\n    port = 8080\n    message_bus = \"redis://cluster:6379\"\n    health_checks = true\n    component_discovery = true\n}\n",
			"W_EMPTY@0:0 W_LOCAL_ONLY@1:14",
		},
	} {
		p, diags := project.Check(app(t, map[string]string{"main.ww": c.src}), nil)
		if got := found(settled(diags)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if block, ok := p.Settings["deployment"].(map[string]any); !ok || block["type"] != c.name {
			t.Errorf("%s: the deployment is %v", c.name, p.Settings["deployment"])
		}
	}
}

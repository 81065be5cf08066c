package project_test

import (
	"testing"

	"github.com/woodwork-lang/ww/internal/project"
)

func TestTheBusSaysHowLongMessagesWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want any
	}{
		"a bus of its own":              {"message_bus = local { ttl_seconds = 30 }\na = llm echo {}\n", 30.0},
		"the bus of a deployment":       {"d = deployment local { message_bus = memory { delivery_ttl = \"1m\" } }\na = llm echo {}\n", 60.0},
		"a bus of no kind":              {"deployment = local { message_bus = { ttl_seconds = \"300\" } }\na = llm echo {}\n", 300.0},
		"a bus that is not there":       {"deployment = docker { message_bus = redis { ttl_seconds = 5 } }\na = llm echo {}\n", 5.0},
		"the file, which says it again": {"message_bus = local { ttl_seconds = 30 }\nttl_seconds = 7\na = llm echo {}\n", 7.0},
		"nobody":                        {"message_bus = local {}\na = llm echo {}\n", nil},
	} {
		p, diags := project.CheckText("main.ww", []byte(c.src), nil)
		if diags.HasErrors() || p.Settings["delivery_ttl"] != c.want {
			t.Errorf("%s: %v, %s", name, p.Settings["delivery_ttl"], codes(diags))
		}
		a, _ := p.Component("a")
		if got := p.Given(a).Config["delivery_ttl"]; got != c.want {
			t.Errorf("%s: the component is told %v", name, got)
		}
	}
}

func TestWhatADeploymentOfThisMachineDoesNotActOnIsSaid(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"deployment = local { health_checks = true, component_discovery = true }":              "",
		"deployment = local { health_checks = false, port = 8080 }":                            "W_IGNORED@1:22 W_IGNORED@1:45",
		"deployment = local { message_bus = local { max_retries = 3, ttl_seconds = 3 } }":      "W_IGNORED@1:44",
		"deployment = local { message_bus = { stream_prefix = \"woodwork\", image = \"i\" } }": "W_IGNORED@1:66",
		"message_bus = memory { max_queue_size = 3, dead_letter_ttl = 5 }":                     "W_IGNORED@1:24 W_IGNORED@1:44",
		"deployment = docker { image = \"i\", port = 80 }":                                     "W_LOCAL_ONLY@1:14",
		"deployment = local { message_bus = { redis_url = \"redis://h\" } }":                   "W_LOCAL_ONLY@1:36",
	} {
		_, diags := project.CheckText("main.ww", []byte(src+"\na = llm echo {}\n"), nil)
		if got := found(diags); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", src, got, want)
		}
	}
}

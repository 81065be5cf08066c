package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/project"
)

// many is a file of n components with some of everything, about 160 bytes each, and no problem in it.
func many(n int) []byte {
	var b strings.Builder
	b.WriteString("in = input command_line { to: agent_0 }\n\n")
	for i := range n - 1 {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "# the agent of group %d\nagent_%d = agent llm {\n    model: model_%d\n    tools: [tool_%d, \"tool_%d\"]\n    to: \"output\"\n"+
				"    prompt: {\n        file: \"prompts/agent.txt\"\n        variables: { tone: \"short\" }\n    }\n}\n\n", i/4, i, i+1, i+2, i+2)
		case 2:
			fmt.Fprintf(&b, "tool_%d = api functions {\n    path: \"functions_%d.py\"\n    max_concurrent: 4\n    drain_timeout: 30\n}\n\n", i, i)
		default:
			fmt.Fprintf(&b, "model_%d = llm openai {\n    model: \"gpt-4o-mini\"\n    api_key: $OPENAI_API_KEY\n    temperature: 0.%d\n    streaming: true\n    memory: notes\n}\n\n", i, i%10)
		}
	}
	b.WriteString("notes = memory short_term {}\n")
	return []byte(b.String())
}

func key(name string) (string, bool) { return "k", name == "OPENAI_API_KEY" }

func TestAThousandComponentsAreClean(t *testing.T) {
	t.Parallel()
	src := many(1000)
	p, diags := project.CheckText("main.ww", src, key)
	if left := settled(diags); len(left) > 0 || len(p.Components) < 1000 || len(src) < 130_000 {
		t.Errorf("%d components from %d bytes\n%s", len(p.Components), len(src), codes(left))
	}
}

func TestWhatCheckingTakesGrowsWithTheFileAndNoFaster(t *testing.T) {
	taken := func(n int) float64 {
		src := many(n)
		return testing.AllocsPerRun(2, func() { project.CheckText("main.ww", src, key) })
	}
	if few, lots := taken(1000), taken(8000); lots > 8.5*few {
		t.Errorf("1,000 components take %.0f allocations, 8,000 take %.0f", few, lots)
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{10, 1000, 2000, 4000, 8000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := many(n)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				project.CheckText("main.ww", src, key)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/component")
		})
	}
}

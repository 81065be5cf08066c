package parser

import (
	"fmt"
	"strings"
	"testing"
)

// thousand is a file of 1,000 components, about 160 KB, with some of everything.
func thousand() []byte {
	var b strings.Builder
	for i := range 1000 {
		if i%4 == 0 {
			fmt.Fprintf(&b, "# component %d\nagent_%d = agent llm {\n    model: model_%d\n    tools: [api_%d, \"search\"]\n    streaming = true\n"+
				"    hooks: [\n        { event: \"agent.thought\", script: \"hooks.py\", function: \"on_thought\" },\n    ]\n}\n\n", i, i, i+1, i+2)
			continue
		}
		fmt.Fprintf(&b, "model_%d = llm openai {\n    model: \"gpt-4o-mini\"\n    api_key: $OPENAI_API_KEY\n    temperature: 0.%d\n    prompt: \"You are number %d.\"\n}\n\n", i, i%10, i)
	}
	return []byte(b.String())
}

func TestThousandComponentsAreClean(t *testing.T) {
	src := thousand()
	f, l := Parse("big.ww", src)
	if len(f.Decls) != 1000 || len(l) != 0 || len(src) < 140_000 {
		t.Errorf("%d declarations from %d bytes, %v", len(f.Decls), len(src), codes(l))
	}
}

func BenchmarkParseThousand(b *testing.B) {
	src := thousand()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse("big.ww", src)
	}
}

func BenchmarkScanThousand(b *testing.B) {
	src := string(thousand())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		scan("big.ww", src)
	}
}

// BenchmarkFirstParse is what a process pays that parses one small file.
func BenchmarkFirstParse(b *testing.B) {
	src := []byte("a = llm openai {\n model: \"x\"\n}\n")
	for b.Loop() {
		Parse("a.ww", src)
	}
}

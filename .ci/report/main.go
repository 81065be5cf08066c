// Command report reads `go test -json` on standard input, prints what a person wants to see of it, and fails when a
// test failed, when a test was skipped, or when nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type line struct {
	Action, Package, Test, Output string
}

func main() {
	os.Exit(run())
}

func run() int {
	var failed, passed int
	var skips []string
	output := map[string][]string{} // of the tests that are running
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var l line
		if json.Unmarshal(in.Bytes(), &l) != nil {
			fmt.Println(in.Text()) // what a compiler says is not JSON
			continue
		}
		key := l.Package + " " + l.Test
		switch l.Action {
		case "output":
			show(l, key, output)
		case "pass":
			passed += count(l)
			delete(output, key)
		case "skip":
			if l.Test != "" {
				skips = append(skips, l.Package+" "+l.Test+": "+strings.TrimSpace(strings.Join(output[key], "")))
			}
		case "fail":
			failed += max(1, count(l))
			fmt.Print(strings.Join(output[key], ""))
		}
	}
	for _, s := range skips {
		fmt.Println("skipped, which is not allowed here:", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, len(skips))
	if failed > 0 || len(skips) > 0 || passed == 0 || in.Err() != nil {
		return 1
	}
	return 0
}

func count(l line) int {
	if l.Test == "" {
		return 0
	}
	return 1
}

// show prints what belongs to a package at once and keeps what belongs to a test until its end is known.
func show(l line, key string, output map[string][]string) {
	switch {
	case l.Test != "":
		output[key] = append(output[key], l.Output)
	case strings.HasPrefix(l.Output, "PASS"), strings.HasPrefix(l.Output, "?"):
	default:
		fmt.Print(l.Output)
	}
}

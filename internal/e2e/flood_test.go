package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Eight components print at once: every line is on disk, in order, after the end as well. ww bench
// logs does the same with a million lines and tells the times.
func TestAFloodOfEightWritersIsOnDiskInOrder(t *testing.T) {
	const writers, lines = 8, 3000
	var src strings.Builder
	var names []string
	for i := range writers {
		names = append(names, fmt.Sprint("w", i))
		fmt.Fprintf(&src, "w%d = custom process { command: [\"./ww\", \"bench-writer\", \"component\"] }\n", i)
	}
	p := newProject(t, src.String()+"in = input command_line { to: ["+strings.Join(names, ", ")+"] }\n")
	if err := os.Symlink(p.exe, filepath.Join(p.dir, "ww")); err != nil {
		t.Fatal(err)
	}
	p.must("dev", "-d", "--trust")
	p.must("chat", strconv.Itoa(lines))
	p.must("down")
	p.nothing()

	next := map[string]int{}
	for line := range strings.Lines(p.must("logs", "--tail", "0", "--stream", "stderr", "--json").out) {
		var l struct{ Component, Text string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.Split(l.Text, " ")[0])
		if err != nil {
			continue // not one of the writers' lines
		}
		if n != next[l.Component] {
			t.Fatalf("%s: line %d where %d belongs", l.Component, n, next[l.Component])
		}
		next[l.Component]++
	}
	for _, name := range names {
		if next[name] != lines {
			t.Errorf("%s has %d lines, want %d", name, next[name], lines)
		}
	}
}

package fleet

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Summary counts the components in words, what needs a person first: "✗ 1 failed  ◐ 1 starting  ● 5 ready".
func Summary(t *theme.Theme, components []state.Component) string {
	count := map[state.Word]int{}
	for _, c := range components {
		if c.State == state.Active {
			c.State = state.Ready
		}
		count[c.State]++
	}
	var parts []string
	for _, w := range []state.Word{state.Failed, state.Starting, state.Draining, state.Stopped, state.Ready} {
		if n := count[w]; n > 0 {
			glyph, ink := t.Glyph(w)
			parts = append(parts, ink.Paint(fmt.Sprintf("%s %d %s", glyph, n, w)))
		}
	}
	if n := openBreakers(components); n > 0 {
		parts = append(parts, t.Warn.Paint(fmt.Sprintf("! %d breaker%s open", n, plural(n))))
	}
	return strings.Join(parts, "  ")
}

// openBreakers counts the ways on which no call goes.
func openBreakers(components []state.Component) int {
	n := 0
	for _, c := range components {
		for _, b := range c.Breakers {
			if b.State == "open" || b.State == "forced open" {
				n++
			}
		}
	}
	return n
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

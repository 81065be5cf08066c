package cli

import (
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

// went is a turn that was passed by a and b.
func went(answer string, status event.Status, why string, chain ...string) played {
	if len(chain) == 0 {
		chain = []string{"a", "b"}
	}
	return played{end: event.End{Answer: answer, Status: status, Error: why}, chain: chain}
}

// What differs from run to run in one mode proves nothing; everything else has to be the same in the other.
func TestWhatIsComparedOfTwoModes(t *testing.T) {
	t.Parallel()
	ok, failed := event.StatusOK, event.StatusFailed
	for name, tc := range map[string]struct {
		before, again, after played
		what                 string
		random               bool
	}{
		"the same":                              {went("x", ok, ""), went("x", ok, ""), went("x", ok, ""), "", false},
		"another answer":                        {went("x", ok, ""), went("x", ok, ""), went("y", ok, ""), "answer", false},
		"another reason":                        {went("", failed, "tired"), went("", failed, "tired"), went("", failed, "ill"), "status", false},
		"a random answer":                       {went("1", ok, ""), went("2", ok, ""), went("3", ok, ""), "", true},
		"a random answer, and another chain":    {went("1", ok, ""), went("2", ok, ""), went("3", ok, "", "a", "c"), "chain", true},
		"a random answer, and then it fails":    {went("1", ok, ""), went("2", ok, ""), went("", failed, "ill"), "status", true},
		"it fails at random":                    {went("1", ok, ""), went("", failed, "ill"), went("", failed, "ill"), "", true},
		"a random chain":                        {went("1", ok, ""), went("1", ok, "", "a", "c"), went("1", ok, "", "a", "d"), "", true},
		"a random reason":                       {went("", failed, "at 1"), went("", failed, "at 2"), went("", failed, "at 3"), "", true},
		"another chain with the same answer":    {went("x", ok, ""), went("x", ok, ""), went("x", ok, "", "a"), "chain", false},
		"it failed, and is well in the new one": {went("", failed, "ill"), went("", failed, "ill"), went("x", ok, ""), "status", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := compare([]scriptTurn{{Text: "hi"}}, []played{tc.before}, []played{tc.again}, []played{tc.after})
			what := ""
			for _, d := range v.Differences {
				what += d.What
				if d.Hop == "" || d.Turn != 1 {
					t.Errorf("turn %d, hop %q", d.Turn, d.Hop)
				}
			}
			if what != tc.what || v.Same != (tc.what == "") || (v.Random == 1) != tc.random || slices.Contains(v.RandomTurns, 1) != tc.random {
				t.Errorf("%q, same %t, random %v; want %q, random %t", what, v.Same, v.RandomTurns, tc.what, tc.random)
			}
		})
	}
}

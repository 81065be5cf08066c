package event

import (
	"slices"
	"testing"
)

func TestAChainIsGoneThroughOnce(t *testing.T) {
	for _, want := range [][]string{nil, {"a"}, {"a", "b", "c"}} {
		var got []string
		chain := MakeChain(want)
		for {
			next, rest, fixed := NextInChain(chain)
			if !fixed {
				t.Fatalf("%v: %q is no chain", want, chain)
			}
			if next == "" {
				break
			}
			got, chain = append(got, next), rest
		}
		if !slices.Equal(got, want) {
			t.Errorf("went through %v, want %v", got, want)
		}
	}
	for _, rest := range []string{"", ChainEnd, "b,c"} {
		if next, left, fixed := NextInChain(Detour("a", rest)); next != "a" || left != rest || !fixed {
			t.Errorf("a detour to a with the rest %q leads to %q, %q", rest, next, left)
		}
	}
	if _, _, fixed := NextInChain(""); fixed {
		t.Error("no chain at all is one")
	}
}

package parser

import (
	"reflect"
	"testing"

	"github.com/woodwork-lang/ww/golden"
)

func TestUsualHeadsAreReadAsTheGrammarReadsThem(t *testing.T) {
	t.Parallel()
	found := 0
	for _, r := range rules(t) {
		found += usualHeads(t, r.Source)
	}
	for _, dir := range []string{"parser", "project/language", "project/problems", "project/corpus"} {
		for _, src := range golden.Sources(t, dir, ".ww") {
			found += usualHeads(t, src)
		}
	}
	for _, src := range pathological(200) {
		found += usualHeads(t, src)
	}
	if found < 500 {
		t.Errorf("only %d usual heads in all files", found)
	}
}

// usualHeads compares the two readers of heads wherever in a text the quick one finds a head, and is how often it did.
func usualHeads(t *testing.T, src string) (found int) {
	toks := scan("", src).toks
	for i := range toks {
		quick, n := usualHead(toks[i:])
		if n == 0 {
			continue
		}
		found++
		if full, m, err := grammarHead(toks[i:]); err != nil || m != n || !reflect.DeepEqual(quick, full) {
			t.Errorf("the %d tokens at %s are %d to the grammar, %v", n, toks[i].Value, m, err)
		}
	}
	return found
}

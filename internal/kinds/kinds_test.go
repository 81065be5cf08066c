package kinds_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/kinds"
)

func TestTableIsSortedAndEveryEntryIsFound(t *testing.T) {
	t.Parallel()
	list := kinds.List()
	order := func(a, b kinds.Entry) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type)) }
	if !slices.IsSortedFunc(list, order) {
		t.Error("the table is not in the order of kind, then type")
	}
	for i, e := range list {
		if build, ok := kinds.Lookup(e.Kind, e.Type); !ok || build == nil {
			t.Errorf("%s %s is listed and not found", e.Kind, e.Type)
		}
		if i > 0 && order(list[i-1], e) == 0 {
			t.Errorf("%s %s is listed twice", e.Kind, e.Type)
		}
	}
	if _, ok := kinds.Lookup("llm", "console"); ok {
		t.Error("found an llm console")
	}
}

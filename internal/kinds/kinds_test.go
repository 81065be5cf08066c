package kinds_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
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

func TestTheTableSaysWhatEachKindTakes(t *testing.T) {
	t.Parallel()
	for spec, want := range map[[2]string]string{
		{"llm", "scripted"}:        "chain.text process_request llm.chat",
		{"agent", "llm"}:           "chain.text process_request",
		{"input", "command_line"}:  "chain.text",
		{"custom", "process"}:      "",
		{"task_master", "central"}: "",
		{"memory", "short_term"}:   "chain.text process_request",
	} {
		if got, _ := kinds.Takes(component.Spec{Kind: spec[0], Type: spec[1]}); strings.Join(got, " ") != want {
			t.Errorf("%v takes %q, want %q", spec, got, want)
		}
	}
	_, without := kinds.Takes(component.Spec{Kind: "llm", Type: "echo"})
	_, with := kinds.Takes(component.Spec{Kind: "llm", Type: "echo", Files: []string{"hooks.py"}})
	if slices.Contains(without, "script.pipe") || !slices.Contains(with, "script.pipe") {
		t.Errorf("pipes are taken by whoever runs a file: %q and %q", without, with)
	}
}

package component

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
)

// configured is what a kind says of itself, with what the .ww file says of the component.
func (r *Runner) configured(t Traits) Traits {
	config := r.spec.Config
	if n := int(number(config["max_concurrent"])); n > 0 && (t.MaxConcurrent <= 0 || n < t.MaxConcurrent) {
		t.MaxConcurrent = n // a program that takes one at a time is not handed two
	}
	for _, c := range words(config["capabilities"]) {
		if !slices.Contains(t.Capabilities, c) {
			t.Capabilities = append(slices.Clone(t.Capabilities), c)
		}
	}
	if t.InputEvents == nil {
		t.InputEvents = r.takesOf
	}
	if in := words(config["input_events"]); in != nil {
		t.InputEvents = in
	}
	if out := words(config["output_events"]); out != nil {
		t.OutputEvents = out
	}
	return t
}

func words(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// takes says whether this component takes messages of this type. One that does not say takes every type. A message may be
// named by its type, as in chain.text and process_request, or by who sends it, as in agent.output and agent.request.
func (r *Runner) takes(m *event.Message) bool {
	in := r.inputs.Load()
	if in == nil || len(*in) == 0 || slices.Contains(r.own, m.Type) {
		return true
	}
	names := []string{m.Type}
	if kind := r.spec.Kinds[m.Source]; kind != "" {
		switch m.Type {
		case event.TypeText:
			names = append(names, event.OutputOf(kind))
		case event.TypeProcess:
			names = append(names, event.RequestOf(kind))
		}
	}
	return slices.ContainsFunc(*in, func(pattern string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return fits(pattern, name) })
	})
}

// fits compares a name with a pattern, in which * stands for one token and > at the end for the rest.
func fits(pattern, name string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(name, ".")
	for i, w := range want {
		switch {
		case w == ">":
			return i < len(have)
		case i >= len(have) || w != "*" && w != have[i]:
			return false
		}
	}
	return len(want) == len(have)
}

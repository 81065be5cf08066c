package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Called is a call of a tool that was made.
type Called struct {
	Name      string         `json:"name"`
	Function  string         `json:"function,omitempty"`
	Arguments map[string]any `json:"arguments,omitempty"`
}

// Outcome is how a turn went.
type Outcome struct {
	Status string
	Answer string
	Error  string
	Chain  []string
	Tools  []Called
	Took   time.Duration
}

// Failure is an expectation that did not hold.
type Failure struct {
	Expected string `json:"expected"` // which one: answer, contains, …
	Line     int    `json:"line"`     // where that stands
	Want     string `json:"want"`
	Got      string `json:"got"`
}

// Judge says which expectations of a turn did not hold. A turn that is not expected to fail is expected to be ok.
func (f *File) Judge(t Turn, o Outcome) []Failure {
	j := judge{turn: &t}
	j.status(t, o)
	j.answer(t, o)
	j.way(t, o)
	limit := t.Within
	if limit == 0 {
		limit = f.Within
	}
	if limit > 0 && o.Took > time.Duration(limit) {
		j.fail("within", time.Duration(limit).String(), o.Took.Round(time.Millisecond).String())
		if t.Within == 0 {
			j.failed[len(j.failed)-1].Line = f.lines["within"]
		}
	}
	return j.failed
}

// judge is what did not hold so far.
type judge struct {
	turn   *Turn
	failed []Failure
}

func (j *judge) fail(what, want, got string) {
	j.failed = append(j.failed, Failure{what, cmp.Or(j.turn.lines[what], j.turn.Line), want, got})
}

func (j *judge) status(t Turn, o Outcome) {
	status := t.Status
	if status == "" && t.Error == "" {
		status = "ok"
	}
	if status != "" && o.Status != status || status == "" && o.Status == "ok" {
		got := o.Status
		if o.Error != "" {
			got += ": " + o.Error
		}
		j.fail("status", orText(status, "not ok"), got)
	}
	if t.Error != "" && !strings.Contains(o.Error, t.Error) {
		j.fail("error", t.Error, orText(o.Error, "no error"))
	}
}

func (j *judge) answer(t Turn, o Outcome) {
	if t.Answer != nil && o.Answer != *t.Answer {
		j.fail("answer", *t.Answer, o.Answer)
	}
	for _, part := range t.Contains {
		if !strings.Contains(o.Answer, part) {
			j.fail("contains", part, o.Answer)
		}
	}
	if t.Matches != nil && !t.Matches.MatchString(o.Answer) {
		j.fail("matches", t.Matches.String(), o.Answer)
	}
	if t.JSON != nil {
		var got any
		if err := json.Unmarshal([]byte(o.Answer), &got); err != nil || !within(plain(t.JSON), got) {
			j.fail("json", text(t.JSON), o.Answer)
		}
	}
}

// way is the hops and the tools.
func (j *judge) way(t Turn, o Outcome) {
	if t.Chain != nil && !slices.Equal(t.Chain, o.Chain) {
		j.fail("chain", strings.Join(t.Chain, " → "), strings.Join(o.Chain, " → "))
	}
	if t.Hops != nil && *t.Hops != len(o.Chain) {
		j.fail("hops", fmt.Sprint(*t.Hops), fmt.Sprint(len(o.Chain)))
	}
	if t.Tools != nil && !sameTools(*t.Tools, o.Tools) {
		j.fail("tools", text(*t.Tools), text(o.Tools))
	}
}

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// sameTools compares the calls that are expected with those that were made, in their order. A function or arguments that
// are not named may be any; of arguments those count that are.
func sameTools(want []Tool, got []Called) bool {
	return slices.EqualFunc(want, got, func(w Tool, g Called) bool {
		return w.Name == g.Name && (w.Function == "" || w.Function == g.Function) &&
			(len(w.Arguments) == 0 || within(plain(w.Arguments), plain(g.Arguments)))
	})
}

// within reports whether everything in want is in got.
func within(want, got any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(want, got)
	}
	g, _ := got.(map[string]any)
	for k, v := range w {
		other, there := g[k]
		if !there || !within(v, other) {
			return false
		}
	}
	return true
}

// plain is a value as JSON has it: numbers are numbers.
func plain(v any) any {
	var out any
	b, err := json.Marshal(v)
	if err != nil || json.Unmarshal(b, &out) != nil {
		return v
	}
	return out
}

func text(v any) string {
	if tools, ok := v.([]Tool); ok {
		called := []Called{}
		for _, t := range tools {
			called = append(called, Called(t))
		}
		v = called
	}
	if called, ok := v.([]Called); ok && len(called) == 0 {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

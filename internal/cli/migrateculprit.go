package cli

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/recording"
)

// tapedCall is what one component asked another one, as it was recorded.
type tapedCall struct{ step, by, to, typ, request, answer string }

// said is a call as it is shown.
func (c tapedCall) said() string { return c.by + " → " + c.to + " " + c.request }

// eventTime is the time in an event for a pipe: another one on every run.
var eventTime = regexp.MustCompile(`"timestamp": ?[0-9.e+]+,? ?`)

// ofTape are the calls of a turn, and what the components on its way handed on, as they were recorded. An app that
// records nothing has neither, and they are not compared then.
func ofTape(state string, end event.End) (calls []tapedCall, made map[string]string) {
	rec, err := recording.Of(state, end.Session)
	if err != nil {
		return nil, nil
	}
	t, n := rec.Turn(end.Turn)
	if n == 0 {
		return nil, nil
	}
	made = map[string]string{}
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Kind == recording.KindHop {
			made[e.Component] += string(e.Answer) + e.Error
			continue
		}
		c := tapedCall{e.Step(), e.Component, e.To, e.Type, string(e.Request), string(e.Answer) + e.Error}
		if e.Type == events.TypePipe {
			c.request, c.answer = eventTime.ReplaceAllString(c.request, ""), eventTime.ReplaceAllString(c.answer, "")
		}
		calls = append(calls, c)
	}
	slices.SortStableFunc(calls, func(a, b tapedCall) int { return cmp.Or(len(a.step)-len(b.step), strings.Compare(a.step, b.step)) })
	return calls, made
}

// call reports whether a tool was asked or answered otherwise, though it came to the same in the end. What differs in one
// mode is chance.
func (d *difference) call(a, again, b played) bool {
	tools := func(p played) (all []tapedCall) {
		for _, c := range p.calls {
			if c.typ == event.TypeProcess {
				all = append(all, c)
			}
		}
		return all
	}
	was, is := tools(a), tools(b)
	if slices.Equal(was, is) || !slices.Equal(was, tools(again)) {
		return false
	}
	d.What = "call"
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(is):
			d.Hop, d.Before = was[i].by, was[i].said()
		case i >= len(was):
			d.Hop, d.After = is[i].by, is[i].said()
		case was[i] == is[i]:
			continue
		case was[i].said() != is[i].said():
			d.Hop, d.Before, d.After = was[i].by, was[i].said(), is[i].said()
		default:
			d.Hop, d.Before, d.After = culprit(a, b), was[i].answer, is[i].answer
		}
		break
	}
	return true
}

// made reports whether a component on the way handed on something else, though it came to the same in the end.
func (d *difference) made(a, again, b played) bool {
	for _, name := range a.chain {
		if other(a.made, b.made, name) && !other(a.made, again.made, name) {
			d.What, d.Hop, d.Before, d.After = "hop", culprit(a, b), a.made[name], b.made[name]
			return true
		}
	}
	return false
}

// other says whether both know what a component handed on, and it is not the same.
func other(a, b map[string]string, name string) bool {
	was, ok1 := a[name]
	is, ok2 := b[name]
	return ok1 && ok2 && was != is
}

// culprit is the first component that did something else: of those on the way, and of those that they asked.
func culprit(a, b played) string {
	for _, name := range a.chain {
		if guilty := among(name, a.calls, b.calls); guilty != "" {
			return guilty
		}
		if other(a.made, b.made, name) || other(a.said, b.said, name) {
			return name
		}
	}
	was, is := plainHops(a), plainHops(b)
	for i, h := range was {
		if i < len(is) && h.Component == is[i].Component && (h.BytesOut != is[i].BytesOut || h.Error != is[i].Error) {
			return h.Component
		}
	}
	if n := len(a.chain); n > 0 {
		return a.chain[n-1]
	}
	return "the way to the first component"
}

// among is the component that did something else first in the calls that were made for one: who asked for something else,
// or who answered the same otherwise, and nobody that it asked for it did. Empty: none.
func among(of string, a, b []tapedCall) string {
	for _, was := range a {
		number, below := strings.CutPrefix(was.step, of+"/")
		if !below || strings.Contains(number, "/") {
			continue
		}
		i := slices.IndexFunc(b, func(is tapedCall) bool { return is.step == was.step })
		switch {
		case i < 0 || was.said() != b[i].said() || was.typ != b[i].typ:
			return was.by
		case was.answer != b[i].answer:
			return cmp.Or(among(was.step, a, b), was.to)
		}
	}
	return ""
}

// plainHops are the hops of the components on the way, without the task master.
func plainHops(p played) (all []event.Hop) {
	for _, h := range p.end.Hops {
		if slices.Contains(p.chain, h.Component) {
			all = append(all, h)
		}
	}
	return all
}

package recording

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Answers are what one model said in a recording, found by what it was asked.
type Answers struct {
	rec   *Recording
	ww    string // the version that plays
	model string
	chat  string // the type of a conversation
	all   []Entry
	mu    sync.Mutex
	used  []bool
}

// AnswersOf are the answers of a model; of the only one that there is when model is empty. chat is the type of request in
// which models are given a conversation.
func AnswersOf(r *Recording, model, chat, ww string) (*Answers, error) {
	a := &Answers{rec: r, ww: ww, model: model, chat: chat}
	var names []string
	for _, t := range r.Turns {
		for _, e := range t.Entries {
			name := callee(&e)
			if e.Unrecorded || r.kindOf(name) != "llm" && e.Type != chat || model != "" && name != model {
				continue
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			a.all = append(a.all, e)
		}
	}
	switch {
	case len(a.all) == 0 && model != "":
		return nil, fmt.Errorf("%q said nothing in this recording", model)
	case len(a.all) == 0:
		return nil, fmt.Errorf("no model said anything in this recording")
	case len(names) > 1:
		return nil, fmt.Errorf("several models spoke in this recording: say which, as in model: %q; there are %s", names[0], strings.Join(names, ", "))
	}
	a.used = make([]bool, len(a.all))
	return a, nil
}

// Answer is what was said to this body: each recorded answer once, then the last one again. why says what was asked
// instead, when nobody asked that.
func (a *Answers) Answer(typ string, body []byte) (e Entry, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := -1
	for i := range a.all {
		if !a.asked(i, typ) || !a.same(i, body) {
			continue
		}
		last = i
		if !a.used[i] {
			break
		}
	}
	if last >= 0 {
		a.used[last] = true
		return a.all[last], ""
	}
	for i := range a.all {
		if !a.used[i] && a.asked(i, typ) {
			d, _ := diff("request", a.all[i].Request, body)
			return e, fmt.Sprintf("this was not asked when it was recorded: %s was %q and is %q", d.field, brief(d.was), brief(d.is))
		}
	}
	return e, fmt.Sprintf("this was not asked when it was recorded: %q", brief(string(body)))
}

// same compares what is asked with what was asked. Another version of ww may put its own words otherwise.
func (a *Answers) same(i int, body []byte) bool {
	e := &a.all[i]
	if bytes.Equal(e.Request, body) {
		return true
	}
	by, _ := a.rec.Component(e.Component)
	return by.WW != a.ww && bytes.Equal(withoutOurs(e.Request), withoutOurs(body))
}

// asked reports whether an answer belongs to requests of a type: to conversations, or to texts.
func (a *Answers) asked(i int, typ string) bool { return (a.all[i].Type == a.chat) == (typ == a.chat) }

func brief(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

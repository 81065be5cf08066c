package scripted

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Script is a file of patterns and what is answered to them.
type Script struct {
	Name   string
	Blocks []Block
}

// Block is what is done when one of its patterns matches, or, as the last resort, otherwise.
type Block struct {
	Span      diag.Span
	Otherwise bool
	Patterns  []Pattern
	Steps     []Step
}

// Pattern is one form of an input.
type Pattern struct {
	Span   diag.Span
	Source string // as written
	expr   *regexp.Regexp
}

// Verb is the first word of a step.
type Verb string

// The verbs.
const (
	Say    Verb = "say"    // add the text to the answer
	Stream Verb = "stream" // the same, word by word, over a time
	Wait   Verb = "wait"   // let a time pass
	Fail   Verb = "fail"   // end the turn as failed
	Think  Verb = "think"  // the same as wait, in the words of an agent
	Call   Verb = "call"   // ask another component and keep its answer
	Log    Verb = "log"    // write a line to the component's log
	Crash  Verb = "crash"  // the component's process dies
)

// Step is one thing to do.
type Step struct {
	Verb  Verb
	Span  diag.Span
	For   time.Duration // of stream, wait and think
	Text  Template      // of say, stream, fail and log; of call, what is sent
	To    string        // of call: the component
	Func  string        // of call: its function; empty: it has none, or needs no name
	Or    *Template     // of call: the answer when it fails; nil: the turn fails
	Times int           // of crash: only the first so many attempts; 0: all
}

// calls returns the calls of the script, in the order of the file.
func (s *Script) calls() []Step {
	var out []Step
	for _, b := range s.Blocks {
		for _, step := range b.Steps {
			if step.Verb == Call {
				out = append(out, step)
			}
		}
	}
	return out
}

// Template is a text with places for what the pattern captured: literal parts and names in turn, beginning with a
// literal one.
type Template struct {
	Span  diag.Span
	parts []part
	json  bool // an object: what is filled in stands inside of JSON texts
}

type part struct {
	literal string
	name    string // when not empty: the capture that stands here
	span    diag.Span
}

// Places are what stands in the places of a text: what was captured, and what was answered to calls.
type Places map[string]string

// Reply returns what to do with an input, and what it filled in: the steps of the first block that has a matching
// pattern, or those of `otherwise`.
func (s *Script) Reply(text string) ([]Step, Places, bool) {
	for _, b := range s.Blocks {
		if places, ok := b.match(text); ok {
			return b.Steps, places, true
		}
	}
	return nil, nil, false
}

// lastAnswer is the place of what the last call answered.
const lastAnswer = "last"

// answer keeps what a call answered. The input stays what it was, whatever a component is called.
func (p Places) answer(component, text string) {
	if component != wholeInput {
		p[component] = text
	}
	p[lastAnswer] = text
}

// wholeInput is the capture that every block has, `otherwise` too.
const wholeInput = "text"

func (b Block) match(text string) (Places, bool) {
	captures := Places{wholeInput: strings.TrimSpace(text)}
	if b.Otherwise {
		return captures, true
	}
	for _, p := range b.Patterns {
		found := p.expr.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		for i, name := range p.names() {
			for _, n := range name {
				captures[n] = found[i]
			}
		}
		return captures, true
	}
	return nil, false
}

// names returns, for every group of the pattern, what a template may call it: its number, and its name when it has one.
func (p Pattern) names() [][]string {
	groups := p.expr.SubexpNames()
	out := make([][]string, len(groups))
	for i, name := range groups {
		out[i] = []string{groupNumber(i)}
		if name != "" {
			out[i] = append(out[i], name)
		}
	}
	return out
}

func (p Pattern) captures(name string) bool {
	if name == wholeInput {
		return true
	}
	for _, group := range p.names() {
		for _, n := range group {
			if n == name {
				return true
			}
		}
	}
	return false
}

// Fill puts the places into the text.
func (t Template) Fill(places Places) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.literal)
		if value := places[p.name]; t.json {
			b.WriteString(inJSON(value))
		} else {
			b.WriteString(value)
		}
	}
	return b.String()
}

// inJSON is a text as it stands between the quotes of a JSON text.
func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}

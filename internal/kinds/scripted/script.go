package scripted

import (
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
)

// Step is one thing to do.
type Step struct {
	Verb Verb
	For  time.Duration // of stream and wait
	Text Template      // of say, stream and fail
}

// Template is a text with places for what the pattern captured: literal parts and names in turn, beginning with a
// literal one.
type Template struct {
	Span  diag.Span
	parts []part
}

type part struct {
	literal string
	name    string // when not empty: the capture that stands here
	span    diag.Span
}

// Action is a step whose text is filled in.
type Action struct {
	Verb Verb
	For  time.Duration
	Text string
}

// Reply returns what to do with an input: the steps of the first block that has a matching pattern, or those of
// `otherwise`.
func (s *Script) Reply(text string) ([]Action, bool) {
	for _, b := range s.Blocks {
		if captures, ok := b.match(text); ok {
			actions := make([]Action, len(b.Steps))
			for i, step := range b.Steps {
				actions[i] = Action{Verb: step.Verb, For: step.For, Text: step.Text.fill(captures)}
			}
			return actions, true
		}
	}
	return nil, false
}

// wholeInput is the capture that every block has, `otherwise` too.
const wholeInput = "text"

func (b Block) match(text string) (map[string]string, bool) {
	captures := map[string]string{wholeInput: strings.TrimSpace(text)}
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

func (t Template) fill(captures map[string]string) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.literal)
		b.WriteString(captures[p.name])
	}
	return b.String()
}

package scripted

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// standInText is what the stand-in for a model says when it has nothing to do.
func standInText(text string) string {
	return "This is the offline stand-in for a model. You said: " + strings.TrimSpace(text)
}

// remembered shows that something is: what the user said last.
func remembered(before string) string {
	last := ""
	for line := range strings.Lines(before) {
		if said, ok := strings.CutPrefix(line, "[USER] "); ok {
			last = strings.TrimSpace(said)
		}
	}
	if last == "" {
		return ""
	}
	return "\nBefore that you said: " + last
}

// found shows the passage that a knowledge base puts first.
func found(base string, res component.Result) string {
	if res.ContentType == tool.Failure {
		return "\n" + string(res.Body)
	}
	passage, _, _ := strings.Cut(string(res.Body), "\n\n[File: ")
	return "\n" + base + " says: " + strings.Join(strings.Fields(passage), " ")
}

// order is a call that the user asked for in so many words.
type order struct {
	component, function, inputs string
}

func (o order) String() string {
	if o.function == "" {
		return o.component
	}
	return o.component + "." + o.function
}

// orders finds `call NAME.FUNCTION {json}` and `call NAME {json}` in a text, in order.
func orders(text string) []order {
	var out []order
	if m := regexp.MustCompile(`(?i)^\s*call\s+([\p{L}_][\p{L}\p{M}\p{N}_-]*)\.([\p{L}\p{M}\p{N}_.-]+)\s*$`).FindStringSubmatch(text); m != nil {
		return []order{{component: m[1], function: m[2], inputs: "{}"}} // all that is said is a call without inputs
	}
	head := regexp.MustCompile(`(?i)\bcall\s+([\p{L}_][\p{L}\p{M}\p{N}_-]*)(?:\.([\p{L}\p{M}\p{N}_.-]+))?\s*(\{)`)
	for text != "" {
		m := head.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		o := order{component: text[m[2]:m[3]]}
		if m[4] >= 0 {
			o.function = text[m[4]:m[5]]
		}
		rest := text[m[6]:]
		var inputs json.RawMessage
		d := json.NewDecoder(strings.NewReader(rest))
		if d.Decode(&inputs) != nil {
			text = text[m[7]:]
			continue
		}
		var flat bytes.Buffer
		if json.Compact(&flat, inputs) == nil {
			inputs = flat.Bytes()
		}
		o.inputs = string(inputs)
		out = append(out, o)
		text = rest[d.InputOffset():]
	}
	return out
}

// improvise makes the calls that the user asked for, one after the other, then says what came of them.
func improvise(text string, made []string, tools []chat.Def, reply *chat.Reply) {
	todo := orders(text)
	reply.Model = "stand-in"
	if len(made) < len(todo) {
		o := todo[len(made)]
		reply.Content = "The user wants a call of " + o.String() + "." // hooks hear of a thought, as of a model's
		reply.Calls = []chat.Call{{ID: callID(len(made)), Name: nameOf(tools, o.component, o.function), Arguments: o.inputs}}
		return
	}
	if len(todo) == 0 {
		reply.Content = standInText(text)
		return
	}
	lines := make([]string, len(todo))
	for i, o := range todo {
		if failure, ok := strings.CutPrefix(made[i], "Error: "); ok {
			lines[i] = o.String() + " failed: " + failure
			continue
		}
		lines[i] = o.String() + " answered: " + made[i]
	}
	reply.Content = strings.Join(lines, "\n")
}

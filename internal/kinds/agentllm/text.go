package agentllm

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// action is what the model wants done.
type action struct {
	Tool   string         `json:"tool"`
	Action string         `json:"action"`
	Inputs map[string]any `json:"inputs"`
	Output string         `json:"output"`
}

// payload is the action as hooks and pipes see it.
func (a action) payload() map[string]any {
	return map[string]any{"tool": a.Tool, "action": a.Action, "inputs": a.Inputs, "output": a.Output}
}

// changed is the action as pipes left it.
func (a action) changed(v any) action {
	m, ok := v.(map[string]any)
	if !ok {
		return a
	}
	a.Tool, a.Action, a.Output = textOr(m["tool"], a.Tool), textOr(m["action"], a.Action), textOr(m["output"], a.Output)
	a.Inputs = dictOr(m["inputs"], a.Inputs)
	return a
}

func textOr(v any, otherwise string) string {
	if s, ok := v.(string); ok {
		return s
	}
	return otherwise
}

func dictOr(v any, otherwise map[string]any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	return otherwise
}

// move is a reply in the protocol of text: a thought, and an action or the final answer.
type move struct {
	thought string
	action  *action
	end     int // where the action ends in the reply
	final   string
	problem string // for the model: why its action cannot be done
}

// upToAction is the reply without what the model made up behind its action.
func (m move) upToAction(content string) string {
	if m.end > 0 && m.end <= len(content) {
		return strings.TrimSpace(content[:m.end])
	}
	return content
}

const (
	thoughtWord = "Thought:"
	actionWord  = "Action:"
	finalWord   = "Final Answer:"
)

// parseMove reads a reply. An action wins over a final answer: what follows an action is made up.
func parseMove(content string) move {
	var m move
	at := strings.Index(content, actionWord)
	final := strings.Index(content, finalWord)
	m.thought = thoughtOf(content)
	if at >= 0 {
		if open := strings.IndexByte(content[at:], '{'); open >= 0 && !strings.Contains(content[at:at+open], finalWord) {
			m.take(content, at+open)
			return m
		}
	}
	if final >= 0 {
		m.final = strings.TrimSpace(content[final+len(finalWord):])
	}
	return m
}

// take reads the object that begins at open.
func (m *move) take(content string, open int) {
	raw, end := object(content[open:])
	m.end = open + end
	var keys map[string]any
	if err := tool.Decode([]byte(clean(raw)), &keys); err != nil {
		if python, ok := fromPython(clean(raw)); ok && tool.Decode([]byte(python), &keys) == nil {
			err = nil
		}
		if keys == nil {
			m.problem = "Error: the action is not valid JSON (" + err.Error() + "). Write one JSON object with the keys tool, action, inputs and output."
			return
		}
	}
	var missing []string
	for _, k := range []string{"tool", "action", "inputs"} {
		if _, ok := keys[k]; !ok {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		m.problem = "Error: the action lacks the key " + strings.Join(missing, ", ") + ". An action is a JSON object with the keys tool, action, inputs and output."
		return
	}
	a := action{Tool: textOr(keys["tool"], ""), Action: textOr(keys["action"], ""), Output: textOr(keys["output"], "")}
	inputs, ok := keys["inputs"].(map[string]any)
	if !ok && keys["inputs"] != nil {
		m.problem = "Error: the inputs of an action are a JSON object of names and values."
		return
	}
	a.Inputs = inputs
	if a.Inputs == nil {
		a.Inputs = map[string]any{}
	}
	m.action = &a
}

// thoughtOf is the thought in a reply: what stands behind the word, or all of it when it has no other part.
func thoughtOf(content string) string {
	rest := content
	if i := strings.Index(content, thoughtWord); i >= 0 {
		rest = content[i+len(thoughtWord):]
	}
	for _, word := range []string{actionWord, finalWord} {
		if i := strings.Index(rest, word); i >= 0 {
			rest = rest[:i]
		}
	}
	rest = strings.TrimSpace(rest)
	rest = strings.TrimSuffix(rest, "```json")
	return strings.TrimSpace(strings.TrimSuffix(rest, "```"))
}

// object is the text from its opening brace to the one that closes it, and where that is. Without one it is all.
func object(s string) (string, int) {
	depth, quote, escape := 0, byte(0), false
	for i := range len(s) {
		c := s[i]
		switch {
		case escape:
			escape = false
		case quote != 0:
			escape = c == '\\'
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'' && valueBefore(s[:i]):
			quote = c
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 {
				return s[:i+1], i + 1
			}
		}
	}
	return s, len(s)
}

// valueBefore reports whether a single quote behind this text opens a value: an apostrophe does not.
func valueBefore(s string) bool {
	s = strings.TrimRight(s, " \t\r\n")
	return s != "" && strings.ContainsRune("{[,:", rune(s[len(s)-1]))
}

// clean takes out what models put into JSON that is none of it.
func clean(s string) string {
	return strings.NewReplacer("\r", "", "\u200b", "", "\u200c", "", "\u200d", "", "\ufeff", "").Replace(s)
}

// fromPython rewrites a Python literal as JSON: single quotes, True, False, None, and commas behind the last item.
func fromPython(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\'' || c == '"':
			text, n, ok := pythonText(s[i:])
			if !ok {
				return "", false
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				return "", false
			}
			b.Write(quoted)
			i += n
		case c >= 'A' && c <= 'Z':
			n := len(s[i:]) - len(strings.TrimLeft(s[i:], "TrueFalsNon"))
			word, ok := map[string]string{"True": "true", "False": "false", "None": "null"}[s[i:i+n]]
			if !ok {
				return "", false
			}
			b.WriteString(word)
			i += n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return regexp.MustCompile(`,(\s*[}\]])`).ReplaceAllString(b.String(), "$1"), true
}

// pythonText reads a quoted text and how long it is with its quotes.
func pythonText(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case '\\', '\'', '"':
				b.WriteByte(s[i])
			default:
				b.WriteByte('\\')
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

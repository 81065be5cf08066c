package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// shownRows bounds how much of an answer to a call stands in the chat: the chain and the log have all of it.
const shownRows = 12

// sameCalls says that nothing happened between two looks at the calls of a turn.
func sameCalls(a, b []state.Call) bool {
	return slices.EqualFunc(a, b, func(x, y state.Call) bool { return x.ID == y.ID && x.Done == y.Done })
}

// calls draws what the components of the turn asked of their tools: a line each, and below it, when unfolded, what was
// asked and what was answered.
func (b block) calls(unfolded bool) []string {
	var lines []string
	from := ""
	for _, c := range b.turn.Calls {
		if c.Type != "" && c.Type != event.TypeProcess {
			continue // a model's: its answer is what the chat shows
		}
		who := ""
		if c.From != from {
			who, from = kit.CleanLine(c.From), c.From
		}
		rows := []string{b.call(c, unfolded)}
		if unfolded {
			rows = append(rows, b.details(c)...)
		}
		lines = append(lines, b.say(who, rows, b.theme.Accent)...)
	}
	return lines
}

// call is one call in one line: what was asked of whom on the left, what came of it on the right.
func (b block) call(c state.Call, unfolded bool) string {
	t, w := b.theme, b.textWidth()
	mark := t.Marks.Folded
	if unfolded {
		mark = t.Marks.Unfolded
	}
	end, ink := outcome(t, c)
	if c.Fallback != "" && kit.Width(end) > w/2 { // who answered says more than how fast
		end = t.Marks.Yes + " by fallback"
	}
	end = kit.FitTail(end, min(kit.Width(end), max(w/2, 10)), t.Marks.Ellipsis)
	room := max(1, w-kit.Width(mark)-2-kit.Width(end))
	return t.Dim.Paint(mark) + " " + kit.FitTail(asked(c), room, t.Marks.Ellipsis) + " " + ink.Paint(end)
}

// outcome is what came of a call, in a few words.
func outcome(t *theme.Theme, c state.Call) (string, theme.Ink) {
	switch {
	case !c.Done:
		return "running" + t.Marks.Ellipsis, t.Dim
	case c.Error != "":
		return t.Marks.No + " " + kit.CleanLine(withoutCode(c.Error, c.To)), t.Bad
	case c.Fallback != "":
		return t.Marks.Yes + " " + kit.Took(c.Took) + ", by fallback " + kit.CleanLine(c.Fallback), t.Warn
	}
	return t.Marks.Yes + " " + kit.Took(c.Took), t.Dim
}

// asked is a call as a programmer writes it: weather.forecast(city: "Paris").
func asked(c state.Call) string {
	name, inputs, ok := parts(c.Data)
	if !ok {
		return kit.CleanLine(fmt.Sprintf("%s(%q)", c.To, c.Data))
	}
	if name != "" {
		name = "." + name
	}
	args := make([]string, len(inputs))
	for i, in := range inputs {
		args[i] = in.name + ": " + in.value
	}
	return kit.CleanLine(c.To + name + "(" + strings.Join(args, ", ") + ")")
}

type input struct{ name, value string }

// parts reads a request of a tool: {"action": …, "inputs": {…}}, or nothing but inputs.
func parts(data string) (action string, inputs []input, ok bool) {
	var whole map[string]json.RawMessage
	if json.Unmarshal([]byte(data), &whole) != nil {
		return "", nil, false
	}
	if raw, has := whole["inputs"]; has && json.Unmarshal(whole["action"], &action) == nil {
		whole = nil
		if json.Unmarshal(raw, &whole) != nil {
			return "", nil, false
		}
	}
	for name, v := range whole {
		inputs = append(inputs, input{name, compact(v)})
	}
	slices.SortFunc(inputs, func(a, b input) int { return strings.Compare(a.name, b.name) })
	return action, inputs, true
}

func compact(v json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, v) != nil {
		return string(v)
	}
	return b.String()
}

// details are what was asked and what was answered, one below the other.
func (b block) details(c state.Call) []string {
	var rows []string
	add := func(label, text string, ink theme.Ink) {
		if text == "" {
			return
		}
		const indent = 2
		w := max(1, b.textWidth()-indent-detailWidth)
		lines := kit.WrapAll(kit.Clean(pretty(text)), w)
		if n := len(lines); n > shownRows {
			lines = append(lines[:shownRows:shownRows], fmt.Sprintf("%s %d more lines", b.theme.Marks.Ellipsis, n-shownRows))
		}
		for i, l := range lines {
			if i > 0 {
				label = ""
			}
			rows = append(rows, strings.Repeat(" ", indent)+b.theme.Dim.Paint(kit.Fit(label, detailWidth))+ink.Paint(l))
		}
	}
	add("asked", c.Data, theme.Ink{})
	add("answer", c.Result, theme.Ink{})
	add("error", c.Error, b.theme.Bad)
	return rows
}

// detailWidth is the column of the words beside details.
const detailWidth = 8

// pretty is JSON with a line for each field, and everything else as it is.
func pretty(s string) string {
	var out bytes.Buffer
	if t := strings.TrimSpace(s); !strings.HasPrefix(t, "{") && !strings.HasPrefix(t, "[") || json.Indent(&out, []byte(t), "", "  ") != nil {
		return s
	}
	return out.String()
}

package lsp_test

import (
	"slices"
	"strings"
	"testing"
)

type item struct {
	Label, Detail, SortText, FilterText string
	TextEdit                            struct{ NewText string }
}

func labels(c *client, question any) []string {
	got := result[struct{ Items []item }](c, "textDocument/completion", question).Items
	slices.SortStableFunc(got, func(a, b item) int { return strings.Compare(a.SortText, b.SortText) })
	var all []string
	for _, i := range got {
		all = append(all, i.Label)
	}
	return all
}

func TestWhatCouldComeNextIsOffered(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		text  string
		first string   // the best offers, in order
		some  string   // must be offered
		never []string // must not
	}{
		"kinds":                    {"a = ‸", "", "llm echo", []string{"decomposer llm"}},
		"types":                    {"a = llm ‸", "", "ollama", []string{"functions"}},
		"a type, half typed":       {"a = llm ec‸ {}", "", "echo", []string{"llm echo"}},
		"settings":                 {"‸", "", "recording", nil},
		"values of settings":       {"recording = ‸", "", "off", nil},
		"properties":               {"a = llm scripted {\n  ‸\n}", "script", "max_concurrent", []string{"delay"}},
		"not those that are there": {"a = llm scripted {\n  ‸\n  script: \"x\"\n}", "", "to", []string{"script"}},
		"in an unclosed block":     {"a = custom scripted {\n  s‸\n\nb = llm echo {}\n", "script", "side_effects", nil},
		"inside of a property":     {"a = llm echo { breaker: { ‸ } }", "", "failure_threshold", []string{"to"}},
		"in blocks of a list":      {"a = llm echo { hooks: [{ ‸ }] }", "event", "script_path", []string{"to"}},
		"a block with a kind":      {"message_bus = redis { ‸ }", "", "", []string{"to"}},
		"booleans":                 {"a = custom scripted { side_effects: ‸ }", "false true", "true", nil},
		"one of some texts":        {"a = llm echo { restart: ‸ }", "", "on-failure", nil},
		"the same in quotes":       {"a = llm echo { restart: \"‸\" }", "", "on-failure", nil},
		"components":               {"in = input command_line { to: ‸ }\na = llm echo {}\nout = output console {}", "a out", "out", []string{"in"}},
		"those that fit first":     {"x = agent llm { model: ‸ }\nfiles = api functions { path: \"f\" }\nmind = llm echo {}", "mind files", "mind", []string{"x"}},
		"in a list":                {"x = agent llm { tools: [mind, ‸] }\nfiles = api functions {}\nmind = llm echo {}", "files mind", "files", nil},
		"in quotes in a list":      {"x = agent llm { tools: [\"fi‸\"] }\nfiles = api functions {}", "files", "files", nil},
		"variables":                {"a = llm openai { api_key: $‸ }", "$DOT_KEY $ENV_KEY", "$PLAIN", nil},
		"secrets without a $":      {"a = llm openai { api_key: ‸ }", "$DOT_KEY", "$ENV_KEY", nil},
		"in braces":                {"a = llm echo { delay: ${‸ }", "", "$PLAIN", nil},
		"files":                    {"a = llm scripted { script: \"‸\" }", "hello.script", "hello.script", []string{"main.ww"}},
		"nothing in a comment":     {"a = llm echo { # ‸", "", "", []string{"to"}},
		"nothing in a text":        {"a = llm ollama { model: \"‸\" }", "", "", []string{"to", "$PLAIN"}},
		"nothing behind a value":   {"a = llm echo { delay: 1 ‸ }", "", "", []string{"to"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, "ENV_KEY=hidden-value", "PLAIN=1")
			c.hello()
			c.file(".env", "DOT_KEY=hidden-value\n")
			c.file("hello.script", "")
			question := c.open(want.text)
			got := labels(c, question)
			if best := strings.Fields(want.first); len(got) < len(best) || !slices.Equal(got[:len(best)], best) {
				t.Errorf("first come %v, want %v", got[:min(len(got), 5)], best)
			}
			if want.some != "" && !slices.Contains(got, want.some) {
				t.Errorf("%s is not among %v", want.some, got)
			}
			for _, no := range want.never {
				if slices.Contains(got, no) {
					t.Errorf("%s is offered", no)
				}
			}
			if a := c.ask("textDocument/completion", question); strings.Contains(string(a.Result), "hidden-value") {
				t.Error("the value of a variable is shown")
			}
		})
	}
}

// TestCompletionsFitIn puts what was offered into the text and checks that the file is right then.
func TestCompletionsFitIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ label, result string }{
		"a = ‸":                                       {"llm scripted", "a = llm scripted {\n    script: \"$1\"\n}$0"},
		"a = llm ec‸":                                 {"echo", "a = llm echo {$0}"},
		"a = llm ec‸ {}":                              {"echo", "a = llm echo {}"},
		"a = llm echo { de‸ }":                        {"delay", "a = llm echo { delay:  }"},
		"a = llm echo { de‸: 1 }":                     {"delay", "a = llm echo { delay: 1 }"},
		"b = x y {k = 1}\na = llm echo { de‸ }":       {"delay", "b = x y {k = 1}\na = llm echo { delay =  }"},
		"a = llm echo { restart: ‸ }":                 {"never", "a = llm echo { restart: \"never\" }"},
		"a = llm echo { delay: ${X‸ }":                {"$PLAIN", "a = llm echo { delay: ${PLAIN} }"},
		"a = llm echo { delay: ${X‸} }":               {"$PLAIN", "a = llm echo { delay: ${PLAIN} }"},
		"x = agent llm { tools: ‸ }\nb = llm echo {}": {"b", "x = agent llm { tools: [b] }\nb = llm echo {}"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			c := start(t, "PLAIN=1")
			c.hello()
			items := result[struct {
				Items []struct {
					Label    string
					TextEdit edit
				}
			}](c, "textDocument/completion", c.open(text)).Items
			for _, i := range items {
				if i.Label == want.label {
					if got := apply(strings.Replace(text, "‸", "", 1), i.TextEdit); got != want.result {
						t.Errorf("%q", got)
					}
					return
				}
			}
			t.Errorf("%s is not offered", want.label)
		})
	}
}

type edit struct {
	Range struct {
		Start, End struct{ Line, Character int }
	}
	NewText string
}

// apply makes edits, from the last to the first, in a text of one-unit characters.
func apply(text string, edits ...edit) string {
	slices.Reverse(edits)
	for _, e := range edits {
		lines := strings.SplitAfter(text, "\n")
		at := func(line, character int) int { return len(strings.Join(lines[:line], "")) + character }
		text = text[:at(e.Range.Start.Line, e.Range.Start.Character)] + e.NewText + text[at(e.Range.End.Line, e.Range.End.Character):]
	}
	return text
}

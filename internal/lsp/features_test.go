package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const app = `# Talks to people.
you = input command_line { to: "keeper" }

# Keeps things
# in order.
keeper = agent scripted {
    script: "keeper.script"
    tools: [files, "mind"]
    to: screen
}
files = custom scripted { script: "files.script", side_effects: true }
mind = llm ollama { model: $MODEL }
screen = output console {}
`

// put sets the cursor into the app before the n-th occurrence of a text, and some bytes into it.
func put(text string, n, into int) string {
	at := 0
	for range n {
		at += strings.Index(app[at:], text) + len(text)
	}
	at += into - len(text)
	return app[:at] + "‸" + app[at:]
}

func TestWordsAreExplained(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		text string
		says []string
	}{
		"a component where it is used": {put("keeper", 1, 2), []string{"keeper = agent scripted", "Keeps things\nin order."}},
		"and where it is declared":     {put("you", 1, 0), []string{"you = input command_line", "Talks to people."}},
		"a kind":                       {put("agent scripted", 1, 1), []string{"**agent scripted**", "`script`, required"}},
		"a type":                       {put("agent scripted", 1, 8), []string{"**agent scripted**"}},
		"a property":                   {put("side_effects", 1, 3), []string{"**side_effects**: true or false", "Default: `false`"}},
		"a variable that is not set":   {put("$MODEL", 1, 3), []string{"`MODEL` is not set"}},
		"a setting":                    {"recor‸ding = \"off\"", []string{"**recording**", "One of `\"on\"`, `\"off\"`"}},
		"a property inside":            {"a = llm echo { breaker: { failure_thre‸shold: 3 } }", []string{"**failure_threshold**: a whole number"}},
		"nothing":                      {put("\n\n", 1, 1), nil},
		"broken text":                  {"a = llm echo {\n  del‸ay: [1\n", []string{"**delay**"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			c.hello()
			a := c.ask("textDocument/hover", c.open(want.text))
			if want.says == nil && string(a.Result) != "null" {
				t.Errorf("it says %s", a.Result)
			}
			var got struct{ Contents struct{ Value string } }
			_ = json.Unmarshal(a.Result, &got)
			for _, part := range want.says {
				if !strings.Contains(got.Contents.Value, part) {
					t.Errorf("%q is not in %q", part, got.Contents.Value)
				}
			}
		})
	}
}

func TestADefinitionIsFoundFromEveryUse(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	c.file("keeper.script", "")
	type where struct {
		URI   string
		Range struct{ Start struct{ Line, Character int } }
	}
	for text, want := range map[string]string{
		put("keeper", 1, 6): "main.ww 5:0", put("files,", 1, 0): "main.ww 10:0", put("\"mind", 1, 2): "main.ww 11:0",
		put("screen", 1, 1): "main.ww 12:0", put("screen", 2, 1): "main.ww 12:0", put("keeper.script", 1, 3): "keeper.script 0:0",
	} {
		got := result[where](c, "textDocument/definition", c.open(text))
		if at := fmt.Sprintf("%s %d:%d", strings.TrimPrefix(got.URI, c.uri("")+"/"), got.Range.Start.Line, got.Range.Start.Character); at != want {
			t.Errorf("%s, want %s", at, want)
		}
	}
	for _, text := range []string{put("files.script", 1, 3), put("Keeps", 1, 1), put("agent", 1, 1)} {
		if a := c.ask("textDocument/definition", c.open(text)); string(a.Result) != "null" {
			t.Errorf("something is found: %s", a.Result)
		}
	}
}

func TestRenamingChangesEveryUseAndNothingElse(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	type change struct {
		DocumentChanges []struct {
			TextDocument struct{ Version int }
			Edits        []edit
		}
	}
	for _, name := range []string{"keeper", "mind", "files", "screen"} {
		question := c.open(put(name, 1, 1))
		question["newName"] = "other_name"
		got := result[change](c, "textDocument/rename", question).DocumentChanges
		if len(got) != 1 || got[0].TextDocument.Version != 1 {
			t.Fatalf("%+v", got)
		}
		want := strings.NewReplacer(name+".script", name+".script", name, "other_name").Replace(app)
		if now := apply(app, got[0].Edits...); now != want {
			t.Errorf("%s:\n%s", name, now)
		}
	}
	if got := result[struct{ Placeholder string }](c, "textDocument/prepareRename", c.open(put("\"mind", 1, 2))); got.Placeholder != "mind" {
		t.Errorf("prepared for %q", got.Placeholder)
	}
	if a := c.ask("textDocument/prepareRename", c.open(put("model", 1, 2))); string(a.Result) != "null" {
		t.Errorf("prepared for %s", a.Result)
	}
	for newName, text := range map[string]string{
		"9x": put("mind", 1, 1), "a b": put("mind", 1, 1), "": put("mind", 1, 1), "None": put("mind", 1, 1), // no names
		"files": put("mind", 1, 1),                                               // taken
		"local": "a‸ = llm echo {}\nb = knowledge_base chroma { client: local }", // text would become a reference
		"out":   "a‸ = llm echo { to: \"out\" }",                                 // a target of the future
		"x":     put("model", 1, 1),                                              // nothing to rename
		"fine":  "a‸ = llm echo {\nb = llm echo { to: a }",                       // who knows what else is there
	} {
		question := c.open(text)
		question["newName"] = newName
		if a := c.ask("textDocument/rename", question); a.Error == nil {
			t.Errorf("%q is taken as a name: %s", newName, a.Result)
		}
	}
}

func TestEditorsWithoutVersionsGetPlainEdits(t *testing.T) {
	t.Parallel()
	c := start(t)
	result[any](c, "initialize", map[string]any{"capabilities": map[string]any{}})
	question := c.open(put("mind", 1, 1))
	question["newName"] = "m"
	got := result[struct{ Changes map[string][]edit }](c, "textDocument/rename", question)
	if len(got.Changes[c.uri("main.ww")]) != 2 {
		t.Errorf("%+v", got)
	}
	for _, i := range result[struct {
		Items []struct{ InsertTextFormat int }
	}](c, "textDocument/completion", c.open("a = ‸")).Items {
		if i.InsertTextFormat == 2 {
			t.Error("a snippet for an editor that has none")
		}
	}
}

func TestUsesAreMarked(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	question := c.open(put("mind", 1, 1))
	if got := result[[]struct{ Kind int }](c, "textDocument/documentHighlight", question); len(got) != 2 || got[0].Kind != 2 || got[1].Kind != 3 {
		t.Errorf("%+v", got)
	}
	question["context"] = map[string]any{"includeDeclaration": false}
	if got := result[[]any](c, "textDocument/references", question); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	if got := result[[]any](c, "textDocument/references", c.open(put("model", 1, 1))); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestADocumentIsFormatted(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	for text, want := range map[string]string{
		"a=llm echo{}\n":                        "a = llm echo {}\n",
		"# x\na=llm echo{}":                     "# x\na = llm echo {}\n",
		"a = llm echo {}\n\n\n\nb=1\r\nc = 1\n": "a = llm echo {}\n\nb = 1\nc = 1\n",
		app:                                     strings.Replace(app, "}\nfiles", "}\n\nfiles", 1),
	} {
		edits := result[[]edit](c, "textDocument/formatting", c.open(text))
		if got := apply(text, edits...); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if edits := result[[]edit](c, "textDocument/formatting", c.open("a = llm echo {}\n")); len(edits) != 0 {
		t.Errorf("%+v", edits)
	}
	if edits := result[[]edit](c, "textDocument/formatting", c.open("# a\n# b\nc=1\n# d\n")); len(edits) != 1 || edits[0].Range.Start.Line != 2 || edits[0].Range.End.Line != 3 {
		t.Errorf("more than the line that differs: %+v", edits)
	}
	if a := c.ask("textDocument/formatting", c.open("a = llm echo {")); string(a.Result) != "null" {
		t.Errorf("a broken file: %s", a.Result)
	}
}

func TestTheOutlineHasWhatIsDeclared(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	type symbol struct {
		Name, Detail string
		Kind         int
		Children     []struct{ Name string }
	}
	got := result[[]symbol](c, "textDocument/documentSymbol", c.open("recording = \"off\"\n"+app))
	var names []string
	for _, s := range got {
		names = append(names, s.Name)
	}
	if strings.Join(names, " ") != "recording you keeper files mind screen" {
		t.Errorf("%v", names)
	}
	if k := got[2]; k.Detail != "agent scripted" || len(k.Children) != 3 || k.Children[1].Name != "tools" {
		t.Errorf("%+v", k)
	}
}

// TestNothingAsksTooMuchOfBrokenText asks every question at every place of a text that is cut off there.
func TestNothingAsksTooMuchOfBrokenText(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	for i := range app {
		text := app[:i]
		question := c.open(text + "‸")
		question["newName"] = "n"
		for _, method := range []string{
			"completion", "hover", "definition", "references", "documentHighlight", "prepareRename", "rename", "formatting", "documentSymbol",
		} {
			if a := c.ask("textDocument/"+method, question); a.Error != nil && a.Error.Code == -32603 {
				t.Fatalf("%s: %s after %q", method, a.Error.Message, text)
			}
		}
	}
}

func TestMistakesThatAreSureAreMended(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"in = input command_line { to: bran‸ }\nbrain = llm echo {}":     "in = input command_line { to: brain }\nbrain = llm echo {}",
		"in = input command_line { to: \"bra‸n\" }\nbrain = llm echo {}": "in = input command_line { to: \"brain\" }\nbrain = llm echo {}",
		"a = llm ehco‸ {}":                "a = llm echo {}",
		"a = echo l‸lm {}":                "a = llm echo {}",
		"a = llm echo { dela‸y_: 1 }":     "a = llm echo { delay: 1 }",
		"a = llm echo { 'dela‸y_': 1 }":   "a = llm echo { 'delay': 1 }",
		"a = llm ollama { model: qwe‸n }": "a = llm ollama { model: \"qwen\" }",
		"a = custom scripted { script: \"a.script\", side_effects: \"Tr‸ue\" }": "a = custom scripted { script: \"a.script\", side_effects: true }",
		"a = llm scripted { script: \"./a.scrip‸\" }":                           "a = llm scripted { script: \"a.script\" }",
		"a = llm ollama { model: \"q\"  pro‸mpt: {} }":                          "a = llm ollama { model: \"q\", prompt: {} }",
		"a = llm echo { restart: \"newer‸\" }":                                  "a = llm echo { restart: \"never\" }",
		"a = llm echo { ‸ }":                                                    "",
		"a = llm xyzzy‸ {}":                                                     "",
		"a = llm openai { api_key: \"$K‸EY\" }\n":                               "a = llm openai { api_key: $KEY }\n",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			c.hello()
			c.file("a.script", "otherwise\n  say \"hi\"\n")
			question := c.open(text)
			question["range"] = map[string]any{"start": question["position"], "end": question["position"]}
			got := result[[]struct {
				Kind        string
				Diagnostics []any
				Edit        struct{ DocumentChanges []struct{ Edits []edit } }
			}](c, "textDocument/codeAction", question)
			if want == "" {
				if len(got) > 0 {
					t.Errorf("%+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Kind != "quickfix" || len(got[0].Diagnostics) != 1 {
				t.Fatalf("%+v", got)
			}
			if now := apply(strings.Replace(text, "‸", "", 1), got[0].Edit.DocumentChanges[0].Edits...); now != want {
				t.Errorf("%q, want %q", now, want)
			}
		})
	}
}

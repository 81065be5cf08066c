package lsp_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestASessionEndsAsItShould(t *testing.T) {
	t.Parallel()
	t.Run("goodbye", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		c.hello()
		if a := c.ask("shutdown", nil); string(a.Result) != "null" || a.Error != nil {
			t.Errorf("shutdown gives %+v", a)
		}
		if a := c.ask("textDocument/hover", map[string]any{}); a.Error == nil || a.Error.Code != -32600 {
			t.Errorf("after shutdown: %+v", a)
		}
		c.notify("exit", nil)
		if got := c.exit(); got != 0 {
			t.Errorf("exit status %d: %s", got, c.stderr.String())
		}
	})
	t.Run("exit alone", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		c.hello()
		c.notify("exit", nil)
		if got := c.exit(); got != 1 {
			t.Errorf("exit status %d", got)
		}
	})
	t.Run("the editor is gone", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		c.hello()
		c.in.Close()
		if got := c.exit(); got != 1 || !strings.Contains(c.stderr.String(), "ended without saying so") {
			t.Errorf("exit status %d: %s", got, c.stderr.String())
		}
	})
	t.Run("gone after shutdown", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		c.hello()
		c.ask("shutdown", nil)
		c.in.Close()
		if got := c.exit(); got != 0 {
			t.Errorf("exit status %d", got)
		}
	})
	t.Run("not an editor at all", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		if _, err := c.in.Write([]byte("hello\n")); err != nil {
			t.Fatal(err)
		}
		if got := c.exit(); got != 1 || !strings.Contains(c.stderr.String(), "no language client") {
			t.Errorf("exit status %d: %s", got, c.stderr.String())
		}
	})
}

func TestWhatIsNoGoodRequestGetsAnError(t *testing.T) {
	t.Parallel()
	c := start(t)
	if a := c.ask("textDocument/hover", map[string]any{}); a.Error == nil || a.Error.Code != -32002 {
		t.Errorf("before initialize: %+v", a)
	}
	c.notify("textDocument/didOpen", map[string]any{}) // dropped
	c.hello()
	for text, code := range map[string]int{
		`{"jsonrpc":"2.0","id":"x","method":"textDocument/nothing"}`:                                     -32601,
		`{"jsonrpc":"2.0","id":"x","method":"textDocument/hover","params":[]}`:                           -32602,
		`{"jsonrpc":"2.0","id":"x","method":"textDocument/hover","params":{"textDocument":{"uri":"a"}}}`: -32602,
		`{"jsonrpc":"2.0","id":"x","method":"initialize","params":{}}`:                                   -32600,
	} {
		c.write(text)
		if a := c.await(func(a answer) bool { return string(a.ID) == `"x"` }); a.Error == nil || a.Error.Code != code {
			t.Errorf("%s: %+v", text, a)
		}
	}
	for text, code := range map[string]int{
		`{"jsonrpc":`: -32700, `[]`: -32600, `{"id":{},"method":"x"}`: -32600, "": -32700, "\xff": -32700,
	} {
		c.write(text)
		if a := c.await(func(a answer) bool { return string(a.ID) == "null" || len(a.ID) == 0 && a.Error != nil }); a.Error == nil || a.Error.Code != code {
			t.Errorf("%q: %+v", text, a)
		}
	}
	for _, text := range []string{
		`{"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"off"}}`, `{"jsonrpc":"2.0","method":"unknown"}`,
		`{"jsonrpc":"2.0","id":7,"result":null}`, `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"gone"}}}`,
	} {
		c.write(text) // no answer, no end
	}
	if a := c.ask("shutdown", nil); a.Error != nil {
		t.Errorf("the session is over: %+v", a.Error)
	}
}

func TestProblemsAreToldWhileOneTypes(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	uri := c.uri("main.ww")
	c.open("a = llm echo {}\nin = input command_line { to: b }\n")
	if got := c.published(uri, 1); got != "E_UNKNOWN_REF@1:30" {
		t.Errorf("opened: %s", got)
	}
	change := func(version int, changes ...any) {
		c.notify("textDocument/didChange", map[string]any{
			"textDocument": map[string]any{"uri": uri, "version": version}, "contentChanges": changes,
		})
	}
	at := func(line, from, to int) map[string]any {
		return map[string]any{
			"start": map[string]any{"line": line, "character": from}, "end": map[string]any{"line": line, "character": to},
		}
	}
	change(2, map[string]any{"range": at(1, 30, 31), "text": "a"})
	if got := c.published(uri, 2); got != "" {
		t.Errorf("mended: %s", got)
	}
	// Several changes of one message come one after the other; only the last version is checked.
	change(3, map[string]any{"range": at(0, 0, 0), "text": "# 😀 "}, map[string]any{"range": at(0, 5, 5), "text": "\nx = 1 # 😀\n"})
	change(4, map[string]any{"range": at(0, 99, 99), "text": "!"})
	change(5, map[string]any{"range": at(1, 0, 1), "text": "y"})
	if got := c.published(uri, 5); got != "W_UNKNOWN_KEY@1:0" {
		t.Errorf("with characters of two units: %s", got)
	}
	change(6, map[string]any{"text": "a = llm"})
	if got := c.published(uri, 6); !strings.HasPrefix(got, "E_SYNTAX") && !strings.HasPrefix(got, "W_") {
		t.Errorf("replaced as a whole: %s", got)
	}
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
	if got := c.published(uri, 6); got != "" {
		t.Errorf("closed: %s", got)
	}
}

func TestAFileThatComesLaterIsSeenWhenSomethingIsSaved(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.hello()
	c.open("a = llm scripted { script: \"a.script\" }\n")
	if got := c.published(c.uri("main.ww"), 1); got != "E_NO_FILE@0:27" {
		t.Errorf("without it: %s", got)
	}
	c.file("a.script", "otherwise\n  say \"hi\"\n")
	c.notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": c.uri("main.ww")}})
	if got := c.published(c.uri("main.ww"), 1); got != "" {
		t.Errorf("with it: %s", got)
	}
}

// TestPlacesAreInTheUnitsThatWereAgreedOn asks the same question in three units.
func TestPlacesAreInTheUnitsThatWereAgreedOn(t *testing.T) {
	t.Parallel()
	const line = `in = input command_line { /* 😀é */ to: "bot" }`
	for name, want := range map[string]struct {
		offer []string
		agree string
		at    int
	}{
		"what nobody asked for": {nil, "utf-16", 41},
		"unknown ones":          {[]string{"utf-7"}, "utf-16", 41},
		"bytes":                 {[]string{"utf-8", "utf-16"}, "utf-8", 44},
		"characters":            {[]string{"utf-32"}, "utf-32", 40},
		"the first choice":      {[]string{"utf-16", "utf-8"}, "utf-16", 41},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			if got := c.hello(want.offer...)["positionEncoding"]; got != want.agree {
				t.Errorf("agreed on %v, want %s", got, want.agree)
			}
			question := c.open("bot = llm echo {}\n" + line)
			question["position"] = map[string]any{"line": 1, "character": want.at + 1}
			var got []struct {
				Range struct{ Start, End struct{ Line, Character int } }
			}
			a := c.ask("textDocument/references", question)
			if err := json.Unmarshal(a.Result, &got); err != nil || len(got) != 2 {
				t.Fatalf("%s (%v)", a.Result, err)
			}
			if r := got[1].Range; r.Start.Line != 1 || r.Start.Character != want.at || r.End.Character != want.at+3 {
				t.Errorf("the use is at %+v, want %d", r, want.at)
			}
		})
	}
}

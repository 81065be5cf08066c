package lsp

import (
	"fmt"
	"strings"
	"testing"
)

// short is a place on one line: what is open, then the entry, then where the word under the cursor begins.
func short(text string, p place) string {
	if p.silent {
		return "comment"
	}
	var b strings.Builder
	for _, o := range p.open {
		fmt.Fprintf(&b, "%s%s%c", o.key, o.words, o.sign)
	}
	fmt.Fprintf(&b, "%s%v%s", p.key, p.sep, p.words)
	if p.quote {
		b.WriteByte('"')
	}
	b.WriteString("|" + text[p.start:])
	return b.String()
}

func TestPlacesAreKnownInBrokenText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "false[]|",
		"a":                                      "false[]|a",
		"a = ":                                   "atrue[]|",
		"a = ll":                                 "atrue[]|ll",
		"a =\n ll":                               "atrue[]|ll",
		"a = llm ":                               "atrue[llm]|",
		"a = llm ec":                             "atrue[llm]|ec",
		"a = llm.ec":                             "atrue[]|llm.ec",
		"a = x\nb":                               "false[]|b",
		"a = llm echo {":                         "a[llm echo]{false[]|",
		"a = llm echo\n{ de":                     "a[llm echo]{false[]|de",
		"a = llm echo { delay: 1, d":             "a[llm echo]{false[]|d",
		"a = llm echo {\n delay: 1\n d":          "a[llm echo]{false[]|d",
		"a = llm echo {\n delay:":                "a[llm echo]{delaytrue[]|",
		"a = llm echo {\n delay: $HO":            "a[llm echo]{delaytrue[]|$HO",
		"a = llm echo {\n delay: ${":             "a[llm echo]{delaytrue[]|${",
		"a = llm echo {\n delay: ${HO":           "a[llm echo]{delaytrue[]|${HO",
		"a = llm echo {\n delay:\n d":            "a[llm echo]{false[]|d",
		"a = agent llm { tools: [":               "a[agent llm]{tools[][false[]|",
		"a = agent llm { tools: [x, y":           "a[agent llm]{tools[][false[]|y",
		"a = agent llm { tools: [x y":            "a[agent llm]{tools[][false[]|y",
		"a = agent llm { tools: [\"x":            "a[agent llm]{tools[][false[]\"|x",
		"a = agent llm { tools: [x], to: \"":     "a[agent llm]{totrue[]\"|",
		"a = agent llm { hooks: [{ event: 'e'\n": "a[agent llm]{hooks[][[]{eventtrue[e]|",
		"a = l e { message_bus: redis { u":       "a[l e]{message_bus[redis]{false[]|u",
		"a = l e {}\nb":                          "false[]|b",
		"# a":                                    "comment",
		"a = \"#":                                "atrue[]\"|#",
		"a = 1 /* x":                             "comment",
		"a = 1 /* x */ ":                         "atrue[1]|",
		"u: http://h":                            "utrue[]|http://h",
		"a = l e {\n k: \"open\n d":              "a[l e]{false[]|d",
		"a = l e { k: {}":                        "a[l e]{ktrue[]|",
		"é = llm é":                              "étrue[llm]|é",
	} {
		if got := short(text, placeAt(text, len(text), false)); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	broken := "a = llm echo {\n delay: 1\n\nb = llm "
	if got := short(broken, placeAt(broken, len(broken), true)); got != "a[llm echo]{btrue[llm]|" {
		t.Errorf("without a brace below: %s", got)
	}
	broken += "echo {\n de"
	if got := short(broken, placeAt(broken, len(broken), true)); got != "b[llm echo]{false[]|de" {
		t.Errorf("with one: %s", got)
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("a = llm echo {\n delay: 1\n\nb = llm \"x", 20)
	f.Add("/*#\"'${}[]", 3)
	f.Fuzz(func(t *testing.T, text string, offset int) {
		if offset < 0 || offset > len(text) {
			return
		}
		for _, reset := range []bool{false, true} {
			if p := placeAt(text, offset, reset); p.start < 0 || p.start > offset {
				t.Errorf("the word begins at %d, the cursor is at %d", p.start, offset)
			}
		}
	})
}

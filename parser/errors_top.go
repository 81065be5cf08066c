package parser

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// The errors of the top level of a file.

func nameOfWords(words []string, at diag.Span) diag.Diagnostic {
	name := strings.Join(words, "_")
	switch words[0] {
	case "let", "var", "const", "def", "local", "auto", "resource", "component":
		name = words[1]
	}
	return fail(codeSyntax, at, "a name is one word", "second word", fmt.Sprintf("write `%s = …`", name))
}

func missingEquals(first string, at diag.Span, header []string) diag.Diagnostic {
	detail := "a file holds declarations like `name = kind type { … }`"
	switch {
	case len(header) == 3:
		detail = fmt.Sprintf("write `%s = %s {`", header[0], strings.Join(header[1:], " "))
	case len(header) > 0:
		detail = fmt.Sprintf("is the name missing? write `name = %s {`", strings.Join(header, " "))
	case first == "import" || first == "include" || first == "from" || first == "use" || first == "require":
		detail = "a file cannot take in others: an app stands in one .ww file, its prompts and functions in files that it names"
	case strings.HasPrefix(first, "--"):
		detail = commentSigns
	}
	return fail(codeSyntax, at, fmt.Sprintf("%q is not followed by a =", first), "expected =", detail)
}

func colonAtTop(name string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "outside of blocks a : does not join name and value", "expected =",
		fmt.Sprintf("write `%s = …`; if it belongs to the component above, move it before the closing }", name))
}

func notDeclaration(what string, at diag.Span) diag.Diagnostic {
	detail := "a file holds declarations like `name = kind type { … }`"
	switch what {
	case `"{"`:
		detail = "this looks like JSON; " + detail
	case `"["`:
		detail = "this looks like TOML; " + detail
	}
	return fail(codeSyntax, at, "a declaration cannot begin with "+what, "expected a name", detail)
}

func looksLikeXML(at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a declaration cannot begin with <", "expected a name",
		"this looks like XML; a file holds declarations like `name = kind type { … }`")
}

func looksLikeYAML(name string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "outside of blocks a : does not join name and value", "expected =",
		fmt.Sprintf("this looks like YAML; a component is written `%s = kind type { … }`, with lines like `key: value` in its braces", name))
}

func labels(word string, strs []string, at diag.Span) diag.Diagnostic {
	head := word
	name := strs[len(strs)-1]
	if len(strs) > 1 {
		head += " " + strs[0]
	}
	return fail(codeSyntax, at, fmt.Sprintf("%q is not followed by a =", word), "expected =", fmt.Sprintf("write `%s = %s {`", name, head))
}

func badName(name string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, fmt.Sprintf("%q is not a name", name), "not a name",
		"a name has letters, digits, _ and -, and does not begin with a digit")
}

func missingTopValue(name string, at diag.Span) diag.Diagnostic {
	return fail(codeMissingValue, at, fmt.Sprintf("%q has no value", name), "no value",
		fmt.Sprintf("write `%s = kind type { … }` for a component, or `%s = \"text\"` for a setting", name, name))
}

func missingKind(name string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a component needs a kind before its {", "expected a kind",
		fmt.Sprintf("write for example `%s = llm openai {`", name))
}

func extraWord(word string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, fmt.Sprintf("%q is one word too many", word), "expected {",
		"a component has a kind and at most one type, as in `llm openai {` or `input.cli {`")
}

func badKind(word string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, fmt.Sprintf("%q has too many dots", word), "not a kind",
		"at most one dot stands between kind and type, as in `input.cli {`")
}

func missingBody(words []string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a component needs a { } behind its kind and type", "expected {",
		fmt.Sprintf("write `%s { … }`, or quotes around text that holds a blank", strings.Join(words, " ")))
}

package parser

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// The codes of what can be wrong with the form of a file.
const (
	codeSyntax              = "E_SYNTAX"
	codeUnclosedBlock       = "E_UNCLOSED_BLOCK"
	codeUnclosedArray       = "E_UNCLOSED_ARRAY"
	codeUnterminatedString  = "E_UNTERMINATED_STRING"
	codeUnterminatedComment = "E_UNTERMINATED_COMMENT"
	codeMissingValue        = "E_MISSING_VALUE"
	codeTooDeep             = "E_TOO_DEEP"
	codeTooLarge            = "E_TOO_LARGE"
	codeEncoding            = "E_ENCODING"
	codeMissingSeparator    = "W_MISSING_SEPARATOR"
	codeUnknownEscape       = "W_UNKNOWN_ESCAPE"
	codeDuplicateKey        = "W_DUPLICATE_KEY"
)

// Every problem is made by one function, named for the situation, so that the same mistake always reads the same.

func fail(code string, at diag.Span, summary, label, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Severity: diag.Error, Summary: summary, Detail: detail, Span: at, Label: label}
}

func warn(code string, at diag.Span, summary, label, detail string) diag.Diagnostic {
	d := fail(code, at, summary, label, detail)
	d.Severity = diag.Warning
	return d
}

func tooDeep(at diag.Span) diag.Diagnostic {
	return fail(codeTooDeep, at, fmt.Sprintf("brackets nest more than %d levels deep", MaxDepth), "one level too many",
		"split the value into components, or look for brackets that were never closed")
}

func tooLarge(file string, size int) diag.Diagnostic {
	return fail(codeTooLarge, diag.Span{File: file}, fmt.Sprintf("the file has %d MiB; a .ww file may have %d", size>>20, MaxSize>>20), "",
		"keep data in files of its own and name their paths here")
}

func tooLargeFormatted(file string) diag.Diagnostic {
	return fail(codeTooLarge, diag.Span{File: file}, fmt.Sprintf("formatted, the file would have more than %d MiB", MaxSize>>20), "",
		"its values nest so deeply that indentation makes it that large; keep data in files of its own and name their paths here")
}

func badEncoding(at diag.Span, c byte, utf16 bool) diag.Diagnostic {
	detail := "save the file as UTF-8"
	if utf16 {
		detail = "the file looks like UTF-16; save it as UTF-8"
	}
	if c == 0 {
		return fail(codeEncoding, at, "the file holds a NUL byte, so it is not text", "NUL", detail)
	}
	return fail(codeEncoding, at, fmt.Sprintf("byte 0x%02X is not UTF-8 text", c), "not UTF-8", detail)
}

func unclosedBracket(o opener) diag.Diagnostic {
	if o.kind == '[' {
		return fail(codeUnclosedArray, o.at, "this list is never closed", "opened here", "add a ] behind its last item")
	}
	return fail(codeUnclosedBlock, o.at, "this block is never closed", "opened here", "add a } behind its last line")
}

func strayCloser(at diag.Span, c byte) diag.Diagnostic {
	open := "{"
	if c == ']' {
		open = "["
	}
	return fail(codeSyntax, at, fmt.Sprintf("this %c closes nothing", c), "nothing is open here",
		fmt.Sprintf("remove it, or look above for a missing %s or a %c too many", open, c))
}

func unterminatedString(at diag.Span, glued, escaped bool) diag.Diagnostic {
	const summary = "this text has no closing quote"
	switch {
	case glued:
		return fail(codeUnterminatedString, at, summary, "is the opening quote missing?", "put a quote on both sides of the text")
	case escaped:
		return fail(codeUnterminatedString, at, summary, `\ keeps the quote behind it from closing the text`, `write \\ for a backslash`)
	}
	return fail(codeUnterminatedString, at, summary, "opened here", `close it on the same line; write \n for a line break`)
}

func tripleQuotes(at diag.Span, lines bool) diag.Diagnostic {
	code, summary := codeSyntax, "triple quotes are not part of the language"
	if lines {
		code, summary = codeUnterminatedString, "a text cannot go over several lines"
	}
	return fail(code, at, summary, "use one quote", `write the text between one pair of quotes, with \n for a line break`)
}

func unterminatedComment(at diag.Span) diag.Diagnostic {
	return fail(codeUnterminatedComment, at, "this comment is never closed", "opened here", "close it with */, or begin each line with #")
}

func oddText(why string, first rune, at diag.Span) diag.Diagnostic {
	switch why {
	case "arrow":
		return fail(codeSyntax, at, "arrows are not part of the language", "unexpected ->", "name the next component with `to:` instead")
	case "quote":
		return fail(codeSyntax, at, fmt.Sprintf("%c does not quote text", first), "not a quote", `use " or '`)
	case "invisible":
		return fail(codeSyntax, at, fmt.Sprintf("an invisible character (U+%04X) stands here", first), "remove it",
			"it often comes along when text is copied from a web page")
	}
	switch first {
	case ';':
		return fail(codeSyntax, at, "a ; means nothing here", "remove it", "lines need no mark at their end")
	case '(', ')':
		return fail(codeSyntax, at, fmt.Sprintf("%c means nothing here", first), "unexpected", "a block stands in { }, a list in [ ], and text with signs in quotes")
	}
	return fail(codeSyntax, at, fmt.Sprintf("a value cannot begin with %c", first), "unexpected", "put quotes around text that holds signs")
}

func callText(at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "there are no calls in the language", "unexpected",
		"write $NAME for an environment variable; put quotes around text that holds parentheses")
}

func badEnv(at diag.Span, text string) diag.Diagnostic {
	detail := `write $NAME or ${NAME}, or put quotes around text that holds a $`
	if name, _, ok := strings.Cut(strings.TrimPrefix(text, "${"), ":"); ok && envLen("$"+name) == len(name)+1 {
		detail = "there are no defaults: write $" + name
	}
	return fail(codeSyntax, at, "a $ must be followed by the name of an environment variable", "no such name", detail)
}

func gluedToEnv(env string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "nothing may be glued to "+env, "unexpected",
		"put the whole text into one environment variable, or separate the two")
}

func glued(at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "two values are glued together", "begins here",
		"put quotes around the whole text, or a comma between two values")
}

func missingValue(key string, at diag.Span) diag.Diagnostic {
	return fail(codeMissingValue, at, fmt.Sprintf("%q has no value", key), "no value",
		`write one on the same line, as in `+key+`: "text"; only { and [ may begin on the next line`)
}

func missingSeparatorSign(key string, at diag.Span, next *token) diag.Diagnostic {
	detail := fmt.Sprintf("write `%s: value`", key)
	if next.Type == tLBrace || next.Type == tLBrack {
		detail = fmt.Sprintf("write `%s: %s`", key, next.Value)
	}
	return fail(codeSyntax, at, fmt.Sprintf("%q is not followed by a : or =", key), "expected : or =", detail)
}

func leftover(what string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, fmt.Sprintf("%s is left over behind the value", what), "unexpected",
		"put quotes around text that holds blanks or signs, or begin a new line")
}

// unquoted is a leftover that reads on from a bare value.
func unquoted(what, whole string, at diag.Span) diag.Diagnostic {
	d := leftover(what, at)
	d.Detail = fmt.Sprintf("if it is one text, put it in quotes: \"%s\"", whole)
	return d
}

func listInBraces(whole string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a list stands in [ ]", "expected : or =", "write "+whole)
}

func unexpectedInBlock(what string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a key cannot be "+what, "expected a key", "a block holds lines like `key: value`")
}

func blockWithoutKey(at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a block inside of a block needs a key", "expected a key", "write `key: {`, and put quotes around text like {{name}}")
}

func unexpectedInValue(what string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a value cannot be "+what, "expected a value", "put quotes around text that holds signs")
}

func pairInArray(at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a list holds values, not pairs", "unexpected", "put the pairs of one item into { }")
}

func missingSeparator(at diag.Span, what string) diag.Diagnostic {
	return warn(codeMissingSeparator, at, "two "+what+" on one line without a comma between them", "a comma is missing before this",
		"put a comma between them, or each on a line of its own")
}

func unknownEscape(at diag.Span, text string) diag.Diagnostic {
	return warn(codeUnknownEscape, at, text+" means nothing special and is kept as it is", "unknown escape",
		fmt.Sprintf(`write \%s for a backslash; the escapes are \" \\ \' \n \t \r`, text))
}

func duplicateKey(key string, at, first diag.Span) diag.Diagnostic {
	d := warn(codeDuplicateKey, at, fmt.Sprintf("%q is given twice; this one counts", key), "given again", "remove one of the two")
	d.Related = []diag.Related{{Message: "first given here", Span: first}}
	return d
}

// The errors of the top level.

func nameOfWords(words []string, at diag.Span) diag.Diagnostic {
	return fail(codeSyntax, at, "a name is one word", "second word", fmt.Sprintf("write `%s = …`", strings.Join(words, "_")))
}

func missingEquals(first string, at diag.Span, header []string) diag.Diagnostic {
	detail := "a file holds declarations like `name = kind type { … }`"
	if len(header) > 0 {
		detail = fmt.Sprintf("is the name missing? write `name = %s {`", strings.Join(header, " "))
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

// describe names a token for people.
func describe(t *token) string {
	switch t.Type {
	case tNL:
		return "the end of the line"
	case tEOF:
		return "the end of the file"
	case tEnv:
		return "an environment variable"
	case tString, tBadString:
		return "quoted text"
	}
	if t.Value == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", t.Value)
}

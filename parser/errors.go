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

// unclosedBracket is about the bracket that the others leave open. suspect, if there is one, is the bracket that the
// indentation says is it.
func unclosedBracket(o opener, suspect *diag.Related) diag.Diagnostic {
	d := fail(codeUnclosedBlock, o.at, "this block is never closed", "opened here", "add a } behind its last line")
	if o.kind == '[' {
		d = fail(codeUnclosedArray, o.at, "this list is never closed", "opened here", "add a ] behind its last item")
	}
	if suspect != nil {
		d.Related = []diag.Related{*suspect}
	}
	return d
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
		return fail(codeSyntax, at, "arrows are not part of the language", "unexpected ->",
			"name the next component with `to:`; between a key and its value stands a : or =")
	case "fat arrow":
		return fail(codeSyntax, at, "a => is not part of the language", "one sign too many", "between a key and its value stands a : or =")
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
	detail := "put quotes around text that holds signs"
	if first == '|' || first == '&' || first == '+' {
		detail = "several values stand in a list, as in [a, b]; put quotes around text that holds signs"
	}
	return fail(codeSyntax, at, fmt.Sprintf("a value cannot begin with %c", first), "unexpected", detail)
}

func callText(at diag.Span, top bool) diag.Diagnostic {
	detail := "write $NAME for an environment variable; put quotes around text that holds parentheses"
	if top {
		detail = "a component is written `name = kind type { … }`, with lines like `key: value` in its braces"
	}
	return fail(codeSyntax, at, "there are no calls in the language", "unexpected", detail)
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

// dashes is a missing value whose items stand below it as YAML writes them.
func dashes(key string, items []string, at diag.Span) diag.Diagnostic {
	d := missingValue(key, at)
	d.Detail = fmt.Sprintf("a list stands in [ ]: write %s: [%s]", key, strings.Join(items, ", "))
	return d
}

func missingSeparatorSign(key string, at diag.Span, next *token) diag.Diagnostic {
	detail := fmt.Sprintf("write `%s: value`", key)
	if next.Type == tLBrace || next.Type == tLBrack {
		detail = fmt.Sprintf("write `%s: %s`", key, next.Value)
	}
	if strings.Trim(key, "0123456789") == "" {
		detail = "a number has a point and no comma, as in 0." + key
	}
	return fail(codeSyntax, at, fmt.Sprintf("%q is not followed by a : or =", key), "expected : or =", detail)
}

func leftover(what string, at diag.Span) diag.Diagnostic {
	detail := "put quotes around text that holds blanks or signs, or begin a new line"
	switch {
	case what == `"+"`:
		detail = "texts are not joined: write the whole text in quotes, or take it from one environment variable"
	case strings.HasPrefix(what, `"--`):
		detail = commentSigns
	}
	return fail(codeSyntax, at, fmt.Sprintf("%s is left over behind the value", what), "unexpected", detail)
}

const commentSigns = "a comment begins with # or //"

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
	return fail(codeSyntax, at, "a block inside of a block needs a key", "expected a key", "write `key: {`, put quotes around text like {{name}}, and write $NAME for an environment variable")
}

func unexpectedInValue(what string, at diag.Span) diag.Diagnostic {
	detail := "put quotes around text that holds signs"
	if what == `"="` {
		detail = "one = stands between a name or key and its value"
	}
	return fail(codeSyntax, at, "a value cannot be "+what, "expected a value", detail)
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

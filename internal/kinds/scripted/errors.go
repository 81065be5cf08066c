package scripted

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/diag"
)

// A problem is a diagnostic without its place.
type problem struct{ code, summary, detail string }

func (s *scanner) report(p problem, at diag.Span) { s.reportWith(p, at) }

func (s *scanner) reportWith(p problem, at diag.Span, related ...diag.Related) {
	*s.list = append(*s.list, diag.Diagnostic{
		Code: p.code, Severity: diag.Error, Summary: p.summary, Detail: p.detail, Span: at, Related: related,
	})
}

const (
	codeSyntax  = "E_SCRIPT_SYNTAX"
	codeWord    = "E_SCRIPT_WORD"
	codePattern = "E_SCRIPT_PATTERN"
	codeTime    = "E_SCRIPT_TIME"
	codeCapture = "E_SCRIPT_CAPTURE"
	codeBlock   = "E_SCRIPT_BLOCK"
	codeCall    = "E_SCRIPT_CALL"
	codeTimes   = "E_SCRIPT_TIMES"
)

// theWords are those that a line can begin with.
const theWords = "the words are when, otherwise, say, stream, wait, fail, think, call, log and crash"

var (
	errNotText        = problem{codeSyntax, "this is not a text file", "save it as UTF-8"}
	errEmpty          = problem{codeBlock, "the script has no answers", `write one: when "hello", and below it say "Hello!"`}
	errNoWord         = problem{codeSyntax, "a line begins with a word", theWords}
	errOpenQuote      = problem{codeSyntax, "the closing quote is missing", `a text in quotes ends on its line; for a longer one use """`}
	errOpenExpression = problem{codeSyntax, "the closing slash is missing", `write /…/; a slash inside it is \/`}
	errFence          = problem{codeSyntax, `nothing may follow """ on its line`, "the text begins on the next line"}
	errOpenFence      = problem{codeSyntax, `the closing """ is missing`, "it stands alone on a line"}
	errOpenObject     = problem{codeSyntax, "the closing brace is missing", `an object ends on its line, as in { "path": "{1}" }`}
	errObject         = problem{codeCall, "this is not JSON", `names and texts stand in quotes, as in { "path": "{1}", "deep": true }; places only inside of texts`}
	errOutdent        = problem{codeSyntax, `this line is indented less than the closing """`, "move the closing quotes to the left, or this line to the right"}
	errPattern        = problem{codePattern, "a pattern is missing", `write a text in quotes, as in "hello *", or an expression, as in /^hel+o/i`}
	errNoSteps        = problem{codeBlock, "nothing is done here", `add a step, as in say "Hello!"`}
	errUnreachable    = problem{codeBlock, "nothing gets here", "move this block above otherwise"}
	errTwice          = problem{codeBlock, "this pattern was used above, so nothing gets here", "take one of the two away"}
)

func errWord(word string) problem {
	p := problem{codeWord, fmt.Sprintf("no step is called %q", word), theWords}
	known := []string{"when", "otherwise"}
	for _, verb := range verbs() {
		known = append(known, string(verb))
	}
	for _, known := range known {
		if strings.EqualFold(known, word) || strings.EqualFold(known+":", word) {
			p.detail = fmt.Sprintf("did you mean %s? Words are written small, without a colon", known)
		}
	}
	return p
}

func errReserved(word string) problem {
	return problem{codeWord, fmt.Sprintf("%q is kept for later versions", word), theWords}
}

func errNoBlock(verb string) problem {
	return problem{codeBlock, fmt.Sprintf("%q belongs to no pattern", verb), `write when "…" or otherwise above it`}
}

func errFlag(flags string) problem {
	return problem{codePattern, fmt.Sprintf("%q is not a flag of an expression", flags), "there is one flag, i, for any case"}
}

func errExpression(err error) problem {
	return problem{codePattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "), "expressions have the syntax of RE2, see https://github.com/google/re2/wiki/Syntax"}
}

func errNoDuration(verb Verb) problem {
	return problem{codeTime, fmt.Sprintf("%s needs a time", verb), fmt.Sprintf("as in %s 200ms", verb)}
}

func errDuration(word string) problem {
	return problem{codeTime, fmt.Sprintf("%q is not a time", word), "write a number with its unit, as in 200ms, 5s or 1m30s"}
}

func errTooLong(word string) problem {
	return problem{codeTime, fmt.Sprintf("%q is too long", word), fmt.Sprintf("a step takes at most %s", longest)}
}

func errNoText(verb Verb) problem {
	return problem{codeSyntax, fmt.Sprintf("%s needs a text in quotes", verb), fmt.Sprintf(`as in %s "Hello!"`, example(verb))}
}

func example(verb Verb) string {
	switch verb {
	case Stream:
		return "stream 5s"
	case Call:
		return "call shell"
	}
	return string(verb)
}

func errCallee(word string) problem {
	const form = `as in call shell "ls"`
	if word == "" {
		return problem{codeCall, "call needs the name of a component", form}
	}
	return problem{codeCall, fmt.Sprintf("%q is not the name of a component", shorten(word)), form}
}

func errTimes(word string) problem {
	return problem{codeTimes, fmt.Sprintf("%q is not a number of attempts", shorten(word)), "write crash, or crash 1 for the first attempt only"}
}

func errNotATool(name string, tools []string) problem {
	p := problem{codeCall, fmt.Sprintf("%q is not one of the agent's tools", name), "name it in tools: [" + strings.Join(append(slices.Clone(tools), name), ", ") + "]"}
	if len(tools) > 0 {
		p.detail += ", or call " + strings.Join(tools, " or ")
	}
	return p
}

var errNoCalls = problem{codeCall, "only agents and their models call other components", "declare an agent scripted with this script and its tools"}

func errRest(rest string) problem {
	return problem{codeSyntax, fmt.Sprintf("nothing may follow here, but there is %q", shorten(rest)), "begin a new line"}
}

func errEscape(r rune, also string) problem {
	known := []string{`\n`, `\t`}
	for _, c := range also {
		known = append(known, `\`+string(c))
	}
	return problem{codeSyntax, fmt.Sprintf(`\%c means nothing`, r), "a backslash is \\\\; there are " + strings.Join(known, " ")}
}

func errCapture(name, pattern string) problem {
	return problem{codeCapture, fmt.Sprintf("{%s} is not captured by %s", name, pattern), fmt.Sprintf(`a star or a group captures {1}, {2}, …; for the braces themselves write \{%s}`, name)}
}

func errCaptureOtherwise(name string) problem {
	return problem{codeCapture, fmt.Sprintf("{%s} cannot be used below otherwise, which captures nothing", name), fmt.Sprintf(`the whole input is {text}; for the braces themselves write \{%s}`, name)}
}

func errNoScript(component string) error {
	return fmt.Errorf(`component %q: property "script" is missing: name the file with the answers, as in script: "hello.script"`, component)
}

func errNoReply(script, text string) error {
	return fmt.Errorf("%s has no answer to %q: add a when for it, or an otherwise", script, shorten(strings.TrimSpace(text)))
}

// errScripted is the reason the script's author wrote, and nothing else.
func errScripted(reason string) error { return errors.New(reason) }

var errNoAsk = errors.New("there is nobody to call from here")

// errCrash blames the death of the process on the message that was worked on.
func errCrash(script string, at diag.Span) error {
	return fmt.Errorf("%w: line %d of %s says crash", component.ErrCrashed, at.Start.Line, script)
}

var errNotAFile = errors.New("it is not a file")

func errRead(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("cannot read script %q: %w", name, err)
}

// errProblems puts all problems of a script into one error, a line each.
func errProblems(list diag.List) error {
	lines := make([]string, len(list))
	for i, d := range list {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s (%s)", d.Span.File, max(d.Span.Start.Line, 1), max(d.Span.Start.Col, 1), d.Summary, d.Detail)
	}
	return errors.New(strings.Join(lines, "\n"))
}

func shorten(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

package scripted

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Parse reads a script. It finds all problems of a file in one go; the script is usable when there are none.
func Parse(name string, src []byte) (*Script, diag.List) {
	var problems diag.List
	p := &parser{scanner: newScanner(name, string(src), &problems), script: &Script{Name: name}}
	if !utf8.Valid(src) {
		p.report(errNotText, diag.Span{File: name})
		return p.script, problems
	}
	for !p.end() {
		p.statement()
		p.line()
	}
	p.closeBlock()
	if len(p.script.Blocks) == 0 && len(problems) == 0 {
		p.report(errEmpty, diag.Span{File: name})
	}
	return p.script, sorted(problems)
}

// sorted puts problems in the order of the file.
func sorted(problems diag.List) diag.List {
	slices.SortStableFunc(problems, func(a, b diag.Diagnostic) int { return a.Span.Start.Offset - b.Span.Start.Offset })
	return problems
}

type parser struct {
	*scanner
	script *Script
	open   *Block // the block whose steps are being read
	broken bool   // its head had a problem: say nothing of its steps' captures
}

// statement reads one line, or a step with its text block, up to the end of a line.
func (p *parser) statement() {
	p.blanks()
	if p.atLineEnd() {
		return
	}
	word, at := p.word()
	switch {
	case word == "when":
		p.when(at)
	case word == "otherwise":
		p.closeBlock()
		p.open = &Block{Span: at, Otherwise: true}
		p.nothingMore()
	case slices.Contains(verbs(), Verb(word)):
		p.step(Verb(word), at)
	case slices.Contains(reserved(), word):
		p.report(errReserved(word), at)
	case word == "":
		p.report(errNoWord, p.here())
	default:
		p.report(errWord(word), at)
	}
}

func verbs() []Verb { return []Verb{Say, Stream, Wait, Fail, Think, Call, Log, Crash} }

// reserved are words that are kept for later.
func reserved() []string { return []string{"expect"} }

func (p *parser) when(at diag.Span) {
	p.closeBlock()
	p.open = &Block{Span: at}
	for {
		p.blanks()
		pattern, ok := p.pattern()
		if !ok {
			p.broken = true
			return
		}
		p.open.Patterns = append(p.open.Patterns, pattern)
		p.blanks()
		if !p.has(",") {
			break
		}
		p.next()
	}
	p.nothingMore()
}

func (p *parser) pattern() (Pattern, bool) {
	from := p.pos
	switch {
	case p.has(`"`):
		raw, ok := p.quoted()
		if !ok {
			return Pattern{}, false
		}
		source, ok := p.wildcards(raw.lines[0])
		return p.compile(source, from, raw.span, ok)
	case p.has("/"):
		source, fold, span, ok := p.expression()
		if fold {
			source = "(?i)" + source
		}
		return p.compile(source, from, span, ok)
	default:
		p.report(errPattern, p.here())
		return Pattern{}, false
	}
}

func (p *parser) compile(source string, from diag.Pos, span diag.Span, ok bool) (Pattern, bool) {
	if !ok {
		return Pattern{}, false
	}
	expr, err := regexp.Compile(source)
	if err != nil {
		p.report(errExpression(err), span)
		return Pattern{}, false
	}
	return Pattern{Span: span, Source: p.src[from.Offset:p.pos.Offset], expr: expr}, true
}

// wildcards turns a quoted pattern into an expression: the whole input, in any case and with any blanks, a star for
// anything.
func (p *parser) wildcards(raw rawLine) (string, bool) {
	var b strings.Builder
	b.WriteString(`(?is)^\s*`)
	good, blank := true, false
	for _, u := range p.unescape(raw, `"\*`, &good) {
		if u.char == ' ' || u.char == '\t' {
			blank = true
			continue
		}
		if blank {
			b.WriteString(`\s+`)
			blank = false
		}
		if u.char == '*' && !u.escaped {
			b.WriteString(`(.*?)`)
		} else {
			b.WriteString(regexp.QuoteMeta(string(u.char)))
		}
	}
	b.WriteString(`\s*$`)
	return b.String(), good
}

func (p *parser) step(verb Verb, at diag.Span) {
	if p.open == nil {
		p.report(errNoBlock(string(verb)), at)
		p.open, p.broken = &Block{Span: at}, true
	}
	step := Step{Verb: verb, Span: at}
	if !p.arguments(&step) {
		p.broken = true
		return
	}
	p.nothingMore()
	p.open.Steps = append(p.open.Steps, step)
}

// arguments reads what follows the verb.
func (p *parser) arguments(s *Step) (ok bool) {
	switch s.Verb {
	case Wait, Think:
		s.For, ok = p.duration(s.Verb)
	case Stream:
		if s.For, ok = p.duration(s.Verb); ok {
			s.Text, ok = p.text(s.Verb)
		}
	case Call:
		ok = p.call(s)
	case Crash:
		s.Times, ok = p.times()
	case Say, Fail, Log:
		s.Text, ok = p.text(s.Verb)
	}
	return ok
}

// longest is how long a step may take: a typing error must not hold a turn for a day.
const longest = time.Hour

func (p *parser) duration(verb Verb) (time.Duration, bool) {
	p.blanks()
	word, at := p.word()
	d, err := time.ParseDuration(word)
	switch {
	case word == "":
		p.report(errNoDuration(verb), p.here())
	case err != nil || d < 0:
		p.report(errDuration(word), at)
	case d > longest:
		p.report(errTooLong(word), at)
	default:
		return d, true
	}
	return 0, false
}

func (p *parser) text(verb Verb) (Template, bool) {
	p.blanks()
	var raw rawText
	ok := false
	switch {
	case p.has(fence):
		raw, ok = p.block()
	case p.has(`"`):
		raw, ok = p.quoted()
	default:
		p.report(errNoText(verb), p.here())
	}
	if !ok {
		return Template{}, false
	}
	return p.template(raw)
}

// nothingMore reports what is left on a line.
func (p *parser) nothingMore() {
	p.blanks()
	if p.atLineEnd() {
		return
	}
	from := p.pos
	rest := strings.TrimSpace(p.textLine())
	p.report(errRest(rest), p.span(from))
}

// closeBlock checks the block that ends here against itself and against those before it.
func (p *parser) closeBlock() {
	b, broken := p.open, p.broken
	p.open, p.broken = nil, false
	if b == nil {
		return
	}
	if len(b.Steps) == 0 && !broken {
		p.report(errNoSteps, b.Span)
	}
	p.reachable(*b)
	if !broken {
		p.captured(*b)
	}
	p.script.Blocks = append(p.script.Blocks, *b)
}

func (p *parser) reachable(b Block) {
	for _, before := range p.script.Blocks {
		if before.Otherwise {
			p.reportWith(errUnreachable, b.Span, diag.Related{Message: "matches everything", Span: before.Span})
			return
		}
		for _, pattern := range b.Patterns {
			for _, same := range before.Patterns {
				if same.expr.String() == pattern.expr.String() {
					p.reportWith(errTwice, pattern.Span, diag.Related{Message: "first here", Span: same.Span})
				}
			}
		}
	}
}

// captured checks that every place in the texts is filled: by every pattern of the block, or by a call above.
func (p *parser) captured(b Block) {
	answered := map[string]bool{wholeInput: true, "": true}
	for _, step := range b.Steps {
		texts := []Template{step.Text}
		if step.Or != nil {
			texts = append(texts, *step.Or)
		}
		for _, t := range texts {
			p.filled(b, t, answered)
		}
		if step.Verb == Call {
			answered[step.To], answered[lastAnswer] = true, true
		}
	}
}

func (p *parser) filled(b Block, t Template, answered map[string]bool) {
	for _, part := range t.parts {
		if answered[part.name] {
			continue
		}
		if b.Otherwise {
			p.report(errCaptureOtherwise(part.name), part.span)
		}
		for _, pattern := range b.Patterns {
			if !pattern.captures(part.name) {
				p.report(errCapture(part.name, pattern.Source), part.span)
			}
		}
	}
}

func groupNumber(i int) string { return strconv.Itoa(i) }

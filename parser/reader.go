package parser

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
)

// reader reads blocks and values off the tokens of a file. It reports problems and goes on behind them.
type reader struct {
	source string // the name of the file
	toks   []token
	at     int // the next one
	eof    token
	diags  diag.List
	pairs  []*Pair // of the blocks that are being read
	nodes  shelves
}

// newReader is a reader of tokens that end where the file ends.
func newReader(source string, toks []token) reader {
	r := reader{source: source, toks: toks, eof: token{Type: tEOF, line: 1, col: 1}}
	if n := len(toks); n > 0 {
		r.eof.place(toks[n-1].end())
	}
	return r
}

// spanOf is the range of a token.
func (r *reader) spanOf(t *token) diag.Span { return t.span(r.source) }

// peek is the next token, or the EOF token.
func (r *reader) peek() *token { return r.ahead(0) }

// next is the next token, and leaves it behind.
func (r *reader) next() *token {
	t := r.ahead(0)
	if r.at < len(r.toks) {
		r.at++
	}
	return t
}

// report notes a problem. One more than are shown is kept, so that it is known that there are more.
func (r *reader) report(d diag.Diagnostic) {
	if len(r.diags) <= maxProblems {
		r.diags = append(r.diags, d)
	}
}

func (r *reader) reportAll(l diag.List) {
	for _, d := range l {
		r.report(d)
	}
}

// second is the token behind the next one.
func (r *reader) second() *token { return r.ahead(1) }

// ahead is the token n places behind the next one, or the EOF token.
func (r *reader) ahead(n int) *token {
	if i := r.at + n; i < len(r.toks) {
		return &r.toks[i]
	}
	return &r.eof
}

// readBlock reads `{ … }`; the opening brace is next.
func (r *reader) readBlock() *Block {
	b := r.nodes.blocks.take()
	b.Range = r.spanOf(r.next())
	first := len(r.pairs)
	fresh := true // a pair may begin here without a comma before it
	for {
		switch t := r.peek(); t.Type {
		case tNL, tComma:
			r.next()
			fresh = true
		case tRBrace, tEOF:
			b.Range = join(b.Range, r.spanOf(r.next()))
			b.Pairs = append(b.Pairs, r.pairs[first:]...)
			r.pairs = r.pairs[:first]
			r.settle(b)
			return b
		default:
			var last *Pair
			if n := len(r.pairs); n > first && !fresh {
				last = r.pairs[n-1]
			}
			if p := r.readPair(last, fresh); p != nil {
				r.pairs = append(r.pairs, p)
			}
			fresh = false
		}
	}
}

// readPair reads `key: value`. It returns nil when there was not even a key, having reported it. last is the pair before
// it, when nothing separates the two.
func (r *reader) readPair(last *Pair, fresh bool) *Pair {
	t := r.peek()
	switch t.Type {
	case tWord, tBare, tString:
	case tLBrace:
		r.lonelyBlock(t)
		return nil
	default:
		if fresh {
			r.syntax(t, unexpectedInBlock(describe(t), r.spanOf(t)))
		} else {
			r.syntax(t, leftover(describe(t), r.spanOf(t)))
		}
		return nil
	}
	if r.second().Type != tSep {
		r.notPair(t, last, fresh)
		return nil
	}
	p := r.nodes.pairs.take()
	p.Key = r.readKey()
	if !fresh {
		r.report(missingSeparator(p.Key.Range, "pairs"))
	}
	p.Range = join(p.Key.Range, r.spanOf(r.peek()))
	p.Sep = r.next().Value[0]
	r.readPairValue(p)
	return p
}

// lonelyBlock reports a block that stands where a key should, which is what an unquoted {{template}} looks like. One
// without pairs is not searched for mistakes.
func (r *reader) lonelyBlock(t *token) {
	r.report(blockWithoutKey(r.spanOf(t)))
	at := len(r.diags)
	if b := r.readBlock(); len(b.Pairs) == 0 {
		r.diags = r.diags[:at]
	}
	r.skipEntry()
}

func (r *reader) readKey() Ident {
	t := r.next()
	id := Ident{Name: t.Value, Range: r.spanOf(t)}
	if t.Type == tString {
		id.Name = r.decode(t)
	}
	return id
}

// notPair reports a key without a separator behind it.
func (r *reader) notPair(t *token, last *Pair, fresh bool) {
	if !fresh {
		d := leftover(describe(t), r.spanOf(t))
		if text := r.restOfText(last); text != "" {
			d = unquoted(describe(t), text, r.spanOf(t))
		}
		r.syntax(t, d)
		return
	}
	next := r.second()
	r.syntax(t, missingSeparatorSign(strings.Trim(t.Value, `"'`), r.spanOf(next), next))
}

// restOfText is the bare value of a pair together with the bare words behind it, "" when something else is there.
func (r *reader) restOfText(p *Pair) string {
	var text string
	if p == nil {
		return ""
	}
	switch v := p.Value.(type) {
	case *Word:
		text = v.Text
	case *Number:
		text = v.Text
	default:
		return ""
	}
	for n := 0; ; n++ {
		t := r.ahead(n)
		switch {
		case endsEntry(t):
			return text
		case t.Type != tWord && t.Type != tBare:
			return ""
		}
		text += " " + t.Value
	}
}

func (r *reader) readPairValue(p *Pair) {
	t := r.peek()
	switch {
	case endsEntry(t):
		if items := r.itemsAhead(); len(items) > 0 {
			r.report(dashes(p.Key.Name, items, p.Key.Range))
			return
		}
		r.report(missingValue(p.Key.Name, p.Key.Range))
	case !startsValue(t):
		r.syntax(t, unexpectedInValue(describe(t), r.spanOf(t)))
	case t.Type == tLBrace && r.listAhead():
		p.Value = r.readListInBraces(p.Key.Name)
		p.Range = join(p.Range, p.Value.Span())
	default:
		p.Value = r.readValue()
		p.Range = join(p.Range, p.Value.Span())
	}
}

// itemsAhead is the words of a list that comes as YAML writes it: a dash and a word on each line.
func (r *reader) itemsAhead() (items []string) {
	const most = 10
	for n := 0; len(items) < most && r.ahead(n).Type == tNL && r.ahead(n+1).Value == "-" && startsValue(r.ahead(n+2)); n += 3 {
		items = append(items, r.ahead(n+2).Value)
	}
	return items
}

// listAhead says whether what comes is `{a, b}`: the braces of a set in mathematics, or a list in some languages.
func (r *reader) listAhead() bool {
	t := r.ahead(1)
	return (t.Type == tWord || t.Type == tString) && (r.ahead(2).Type == tComma || r.ahead(2).Type == tRBrace)
}

// readListInBraces reads such a list. It is reported where the first item should have had a sign behind it.
func (r *reader) readListInBraces(key string) Value {
	at, a := r.spanOf(r.ahead(2)), &Array{Range: r.spanOf(r.next())}
	var words []string
	for {
		switch t := r.peek(); {
		case t.Type == tRBrace || t.Type == tEOF:
			a.Range = join(a.Range, r.spanOf(r.next()))
			r.report(listInBraces(key+": ["+strings.Join(words, ", ")+"]", at))
			return a
		case t.Type == tNL || t.Type == tComma || !startsValue(t):
			r.next()
		default:
			words = append(words, t.Value)
			a.Items = append(a.Items, r.readValue())
		}
	}
}

// syntax reports d and goes on behind the entry that t belongs to, unless something in that entry has been
// reported already: then d is only its echo.
func (r *reader) syntax(t *token, d diag.Diagnostic) {
	bad := t.Type == tBad || t.Type == tBadString
	if !r.skipEntry() && !bad {
		r.report(d)
	}
}

// skipEntry goes to the end of the entry, reading the blocks and lists on its way for the errors inside them.
// It says whether it met a token that has been reported before.
func (r *reader) skipEntry() (reported bool) {
	for {
		switch t := r.peek(); {
		case endsEntry(t):
			return reported
		case t.Type == tLBrace:
			r.readBlock()
		case t.Type == tLBrack:
			r.readArray()
		default:
			reported = reported || t.Type == tBad || t.Type == tBadString
			r.next()
		}
	}
}

// endsEntry says whether t stands behind a pair or an item.
func endsEntry(t *token) bool {
	switch t.Type {
	case tNL, tComma, tRBrace, tRBrack, tEOF:
		return true
	}
	return false
}

// startsValue says whether a value may begin with t.
func startsValue(t *token) bool {
	switch t.Type {
	case tString, tBadString, tEnv, tWord, tBare, tLBrace, tLBrack:
		return true
	}
	return false
}

package parser

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// readValue reads one value; startsValue was true for the next token.
func (r *reader) readValue() Value {
	t := r.peek()
	switch t.Type {
	case tLBrace:
		return r.readBlock()
	case tLBrack:
		return r.readArray()
	case tWord:
		if words := r.typedAhead(); words > 0 {
			return r.readTyped(words)
		}
	}
	v := r.readScalar(r.next())
	r.checkGlued(v)
	return v
}

// typedAhead is the number of words before a brace on the same line, 0 when this is no typed block. A third word is
// one too many, and still no value.
func (r *reader) typedAhead() int {
	const most = 3
	for n := 1; n <= most; n++ {
		switch r.ahead(n).Type {
		case tLBrace:
			return n
		case tWord:
		default:
			return 0
		}
	}
	return 0
}

// readTyped reads `redis { … }` or `memory short_term { … }` as a value.
func (r *reader) readTyped(words int) *Block {
	header := r.toks[r.at : r.at+words]
	r.at += words
	b := r.readBlock()
	r.setHeader(b, header)
	return b
}

// setHeader makes the words before a block its kind and type, and reports those that are too many.
func (r *reader) setHeader(b *Block, words []token) {
	first := r.spanOf(&words[0])
	b.Range = join(first, b.Range)
	kind, typ, dotted := strings.Cut(words[0].Value, ".")
	typ, _, tooMany := strings.Cut(typ, ".")
	b.Kind = r.ident(kind, first)
	rest := words[1:]
	if dotted {
		at := advance(first.Start, kind)
		b.Kind.Range.End = at
		at = advance(at, ".")
		b.Type = r.ident(typ, diag.Span{File: r.source, Start: at, End: advance(at, typ)})
	} else if len(rest) > 0 {
		b.Type = r.ident(rest[0].Value, r.spanOf(&rest[0]))
		if strings.Contains(rest[0].Value, ".") {
			r.report(badKind(rest[0].Value, b.Type.Range))
			return
		}
		rest = rest[1:]
	}
	switch {
	case tooMany:
		r.report(badKind(words[0].Value, first))
	case len(rest) > 0:
		r.report(extraWord(rest[0].Value, r.spanOf(&rest[0])))
	}
}

func (r *reader) ident(name string, at diag.Span) *Ident {
	id := r.nodes.idents.take()
	id.Name, id.Range = name, at
	return id
}

// checkGlued reports a second value that begins right behind the first, as in `a[0]` or `foo"bar"`.
func (r *reader) checkGlued(v Value) {
	t := r.peek()
	if !startsValue(t) || t.pos().Offset != v.Span().End.Offset || t.Type == tLBrace {
		return
	}
	r.syntax(t, glued(r.spanOf(t)))
}

func (r *reader) readScalar(t *token) Value {
	at := r.spanOf(t)
	switch t.Type {
	case tString:
		s := r.nodes.strings.take()
		s.Text, s.Quote, s.Range = r.decode(t), t.Value[0], at
		return s
	case tBadString:
		return &String{Text: strings.Trim(t.Value, t.Value[:1]), Quote: t.Value[0], Range: at}
	case tEnv:
		return &Env{Name: strings.Trim(t.Value, "${}"), Range: at}
	case tWord:
		return r.readWord(t.Value, at)
	}
	if n := readNumber(t.Value); n != nil {
		n.Range = at
		return n
	}
	return r.word(t.Value, at)
}

func (r *reader) word(text string, at diag.Span) *Word {
	w := r.nodes.words.take()
	w.Text, w.Range = text, at
	return w
}

func (r *reader) readWord(text string, at diag.Span) Value {
	switch len(text) {
	case len("true"), len("false"):
		switch {
		case strings.EqualFold(text, "true"):
			return &Bool{Value: true, Text: text, Range: at}
		case strings.EqualFold(text, "false"):
			return &Bool{Text: text, Range: at}
		case strings.EqualFold(text, "null"), strings.EqualFold(text, "none"):
			return &Null{Text: text, Range: at}
		}
	}
	return r.word(text, at)
}

// readNumber reads text that is a decimal number as a whole; nil when it is not.
func readNumber(text string) *Number {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789.eE+-") != "" || !hasDigit(digits) {
		return nil
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &Number{Text: text, Int: i, Float: float64(i), IsInt: true}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &Number{Text: text, Float: f}
}

func hasDigit(text string) bool {
	return text[0] >= '0' && text[0] <= '9' || len(text) > 1 && text[0] == '.' && text[1] >= '0' && text[1] <= '9'
}

// readArray reads `[ … ]`; the opening bracket is next.
func (r *reader) readArray() *Array {
	a := &Array{Range: r.spanOf(r.next())}
	fresh := true
	for {
		switch t := r.peek(); t.Type {
		case tNL, tComma:
			r.next()
			fresh = true
		case tRBrack, tEOF:
			a.Range = join(a.Range, r.spanOf(r.next()))
			return a
		default:
			r.readItem(a, fresh)
			fresh = false
		}
	}
}

func (r *reader) readItem(a *Array, fresh bool) {
	t := r.peek()
	switch {
	case t.Type == tSep:
		r.syntax(t, pairInArray(r.spanOf(t)))
		return
	case !startsValue(t):
		r.syntax(t, unexpectedInValue(describe(t), r.spanOf(t)))
		return
	case t.Type == tBare && strings.HasSuffix(t.Value, ":"):
		at := r.spanOf(t)
		at.Start = advance(at.Start, t.Value[:len(t.Value)-1])
		r.syntax(t, pairInArray(at))
		return
	}
	v := r.readValue()
	if !fresh && !blocks(a.Items, v) {
		r.report(missingSeparator(v.Span(), "items"))
	}
	a.Items = append(a.Items, v)
}

// blocks says whether v and the item before it are both `{ … }`: braces separate well enough.
func blocks(items []Value, v Value) bool {
	if len(items) == 0 {
		return true
	}
	_, before := items[len(items)-1].(*Block)
	b, now := v.(*Block)
	return before && now && b.Kind == nil
}

// decode is the text of a quoted token. In single quotes only \' and \\ are escapes.
func (r *reader) decode(t *token) string {
	quote, raw := t.Value[0], t.Value[1:len(t.Value)-1]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var out strings.Builder
	known, at := t.pos(), 0 // the place of an offset that was needed before
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out.WriteByte(raw[i])
			continue
		}
		i++
		if c, ok := unescape(quote, raw[i]); ok {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('\\')
		i-- // what follows is ordinary text
		if quote == '"' {
			known, at = advance(known, t.Value[at:1+i]), 1+i
			r.unknownEscape(t, known, t.Value[at:])
		}
	}
	return out.String()
}

func unescape(quote, c byte) (byte, bool) {
	if c == '\\' || c == '\'' {
		return c, true
	}
	if quote != '"' {
		return 0, false
	}
	switch c {
	case '"':
		return '"', true
	case 'n':
		return '\n', true
	case 't':
		return '\t', true
	case 'r':
		return '\r', true
	}
	return 0, false
}

// unknownEscape warns of the backslash that rest begins with.
func (r *reader) unknownEscape(t *token, start diag.Pos, rest string) {
	_, n := utf8.DecodeRuneInString(rest[1:])
	text := rest[:1+n]
	r.report(unknownEscape(diag.Span{File: r.source, Start: start, End: advance(start, text)}, text))
}

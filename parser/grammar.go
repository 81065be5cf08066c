package parser

import (
	"io"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// declaration is the grammar of the head of one top-level declaration, up to the token that its block or its value begins
// with. It takes more than the language allows (any number of words, a colon, an odd name), so that the checks behind it
// can say what is wrong and keep the rest.
//
// What follows the head, blocks and values, is read by the [reader]: they are nearly all of a file, and parsing them by
// reflection would take three times as long.
type declaration struct {
	Name  lexer.Token   `parser:"@(Word | Bare | String | Env)"`
	Sep   lexer.Token   `parser:"@Sep NL*"`
	Words []lexer.Token `parser:"( @(Word+)"`
	Body  lexer.Token   `parser:"  @LBrace?"`
	Value lexer.Token   `parser:"| @(String | BadString | Env | Bare | LBrace | LBrack) )"`
}

// grammar builds the participle parser when the first file is parsed that needs it, not when the program starts: most
// processes never parse anything.
func grammar() *participle.Parser[declaration] { return built() }

var built = sync.OnceValue(func() *participle.Parser[declaration] {
	return participle.MustBuild[declaration](participle.Lexer(definition{}), participle.UseLookahead(1))
})

// definition tells participle the names of our tokens. Parsing never goes through Lex: [Parse] scans first
// and hands the finished tokens over.
type definition struct{}

// Symbols implements [lexer.Definition].
func (definition) Symbols() map[string]lexer.TokenType {
	symbols := map[string]lexer.TokenType{}
	for name, t := range map[string]tokenType{
		"EOF": tEOF, "NL": tNL, "Comma": tComma, "Sep": tSep, "Word": tWord, "Bare": tBare, "String": tString, "Env": tEnv,
		"LBrace": tLBrace, "RBrace": tRBrace, "LBrack": tLBrack, "RBrack": tRBrack, "Bad": tBad, "BadString": tBadString,
	} {
		symbols[name] = lexer.TokenType(t)
	}
	return symbols
}

// Lex implements [lexer.Definition].
func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &replay{toks: scan(name, string(src)).toks}, nil
}

// replay hands out tokens that have been scanned before, and EOF tokens after them. The offset of each is its index.
type replay struct {
	toks []token
	next int
}

// Next implements [lexer.Lexer].
func (r *replay) Next() (lexer.Token, error) {
	at := lexer.Position{Offset: r.next}
	if r.next == len(r.toks) {
		return lexer.EOFToken(at), nil
	}
	t := &r.toks[r.next]
	r.next++
	return lexer.Token{Type: lexer.TokenType(t.Type), Value: t.Value, Pos: at}, nil
}

// heading is the head of a declaration by its tokens. What is not there is nil.
type heading struct {
	name, sep   *token
	words       []token
	body, value *token // the token that the block or the value begins with
}

// parseHead reads the head of the declaration that toks begin with, and says how many tokens it has.
func parseHead(toks []token) (h heading, n int, err error) {
	if h, n = usualHead(toks); n > 0 {
		return h, n, nil
	}
	return grammarHead(toks)
}

// usualHead reads the heads that nearly all declarations have, `name = kind {` and `name = kind type {`, as the grammar
// would, in a fiftieth of the time. n is 0 when the head is another one.
func usualHead(toks []token) (h heading, n int) {
	brace := 3
	if len(toks) > brace && toks[brace].Type == tWord {
		brace++
	}
	if len(toks) <= brace || toks[0].Type != tWord || toks[1].Type != tSep || toks[2].Type != tWord || toks[brace].Type != tLBrace {
		return heading{}, 0
	}
	return heading{name: &toks[0], sep: &toks[1], words: toks[2:brace], body: &toks[brace]}, brace + 1
}

// grammarHead reads any head. With an error, h holds what had been read before it.
func grammarHead(toks []token) (h heading, n int, err error) {
	toks = longest(toks)
	lex, err := lexer.Upgrade(&replay{toks: toks})
	if err != nil {
		return heading{}, 0, err // a replay has no errors
	}
	d, err := grammar().ParseFromLexer(lex, participle.AllowTrailing(true))
	if d == nil {
		return heading{}, 0, err
	}
	ours := func(t *lexer.Token) *token {
		if t.Type == 0 {
			return nil
		}
		return &toks[t.Pos.Offset]
	}
	h = heading{name: ours(&d.Name), sep: ours(&d.Sep), body: ours(&d.Body), value: ours(&d.Value)}
	if len(d.Words) > 0 {
		first := d.Words[0].Pos.Offset
		h.words = toks[first : first+len(d.Words)]
	}
	return h, int(lex.RawCursor()), err
}

// longest is the tokens that the head of a declaration may have: up to the first bracket, or the first end of a line that
// does not follow a sign of assignment. No right head has more than six.
func longest(toks []token) []token {
	const most = 24
	toks = toks[:min(len(toks), most)]
	open := false
	for i := range toks {
		switch toks[i].Type {
		case tLBrace, tLBrack:
			return toks[:i+1]
		case tSep:
			open = true
		case tNL:
			if !open {
				return toks[:i+1]
			}
		default:
			open = false
		}
	}
	return toks
}

package parser

import (
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

// grammar builds the participle parser when the first file is parsed, not when the program starts: most
// processes never parse anything.
func grammar() *participle.Parser[declaration] { return built() }

var built = sync.OnceValue(func() *participle.Parser[declaration] {
	return participle.MustBuild[declaration](participle.Lexer(definition{}), participle.UseLookahead(1))
})

// longestHead is how many tokens of a file are shown to the grammar at once. No right head has more than six.
const longestHead = 24

// head is the tokens that the head of a declaration may have: up to the first bracket, or the first end of a line that
// does not follow a sign of assignment.
func head(toks []lexer.Token) []lexer.Token {
	toks = toks[:min(len(toks), longestHead)]
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

// parseHead reads the head of the declaration that toks begin with, and says how many tokens it has.
func parseHead(toks []lexer.Token) (d *declaration, n int, err error) {
	lex, err := lexer.Upgrade(&replay{toks: head(toks)})
	if err != nil {
		return nil, 0, err // a replay has no errors
	}
	d, err = grammar().ParseFromLexer(lex, participle.AllowTrailing(true))
	return d, int(lex.RawCursor()), err
}

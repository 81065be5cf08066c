package parser

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// declaration is the grammar of one top-level declaration. It takes more than the language allows (any number
// of words, a colon, an odd name), so that the checks behind it can say what is wrong and keep the rest.
//
// Blocks and values are [participle.Parseable]: they are nearly all of a file, and parsing them by reflection
// would take three times as long.
type declaration struct {
	Name  lexer.Token   `parser:"@(Word | Bare | String | Env)"`
	Sep   lexer.Token   `parser:"@Sep NL*"`
	Words []lexer.Token `parser:"( @(Word+)"`
	Body  *body         `parser:"  @@?"`
	Value *scalar       `parser:"| @@ )"`
}

// grammar builds the participle parser when the first file is parsed, not when the program starts: most
// processes never parse anything.
func grammar() *participle.Parser[declaration] { return built() }

var built = sync.OnceValue(func() *participle.Parser[declaration] {
	return participle.MustBuild[declaration](participle.Lexer(definition{}), participle.UseLookahead(1))
})

// body is a block behind the words of a header.
type body struct {
	reader
	block *Block
}

// Parse implements [participle.Parseable].
func (b *body) Parse(lex *lexer.PeekingLexer) error {
	if lex.Peek().Type != tLBrace {
		return participle.NextMatch
	}
	b.lex = lex
	b.block = b.readBlock()
	return nil
}

// scalar is the value of a file setting.
type scalar struct {
	reader
	first lexer.Token
	value Value
}

// Parse implements [participle.Parseable].
func (s *scalar) Parse(lex *lexer.PeekingLexer) error {
	s.first = *lex.Peek()
	if !startsValue(&s.first) {
		return participle.NextMatch
	}
	s.lex = lex
	s.value = s.readValue()
	return nil
}

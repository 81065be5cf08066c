package parser

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/woodwork-lang/ww/internal/diag"
)

// The token types. Brackets always come in well-nested pairs: the scanner mends what is missing (with tokens
// of no width) and turns what is too much into tBad, having reported both.
const (
	tNL     lexer.TokenType = iota + 1 // one or more line ends; no width, placed behind the last token
	tComma                             // ,
	tSep                               // : or =
	tWord                              // a name, perhaps with dots: llm, input.cli
	tBare                              // any other bare text: 8080, ./a.py, redis://h:1
	tString                            // "…" or '…', raw
	tEnv                               // $NAME or ${NAME}
	tLBrace
	tRBrace
	tLBrack
	tRBrack
	tBad       // has been reported; stands for anything
	tBadString // an unterminated string, reported
)

// definition tells participle the names of our tokens. Parsing never goes through Lex: [Parse] scans first
// and hands the finished tokens over.
type definition struct{}

// Symbols implements [lexer.Definition].
func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": lexer.EOF, "NL": tNL, "Comma": tComma, "Sep": tSep, "Word": tWord, "Bare": tBare, "String": tString, "Env": tEnv,
		"LBrace": tLBrace, "RBrace": tRBrace, "LBrack": tLBrack, "RBrack": tRBrack, "Bad": tBad, "BadString": tBadString,
	}
}

// Lex implements [lexer.Definition].
func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &replay{toks: scan(name, string(src)).toks}, nil
}

// replay hands out tokens that have been scanned before, and EOF tokens after them.
type replay struct {
	toks []lexer.Token
	next int
}

// Next implements [lexer.Lexer].
func (r *replay) Next() (lexer.Token, error) {
	if r.next < len(r.toks) {
		r.next++
		return r.toks[r.next-1], nil
	}
	eof := lexer.EOFToken(lexer.Position{Line: 1, Column: 1})
	if r.next > 0 {
		last := spanOf(&r.toks[r.next-1])
		eof.Pos = lexer.Position{Filename: last.File, Offset: last.End.Offset, Line: last.End.Line, Column: last.End.Col}
	}
	return eof, nil
}

func toPos(p lexer.Position) diag.Pos {
	return diag.Pos{Offset: p.Offset, Line: p.Line, Col: p.Column}
}

// spanOf is the range of one token.
func spanOf(t *lexer.Token) diag.Span {
	start := toPos(t.Pos)
	if t.Type == tBadString { // the only token that may have line ends inside
		return diag.Span{File: t.Pos.Filename, Start: start, End: advance(start, t.Value)}
	}
	end := start
	end.Offset += len(t.Value)
	end.Col += utf8.RuneCountInString(t.Value)
	return diag.Span{File: t.Pos.Filename, Start: start, End: end}
}

// advance is the place behind text that begins at p. A "\r\n" is one line end.
func advance(p diag.Pos, text string) diag.Pos {
	p.Offset += len(text)
	lines := countLines(text)
	if lines == 0 {
		p.Col += utf8.RuneCountInString(text)
		return p
	}
	p.Line += lines
	p.Col = 1 + utf8.RuneCountInString(text[strings.LastIndexAny(text, "\r\n")+1:])
	return p
}

func countLines(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			n++
		}
	}
	return n
}

// join is the range from the beginning of a to the end of b.
func join(a, b diag.Span) diag.Span {
	return diag.Span{File: a.File, Start: a.Start, End: b.End}
}

package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/woodwork-lang/ww/internal/diag"
)

// tokenType says what a token is.
type tokenType int8

// The token types. Brackets always come in well-nested pairs: the scanner mends what is missing (with tokens
// of no width) and turns what is too much into tBad, having reported both.
const (
	tEOF tokenType = tokenType(lexer.EOF)

	tNL     tokenType = iota // one or more line ends; no width, placed behind the last token
	tComma                   // ,
	tSep                     // : or =
	tWord                    // a name, perhaps with dots: llm, input.cli
	tBare                    // any other bare text: 8080, ./a.py, redis://h:1
	tString                  // "…" or '…', raw
	tEnv                     // $NAME or ${NAME}
	tLBrace
	tRBrace
	tLBrack
	tRBrack
	tBad       // has been reported; stands for anything
	tBadString // an unterminated string, reported
)

// token is one token of a file. A file has tens of thousands, so it is half as large as one of participle's, which names
// its file.
type token struct {
	Value          string
	off, line, col int32
	Type           tokenType
}

// place makes p the place of the token.
func (t *token) place(p diag.Pos) {
	t.off, t.line, t.col = int32(p.Offset), int32(p.Line), int32(p.Col)
}

// pos is where the token begins.
func (t *token) pos() diag.Pos {
	return diag.Pos{Offset: int(t.off), Line: int(t.line), Col: int(t.col)}
}

// end is the place behind the token.
func (t *token) end() diag.Pos {
	end := t.pos()
	if t.Type == tBadString { // the only token that may have line ends inside
		return advance(end, t.Value)
	}
	end.Offset += len(t.Value)
	end.Col += utf8.RuneCountInString(t.Value)
	return end
}

// span is the range of the token in the named file.
func (t *token) span(file string) diag.Span {
	return diag.Span{File: file, Start: t.pos(), End: t.end()}
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

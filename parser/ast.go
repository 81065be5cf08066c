package parser

import "github.com/woodwork-lang/ww/internal/diag"

// Node is a piece of the tree that knows where it stands.
type Node interface{ Span() diag.Span }

// File is a parsed .ww file. It is complete enough to work with even when there were errors.
type File struct {
	Name     string
	Src      []byte
	Decls    []*Decl
	Comments []Comment // every comment of the file, in order
	Range    diag.Span
}

// Decl is one top-level declaration: a component (Body is set) or a file setting (Value is set).
type Decl struct {
	Name  Ident
	Body  *Block // `name = llm openai { … }`; its Kind is never nil
	Value Value  // `name = "distributed"`
	Range diag.Span

	// Partial says that an error inside has been reported, so that what is missing from the declaration
	// proves nothing.
	Partial bool
}

// Ident is a name as written.
type Ident struct {
	Name  string
	Range diag.Span
}

// Block is `{ … }`. Kind and Type are the words before it, nil for a plain dict; a dotted kind
// (`input.cli`) is already split into both.
type Block struct {
	Kind, Type *Ident
	Pairs      []*Pair
	Range      diag.Span // from the first word, or from the brace when there is none

	effective []*Pair // when not all of Pairs count: those that do
}

// Effective is the pairs that count: those with a value, and of several with one key the last (a warning has been
// reported), in the place of the first.
func (b *Block) Effective() []*Pair {
	if b.effective != nil {
		return b.effective
	}
	return b.Pairs
}

// Pair is `key: value` or `key = value`.
type Pair struct {
	Key   Ident // unquoted
	Sep   byte  // ':' or '='
	Value Value // nil when it is missing; the error has been reported
	Range diag.Span
}

// Value is what may stand behind a key: *String, *Number, *Bool, *Null, *Env, *Word, *Array or *Block.
type Value interface {
	Node
	value()
}

// String is a quoted text. Text is decoded, Quote is the quote character that was used.
type String struct {
	Text  string
	Quote byte
	Range diag.Span
}

// Number is an integer or a float; Text is the spelling in the source.
type Number struct {
	Text  string
	Int   int64
	Float float64
	IsInt bool
	Range diag.Span
}

// Bool is true or false, in any case.
type Bool struct {
	Value bool
	Text  string
	Range diag.Span
}

// Null is null or None.
type Null struct {
	Text  string
	Range diag.Span
}

// Env is $NAME or ${NAME}.
type Env struct {
	Name  string
	Range diag.Span
}

// Word is a bare word: the name of a component, or text such as a path or URL. Which of the two is decided
// where the components are known (package project).
type Word struct {
	Text  string
	Range diag.Span
}

// Array is `[ … ]`.
type Array struct {
	Items []Value
	Range diag.Span
}

// Comment is one comment with its marker (`#`, `//` or `/* */`).
type Comment struct {
	Text  string
	Range diag.Span
}

// Span implements [Node].
func (f *File) Span() diag.Span { return f.Range }

// Span implements [Node].
func (d *Decl) Span() diag.Span { return d.Range }

// Span implements [Node].
func (b *Block) Span() diag.Span { return b.Range }

// Span implements [Node].
func (p *Pair) Span() diag.Span { return p.Range }

// Span implements [Node].
func (s *String) Span() diag.Span { return s.Range }

// Span implements [Node].
func (n *Number) Span() diag.Span { return n.Range }

// Span implements [Node].
func (b *Bool) Span() diag.Span { return b.Range }

// Span implements [Node].
func (n *Null) Span() diag.Span { return n.Range }

// Span implements [Node].
func (e *Env) Span() diag.Span { return e.Range }

// Span implements [Node].
func (w *Word) Span() diag.Span { return w.Range }

// Span implements [Node].
func (a *Array) Span() diag.Span { return a.Range }

func (*String) value() {}
func (*Number) value() {}
func (*Bool) value()   {}
func (*Null) value()   {}
func (*Env) value()    {}
func (*Word) value()   {}
func (*Array) value()  {}
func (*Block) value()  {}

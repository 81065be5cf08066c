package parser

import "slices"

// Same reports whether two files say the same: equal declarations in the same order, and the same comments, wherever
// they stand. Spelling does not count: blanks, the sign between a key and its value, the case of true.
func Same(a, b *File) bool {
	return slices.EqualFunc(a.Decls, b.Decls, sameDecl) && slices.Equal(remarks(a), remarks(b))
}

func remarks(f *File) []string {
	var texts []string
	for _, c := range f.Comments {
		texts = append(texts, c.plain())
	}
	slices.Sort(texts)
	return texts
}

func sameDecl(a, b *Decl) bool {
	if a.Name.Name != b.Name.Name || (a.Body == nil) != (b.Body == nil) {
		return false
	}
	if a.Body != nil {
		return sameValue(a.Body, b.Body)
	}
	return sameValue(a.Value, b.Value)
}

func sameValue(a, b Value) bool {
	switch a := a.(type) {
	case *String:
		b, ok := b.(*String)
		return ok && a.Text == b.Text && a.Quote == b.Quote
	case *Number:
		b, ok := b.(*Number)
		return ok && a.Text == b.Text
	case *Bool:
		b, ok := b.(*Bool)
		return ok && a.Value == b.Value
	case *Null:
		_, ok := b.(*Null)
		return ok
	case *Env:
		b, ok := b.(*Env)
		return ok && a.Name == b.Name
	case *Word:
		b, ok := b.(*Word)
		return ok && a.Text == b.Text
	case *Array:
		b, ok := b.(*Array)
		return ok && slices.EqualFunc(a.Items, b.Items, sameValue)
	case *Block:
		b, ok := b.(*Block)
		return ok && sameIdent(a.Kind, b.Kind) && sameIdent(a.Type, b.Type) && slices.EqualFunc(a.Pairs, b.Pairs, samePair)
	}
	return a == nil && b == nil
}

func samePair(a, b *Pair) bool { return a.Key.Name == b.Key.Name && sameValue(a.Value, b.Value) }

func sameIdent(a, b *Ident) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Name == b.Name
}

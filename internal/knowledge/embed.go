package knowledge

import (
	"context"
	"fmt"
	"slices"
)

// Plan is what reading in would do.
type Plan struct {
	New, Changed, Same []string
	Gone               []string // in the store, and not on disk any more
	Left               []Left
	Passages           int // that are made
	Tokens             int // that are embedded, roughly
	Dollars            float64
	Priced             bool // false: nobody knows what it costs
}

// Left is a file that is left out.
type Left struct{ Path, Why string }

// Todo is the documents that are read in.
func (p *Plan) Todo() []string {
	all := append(slices.Clone(p.New), p.Changed...)
	slices.Sort(all)
	return all
}

// Plan looks at the documents and says what is to be done. It embeds nothing.
func (b *Base) Plan(ctx context.Context) (*Plan, error) {
	if b.Source == "" {
		return nil, errNoSource()
	}
	names, err := b.files()
	if err != nil {
		return nil, err
	}
	have, err := b.Store.Files(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	there := map[string]bool{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := b.read(name)
		if why, left := noText(err); left {
			if why != "empty" {
				p.Left = append(p.Left, Left{name, why})
			}
			continue
		}
		if err != nil {
			p.Left = append(p.Left, Left{name, err.Error()})
			there[name] = true // it is there, and what was read of it before still counts
			continue
		}
		there[name] = true
		p.take(d, have)
	}
	for name := range have {
		if !there[name] {
			p.Gone = append(p.Gone, name)
		}
	}
	slices.Sort(p.Gone)
	price, known := b.Embedder.Price()
	p.Dollars, p.Priced = price*float64(p.Tokens)/1e6, known
	return p, nil
}

func (p *Plan) take(d document, have map[string]File) {
	old, known := have[d.Path]
	switch {
	case known && old.Hash == d.Hash:
		p.Same = append(p.Same, d.Path)
		return
	case known:
		p.Changed = append(p.Changed, d.Path)
	default:
		p.New = append(p.New, d.Path)
	}
	for _, x := range Split(d.Path, d.text) {
		p.Passages++
		p.Tokens += tokens(x.Text)
	}
}

// tokens is a rough count: four bytes are one.
func tokens(text string) int { return (len(text) + 3) / 4 }

// Progress is how far reading in is.
type Progress struct {
	File            string
	Passages, Total int
}

// batch is how many passages are embedded at once.
const batch = 64

// Embed carries a plan out, document by document: what is done stays done when it is broken off. A document that has
// vanished meanwhile is left for the next time.
func (b *Base) Embed(ctx context.Context, p *Plan, tell func(Progress)) error {
	for _, name := range p.Gone {
		if err := b.Store.Remove(ctx, name); err != nil {
			return err
		}
	}
	at := Progress{Total: p.Passages}
	for _, name := range p.Todo() {
		at.File = name
		tell(at)
		d, err := b.read(name)
		if err != nil {
			continue
		}
		passages := Split(name, d.text)
		vectors, err := b.vectors(ctx, passages, func(n int) {
			at.Passages += n
			tell(at)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		d.Passages = len(passages)
		if err := b.Store.Replace(ctx, d.File, passages, vectors); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if s, ok := b.Store.(interface{ Compact() error }); ok {
		return s.Compact()
	}
	return nil
}

func (b *Base) vectors(ctx context.Context, passages []Passage, tell func(n int)) ([][]float32, error) {
	var out [][]float32
	for some := range slices.Chunk(passages, batch) {
		texts := make([]string, len(some))
		for i, p := range some {
			texts[i] = p.Text
		}
		vs, err := b.Embedder.Embed(ctx, texts)
		if err != nil {
			return nil, err
		}
		out = append(out, vs...)
		tell(len(some))
	}
	return out, nil
}

// Clear takes every document out.
func (b *Base) Clear(ctx context.Context) (int, error) {
	have, err := b.Store.Files(ctx)
	if err != nil {
		return 0, err
	}
	for name := range have {
		if err := b.Store.Remove(ctx, name); err != nil {
			return 0, err
		}
	}
	return len(have), nil
}

// Package knowledge keeps passages of documents and finds those that are nearest to a question in meaning.
//
// A [Base] is a store of passages and what makes vectors of texts. [Base.Plan] says what is to be read in, [Base.Embed] does
// it, [Base.Find] asks.
package knowledge

import "context"

// Passage is a piece of a document.
type Passage struct {
	File  string // below the project, with slashes
	Index int    // 0, 1, … in its file
	Text  string
}

// Hit is a passage that was found, with how near it is: 1 is the same.
type Hit struct {
	Passage
	Score float64
}

// File is a document that was read in.
type File struct {
	Path     string `json:"path"`
	Hash     string `json:"hash"` // of its bytes
	Passages int    `json:"passages"`
}

// Store keeps passages with their vectors.
type Store interface {
	// Files are the documents that are in the store, by path.
	Files(ctx context.Context) (map[string]File, error)
	// Replace puts a document's passages in the place of those it had.
	Replace(ctx context.Context, f File, passages []Passage, vectors [][]float32) error
	// Remove takes a document out.
	Remove(ctx context.Context, path string) error
	// Nearest finds the n passages that are nearest to a vector, the nearest first.
	Nearest(ctx context.Context, vector []float32, n int) ([]Hit, error)
	Close() error
}

// Embedder makes vectors of texts.
type Embedder interface {
	// Model names what makes the vectors: those of different models cannot be compared.
	Model() string
	Embed(ctx context.Context, texts []string) ([][]float32, error)
	// Price is US dollars for a million tokens; known is false when nobody knows. 0 is free of charge.
	Price() (dollars float64, known bool)
}

// Base is a knowledge base.
type Base struct {
	Store    Store
	Embedder Embedder
	Root     string // the project
	Source   string // file or directory that is read in, below Root or absolute; empty: none
}

// Find returns the n passages that are nearest to a question.
func (b *Base) Find(ctx context.Context, question string, n int) ([]Hit, error) {
	v, err := b.Embedder.Embed(ctx, []string{question})
	if err != nil {
		return nil, err
	}
	return b.Store.Nearest(ctx, v[0], n)
}

// Close closes the store.
func (b *Base) Close() error { return b.Store.Close() }

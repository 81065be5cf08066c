package knowledge

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Prompts is a store on a Neo4j server, in the form in which the Python engine kept its plans: nodes (:Prompt {value,
// embedding}), or with another label. What is ours says whose it is (owner, model), and has its text. The nodes of others
// are left alone.
type Prompts struct {
	Server       *Cypher
	Owner, Model string
	Label        string // of the nodes, a word; empty: Prompt
	Index        string // the vector index that holds them, a word, made when there is none; empty: they have none
}

// labeled puts the label of our nodes into a statement, which takes none as a parameter.
func (p *Prompts) labeled(query string) string {
	return strings.ReplaceAll(query, ":Prompt", ":"+cmp.Or(p.Label, "Prompt"))
}

// index makes the vector index, by which the server itself finds what is near.
func (p *Prompts) index(ctx context.Context, dimensions int) error {
	if p.Index == "" {
		return nil
	}
	_, err := p.run(ctx, "CREATE VECTOR INDEX "+p.Index+" IF NOT EXISTS FOR (p:Prompt) ON (p.embedding)\n"+
		"OPTIONS {indexConfig: {`vector.dimensions`: "+strconv.Itoa(dimensions)+", `vector.similarity_function`: 'cosine'}}", nil)
	return err
}

// mostPrompts is how many are compared.
const mostPrompts = 10_000

func (p *Prompts) run(ctx context.Context, query string, more map[string]any) ([]map[string]json.RawMessage, error) {
	params := map[string]any{"owner": p.Owner, "model": p.Model, "most": mostPrompts}
	for name, v := range more {
		params[name] = v
	}
	return p.Server.Run(ctx, p.labeled(query), params)
}

// Files implements Store.
func (p *Prompts) Files(ctx context.Context) (map[string]File, error) {
	rows, err := p.run(ctx, `MATCH (p:Prompt {owner: $owner, model: $model}) RETURN p.path AS path, p.hash AS hash, count(p) AS passages`, nil)
	if err != nil {
		return nil, err
	}
	out := map[string]File{}
	for _, row := range rows {
		var f File
		if err := firstError(json.Unmarshal(row["path"], &f.Path), json.Unmarshal(row["passages"], &f.Passages)); err != nil {
			return nil, err
		}
		_ = json.Unmarshal(row["hash"], &f.Hash) // null when it has none
		out[f.Path] = f
	}
	return out, nil
}

// Replace implements Store, in one transaction.
func (p *Prompts) Replace(ctx context.Context, f File, passages []Passage, vectors [][]float32) error {
	list := make([]map[string]any, len(passages))
	for i, one := range passages {
		list[i] = map[string]any{"text": one.Text, "index": one.Index, "vector": vectors[i]}
	}
	if len(vectors) > 0 {
		if err := p.index(ctx, len(vectors[0])); err != nil {
			return err
		}
	}
	_, err := p.run(ctx, `OPTIONAL MATCH (old:Prompt {owner: $owner, model: $model, path: $path})
DETACH DELETE old
WITH DISTINCT 1 AS once
UNWIND $list AS one
CREATE (:Prompt {owner: $owner, model: $model, path: $path, hash: $hash, index: one.index, value: one.text, embedding: one.vector})`,
		map[string]any{"path": f.Path, "hash": f.Hash, "list": list})
	return err
}

// Remove implements Store.
func (p *Prompts) Remove(ctx context.Context, path string) error {
	_, err := p.run(ctx, `MATCH (p:Prompt {owner: $owner, model: $model, path: $path}) DETACH DELETE p`, map[string]any{"path": path})
	return err
}

// Nearest implements Store. Servers of every age can be asked: they hand over the vectors, and those are compared here.
func (p *Prompts) Nearest(ctx context.Context, vector []float32, n int) ([]Hit, error) {
	rows, err := p.run(ctx, `MATCH (p:Prompt {owner: $owner, model: $model})
RETURN p.path AS path, p.index AS index, p.value AS text, p.embedding AS vector LIMIT $most`, nil)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, row := range rows {
		var h Hit
		var v []float32
		if err := firstError(json.Unmarshal(row["path"], &h.File), json.Unmarshal(row["index"], &h.Index),
			json.Unmarshal(row["text"], &h.Text), json.Unmarshal(row["vector"], &v)); err != nil {
			return nil, err
		}
		if h.Score = cosine(vector, v); len(v) == len(vector) {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return hits[:min(n, len(hits))], nil
}

// Close implements Store.
func (p *Prompts) Close() error {
	p.Server.HTTP.CloseIdleConnections()
	return nil
}

func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var dot, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return dot / math.Sqrt(aa*bb)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

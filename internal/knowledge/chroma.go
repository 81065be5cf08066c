package knowledge

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Chroma is a store on a Chroma server, by its HTTP API of version 2.
type Chroma struct {
	URL, Token       string
	Tenant, Database string
	Collection       string
	HTTP             *http.Client

	mu sync.Mutex
	id string // of the collection; guarded by mu
}

// page is how many entries are read at once.
const pageSize = 1000

// collection finds or makes the collection.
func (c *Chroma) collection(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id != "" {
		return c.id, nil
	}
	var got struct {
		ID string `json:"id"`
	}
	err := c.call(ctx, "", map[string]any{
		"name": c.Collection, "get_or_create": true, "metadata": map[string]any{"hnsw:space": "cosine"},
	}, &got)
	if err == nil && got.ID == "" {
		err = errChroma(c.URL, "it made no collection")
	}
	c.id = got.ID
	return c.id, err
}

// call makes a request below the collections of the database.
func (c *Chroma) call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	address := strings.TrimRight(c.URL, "/") + "/api/v2/tenants/" + url.PathEscape(c.Tenant) + "/databases/" + url.PathEscape(c.Database) + "/collections" + path
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		req.Header.Set("X-Chroma-Token", c.Token)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return errUnreachable(c.URL, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, largestReply))
	if err != nil {
		return errUnreachable(c.URL, err)
	}
	if res.StatusCode >= 300 {
		return errChroma(c.URL, fmt.Sprintf("%s: %s", res.Status, short(raw)))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return errChroma(c.URL, "an answer that cannot be read: "+err.Error())
	}
	return nil
}

func (c *Chroma) on(ctx context.Context, what string, in, out any) error {
	id, err := c.collection(ctx)
	if err != nil {
		return err
	}
	return c.call(ctx, "/"+url.PathEscape(id)+"/"+what, in, out)
}

// meta is what is kept beside a passage.
type meta struct {
	File  string `json:"file_path"`
	Hash  string `json:"file_hash,omitempty"`
	Index int    `json:"passage"`
}

// Files implements Store.
func (c *Chroma) Files(ctx context.Context) (map[string]File, error) {
	out := map[string]File{}
	for at := 0; ; at += pageSize {
		var got struct {
			IDs   []string `json:"ids"`
			Metas []meta   `json:"metadatas"`
		}
		if err := c.on(ctx, "get", map[string]any{"limit": pageSize, "offset": at, "include": []string{"metadatas"}}, &got); err != nil {
			return nil, err
		}
		for _, m := range got.Metas {
			if m.File == "" {
				continue // not ours
			}
			f := out[m.File]
			out[m.File] = File{Path: m.File, Hash: cmp.Or(m.Hash, f.Hash), Passages: f.Passages + 1}
		}
		if len(got.IDs) < pageSize {
			return out, nil
		}
	}
}

// Replace implements Store. The new passages come before the old ones go: what is broken off is done again, because its
// hash is not the document's.
func (c *Chroma) Replace(ctx context.Context, f File, passages []Passage, vectors [][]float32) error {
	if err := c.Remove(ctx, f.Path); err != nil {
		return err
	}
	for from := 0; from < len(passages); from += batch {
		to := min(from+batch, len(passages))
		in := map[string]any{"embeddings": vectors[from:to]}
		var ids, texts []string
		var metas []meta
		for _, p := range passages[from:to] {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s:%d:%s", p.File, p.Index, p.Text))
			ids, texts = append(ids, hex.EncodeToString(sum[:])), append(texts, p.Text)
			m := meta{File: p.File, Index: p.Index}
			if to == len(passages) {
				m.Hash = f.Hash // the last ones say that it is whole
			}
			metas = append(metas, m)
		}
		in["ids"], in["documents"], in["metadatas"] = ids, texts, metas
		if err := c.on(ctx, "upsert", in, nil); err != nil {
			return err
		}
	}
	return nil
}

// Remove implements Store.
func (c *Chroma) Remove(ctx context.Context, path string) error {
	return c.on(ctx, "delete", map[string]any{"where": map[string]any{"file_path": path}}, nil)
}

// Nearest implements Store.
func (c *Chroma) Nearest(ctx context.Context, vector []float32, n int) ([]Hit, error) {
	var got struct {
		Documents [][]string  `json:"documents"`
		Metas     [][]meta    `json:"metadatas"`
		Distances [][]float64 `json:"distances"`
	}
	in := map[string]any{"query_embeddings": [][]float32{vector}, "n_results": n, "include": []string{"documents", "metadatas", "distances"}}
	if err := c.on(ctx, "query", in, &got); err != nil {
		return nil, err
	}
	var out []Hit
	for i := range first(got.Documents) {
		h := Hit{Passage: Passage{Text: got.Documents[0][i]}}
		if m := first(got.Metas); i < len(m) {
			h.File, h.Index = m[i].File, m[i].Index
		}
		if d := first(got.Distances); i < len(d) {
			h.Score = 1 - d[i]
		}
		out = append(out, h)
	}
	return out, nil
}

func first[T any](lists [][]T) []T {
	if len(lists) == 0 {
		return nil
	}
	return lists[0]
}

// Close implements Store.
func (c *Chroma) Close() error { return nil }

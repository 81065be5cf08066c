package knowledge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/woodwork-lang/ww/internal/knowledge"
)

func TestTheServiceIsAskedAgainWhenItWantsThat(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Model string
			Input []string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer k" {
			t.Errorf("%s %v %v", r.URL, r.Header, err)
		}
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}]}`)
	}))
	defer s.Close()
	e := &knowledge.Service{URL: s.URL + "/v1", Key: "k", Name: "m", HTTP: s.Client()}
	v, err := e.Embed(t.Context(), []string{"a", "b"})
	if err != nil || fmt.Sprint(v) != "[[1 2] [3 4]]" || asked.Load() != 2 {
		t.Errorf("%v, %v, %d times", v, err, asked.Load())
	}
}

func TestWhatTheServiceRefusesIsASentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{401, `{}`, "refuses the api_key"},
		{404, `{}`, `has no embedding model "m"`},
		{400, `{"error": "too long"}`, "too long"},
		{200, `nonsense`, "no vectors"},
		{200, `{"data":[]}`, "nothing came for text 1 of 1"},
		{200, `{"data":[{"index":7,"embedding":[1]}]}`, "it answered for text 8 of 1"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		e := &knowledge.Service{URL: s.URL, Name: "m", Key: "sk-secret", HTTP: s.Client()}
		if _, err := e.Embed(t.Context(), []string{"a"}); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
		s.Close()
	}
	if p, known := (&knowledge.Service{URL: "https://api.openai.com/v1", Name: "text-embedding-3-large"}).Price(); p != 0.13 || !known {
		t.Errorf("%v %v", p, known)
	}
}

// chromaServer is the part of the API of a Chroma server that is used, with one collection.
func chromaServer(t *testing.T) *httptest.Server {
	type entry struct {
		doc  string
		meta map[string]any
		vec  []float32
	}
	entries := map[string]entry{}
	var order []string
	const collections = "/api/v2/tenants/default_tenant/databases/default_database/collections"
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Name       string
			IDs        []string
			Documents  []string
			Metadatas  []map[string]any
			Embeddings [][]float32
			Where      map[string]any
			Offset     int
			Limit      int
			N          int         `json:"n_results"`
			Query      [][]float32 `json:"query_embeddings"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		switch r.URL.Path {
		case collections:
			fmt.Fprintf(w, `{"id":"c1","name":%q}`, in.Name)
		case collections + "/c1/upsert":
			for i, id := range in.IDs {
				if _, known := entries[id]; !known {
					order = append(order, id)
				}
				entries[id] = entry{in.Documents[i], in.Metadatas[i], in.Embeddings[i]}
			}
		case collections + "/c1/delete":
			for id, e := range entries {
				if e.meta["file_path"] == in.Where["file_path"] {
					delete(entries, id)
				}
			}
		case collections + "/c1/get":
			out := map[string]any{"ids": []string{}, "metadatas": []any{}}
			for _, id := range order {
				if e, ok := entries[id]; ok {
					out["ids"], out["metadatas"] = append(out["ids"].([]string), id), append(out["metadatas"].([]any), e.meta)
				}
			}
			_ = json.NewEncoder(w).Encode(out)
		case collections + "/c1/query":
			best, far := "", 2.0
			for id, e := range entries {
				if d := 1 - float64(e.vec[0]*in.Query[0][0]); d < far {
					best, far = id, d
				}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{
				"documents": [][]string{{entries[best].doc}}, "metadatas": [][]any{{entries[best].meta}}, "distances": [][]float64{{far}},
			})
		default:
			http.Error(w, "no such path "+r.URL.Path, http.StatusNotFound)
		}
	}))
}

func TestAChromaServerIsAStoreToo(t *testing.T) {
	t.Parallel()
	srv := chromaServer(t)
	defer srv.Close()
	s := &knowledge.Chroma{URL: srv.URL, Tenant: "default_tenant", Database: "default_database", Collection: "docs", HTTP: srv.Client()}
	put(t, s, "a", "one", "three")
	put(t, s, "b", "fifteen")
	put(t, s, "a", "seventeen")
	files, err := s.Files(t.Context())
	if err != nil || len(files) != 2 || files["a"].Passages != 1 || files["a"].Hash != "a[seventeen]" {
		t.Errorf("%+v, %v", files, err)
	}
	hits, err := s.Nearest(t.Context(), []float32{1, 0}, 1)
	if err != nil || len(hits) != 1 || hits[0].Text != "seventeen" || hits[0].File != "a" {
		t.Errorf("%+v, %v", hits, err)
	}
	gone := &knowledge.Chroma{URL: "http://127.0.0.1:1", HTTP: srv.Client()}
	if _, err := gone.Files(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("got %v", err)
	}
}

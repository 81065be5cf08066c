// Package knowledgebase is where agents and models look things up: `knowledge_base chroma`, passages of documents that are
// found by meaning; `knowledge_base text_file`, one file; `knowledge_base neo4j`, a graph database.
package knowledgebase

import (
	"cmp"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/knowledge"
)

// The defaults of the properties.
const (
	defaultURL   = "https://api.openai.com/v1"
	defaultModel = "text-embedding-3-large"
	oldPath      = ".woodwork/chroma" // where the Python engine keeps what we cannot read
)

// patience is how long a service or a server may take for one answer.
const patience = 2 * time.Minute

// Place is where an app is on disk.
type Place struct {
	Dir   string // the project
	State string // what the app keeps
}

// Open opens the knowledge base of a component `knowledge_base chroma`. Nothing is asked and nothing is written. old is the
// directory of a store that the Python engine made, if there is one: it cannot be read.
func Open(name string, config map[string]any, at Place) (b *knowledge.Base, old string, err error) {
	v := property.Values(config)
	var errs []error
	text := func(key, otherwise string) string {
		s, err := v.Text(key, otherwise)
		errs = append(errs, err)
		return s
	}
	key, url := text("api_key", ""), strings.TrimRight(text("base_url", defaultURL), "/")
	model, how := text("model", defaultModel), text("embedding", "")
	server, client := text("url", ""), text("client", "")
	path, source := text("path", oldPath), text("file_to_embed", "")
	chroma := &knowledge.Chroma{
		URL: server, Token: text("token", ""), Collection: text("collection", "collection"),
		Tenant: text("tenant", "default_tenant"), Database: text("database", "default_database"), HTTP: web(),
	}
	if err := errors.Join(errs...); err != nil {
		return nil, "", err
	}
	b = &knowledge.Base{Root: at.Dir, Source: source}
	switch {
	case how == "local", how == "" && key == "" && client == "local":
		b.Embedder = knowledge.Local{}
	case key == "" && url == defaultURL:
		return nil, "", errNoKey(name)
	default:
		b.Embedder = &knowledge.Service{URL: url, Key: key, Name: model, HTTP: web()}
	}
	if server != "" {
		b.Store = chroma
		return b, "", nil
	}
	dir := filepath.Join(at.State, "knowledge", name)
	theirs := inProject(at.Dir, path)
	if _, err := os.Stat(filepath.Join(theirs, "chroma.sqlite3")); err == nil {
		old = path
	} else if filepath.Clean(path) != filepath.FromSlash(oldPath) {
		dir = theirs
	}
	b.Store, err = knowledge.OpenFile(dir, b.Embedder.Model())
	return b, old, err
}

// OpenGraph opens the documents that ww embed keeps in the database of a component `knowledge_base neo4j`: nodes
// (:Passage {path, value, embedding}) in the index that similarity_search looks into. Nothing is asked.
func OpenGraph(name string, config map[string]any, at Place) (*knowledge.Base, error) {
	g, err := newGraph(name, config)
	if err != nil {
		return nil, err
	}
	source, err := property.Values(config).Text("file_to_embed", "")
	switch {
	case err != nil:
		return nil, err
	case g.offline:
		return nil, errNeo4jOffline(name)
	case g.embedder == nil:
		return nil, errNeo4jKey(name)
	}
	store := &knowledge.Prompts{Server: &g.server, Owner: name, Model: g.embedder.Model(), Label: "Passage", Index: vectorIndex}
	return &knowledge.Base{Root: at.Dir, Source: source, Store: store, Embedder: g.embedder}, nil
}

func inProject(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func web() *http.Client { return &http.Client{Timeout: patience} }

// OldStore says that what the Python engine has read in cannot be used.
func OldStore(name, path string) string {
	return cmp.Or(path, oldPath) + " was written by the Python engine and cannot be read; to read the documents in again: ww embed " + name
}

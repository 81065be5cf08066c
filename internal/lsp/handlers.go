package lsp

import (
	"encoding/json"
	"slices"
)

// handler does what a message asks for. The result goes back for requests.
type handler func(s *server, params json.RawMessage) (any, error)

// with reads the parameters of a message for its handler.
func with[P any](do func(*server, *P) (any, error)) handler {
	return func(s *server, params json.RawMessage) (any, error) {
		var p P
		if len(params) > 0 {
			if err := json.Unmarshal(params, &p); err != nil {
				return nil, failure(codeInvalidParams, "the parameters are not what the method takes: %v", err)
			}
		}
		return do(s, &p)
	}
}

// at is with for questions about a place in an open document. Nothing is known of one that is not open.
func at[P any](where func(*P) positionParams, do func(*server, *document, int, *P) (any, error)) handler {
	return with(func(s *server, p *P) (any, error) {
		place := where(p)
		d, ok := s.docs[place.TextDocument.URI]
		if !ok {
			return nil, failure(codeInvalidParams, "%s is not open", place.TextDocument.URI)
		}
		return do(s, d, d.offset(place.Position), p)
	})
}

// of is with for questions about an open document.
func of(do func(*server, *document) (any, error)) handler {
	return with(func(s *server, p *documentParams) (any, error) {
		d, ok := s.docs[p.TextDocument.URI]
		if !ok {
			return nil, failure(codeInvalidParams, "%s is not open", p.TextDocument.URI)
		}
		return do(s, d)
	})
}

func handlers() map[string]handler {
	here := func(p *positionParams) positionParams { return *p }
	return map[string]handler{
		"initialize":                      with((*server).initialize),
		"shutdown":                        with((*server).shutdown),
		"textDocument/didOpen":            with((*server).opened),
		"textDocument/didChange":          with((*server).changed),
		"textDocument/didClose":           with((*server).closed),
		"textDocument/didSave":            with((*server).checkAll),
		"workspace/didChangeWatchedFiles": with((*server).checkAll),
		"textDocument/completion":         at(here, (*server).completion),
		"textDocument/hover":              at(here, (*server).hover),
		"textDocument/definition":         at(here, (*server).definition),
		"textDocument/documentHighlight":  at(here, (*server).highlight),
		"textDocument/prepareRename":      at(here, (*server).prepareRename),
		"textDocument/references":         at(func(p *referenceParams) positionParams { return p.positionParams }, (*server).references),
		"textDocument/rename":             at(func(p *renameParams) positionParams { return p.positionParams }, (*server).rename),
		"textDocument/codeAction":         with((*server).fixes),
		"textDocument/formatting":         of((*server).formatting),
		"textDocument/documentSymbol":     of((*server).symbols),
	}
}

type none struct{}

func (s *server) initialize(p *initializeParams) (any, error) {
	for _, e := range p.Capabilities.General.PositionEncodings { // the client's first choice comes first
		if slices.Contains([]encoding{utf8Units, utf16Units, utf32Units}, encoding(e)) {
			s.encoding = encoding(e)
			break
		}
	}
	s.snippets = p.Capabilities.TextDocument.Completion.CompletionItem.SnippetSupport
	s.versions = p.Capabilities.Workspace.WorkspaceEdit.DocumentChanges
	s.phase = running
	const incremental = 2
	return map[string]any{
		"serverInfo": map[string]any{"name": "ww", "version": s.options.Version},
		"capabilities": map[string]any{
			"positionEncoding":           s.encoding,
			"textDocumentSync":           map[string]any{"openClose": true, "change": incremental, "save": true},
			"completionProvider":         map[string]any{"triggerCharacters": []string{"$", "[", "\"", "=", ":", "."}},
			"hoverProvider":              true,
			"definitionProvider":         true,
			"referencesProvider":         true,
			"documentHighlightProvider":  true,
			"renameProvider":             map[string]any{"prepareProvider": true},
			"documentFormattingProvider": true,
			"codeActionProvider":         map[string]any{"codeActionKinds": []string{"quickfix"}},
			"documentSymbolProvider":     true,
		},
	}, nil
}

func (s *server) shutdown(*none) (any, error) {
	s.phase = shutDown
	return nil, nil
}

func (s *server) opened(p *openParams) (any, error) {
	t := p.TextDocument
	d := newDocument(t.URI, t.Version, t.Text, s.encoding)
	s.docs[t.URI] = d
	s.check(d)
	return nil, nil
}

func (s *server) changed(p *changeParams) (any, error) {
	d, ok := s.docs[p.TextDocument.URI]
	if !ok {
		return nil, failure(codeInvalidParams, "%s is not open", p.TextDocument.URI)
	}
	for _, c := range p.ContentChanges {
		if c.Range == nil {
			d.set(c.Text)
		} else {
			d.replace(*c.Range, c.Text)
		}
	}
	d.version = p.TextDocument.Version
	s.later(d)
	return nil, nil
}

func (s *server) closed(p *documentParams) (any, error) {
	if _, ok := s.docs[p.TextDocument.URI]; !ok {
		return nil, nil
	}
	delete(s.docs, p.TextDocument.URI)
	s.notify("textDocument/publishDiagnostics", publishParams{URI: p.TextDocument.URI, Diagnostics: []diagnostic{}})
	return nil, nil
}

// checkAll looks again at what is open: a file that they name may have come or gone.
func (s *server) checkAll(*none) (any, error) {
	for _, d := range s.docs {
		s.check(d)
	}
	return nil, nil
}

package lsp

import (
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// definition is where a component is declared, or the file that a path names.
func (s *server) definition(d *document, offset int, _ *positionParams) (any, error) {
	if u, ok := d.useAt(offset); ok {
		for _, other := range d.uses {
			if other.Declares && other.Name == u.Name {
				return location{d.uri, d.span(other.Span)}, nil
			}
		}
	}
	at := s.spotAt(d.tree(), offset)
	if at == nil || at.prop == nil || at.prop.Type != schema.Path && at.prop.Type != schema.File {
		return nil, nil
	}
	text, ok := at.value.(*parser.String)
	if !ok {
		return nil, nil
	}
	path := text.Text
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.path), path)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, nil //nolint:nilerr // a file that is not there has no place to go to; the check reports it
	}
	return location{URI: uriOf(path)}, nil
}

func (s *server) references(d *document, offset int, p *referenceParams) (any, error) {
	found := []location{}
	if u, ok := d.useAt(offset); ok {
		for _, other := range d.uses {
			if other.Name == u.Name && (!other.Declares || p.Context.IncludeDeclaration) {
				found = append(found, location{d.uri, d.span(other.Span)})
			}
		}
	}
	return found, nil
}

func (s *server) highlight(d *document, offset int, _ *positionParams) (any, error) {
	const read, write = 2, 3
	found := []highlight{}
	if u, ok := d.useAt(offset); ok {
		for _, other := range d.uses {
			if other.Name != u.Name {
				continue
			}
			kind := read
			if other.Declares {
				kind = write
			}
			found = append(found, highlight{d.span(other.Span), kind})
		}
	}
	return found, nil
}

func (s *server) prepareRename(d *document, offset int, _ *positionParams) (any, error) {
	u, ok := d.useAt(offset)
	if !ok {
		return nil, nil
	}
	return prepared{d.span(u.Span), u.Name}, nil
}

// validName reports whether a component may have the name.
func validName(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '-' && !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return name != ""
}

// rename changes a component's name everywhere, in quotes too. It does nothing halfway: what cannot be renamed safely is
// refused with the reason.
func (s *server) rename(d *document, offset int, p *renameParams) (any, error) {
	u, ok := d.useAt(offset)
	name := p.NewName
	switch {
	case !ok:
		return nil, failure(codeFailed, "this is not the name of a component")
	case d.broken:
		return nil, failure(codeFailed, "the file has mistakes of form, so not every use of %s may be known; fix them first", u.Name)
	case !validName(name):
		return nil, failure(codeInvalidParams, "%q cannot be a name: letters, digits, _ and -, and no digit first", name)
	}
	switch strings.ToLower(name) {
	case "true", "false", "null", "none":
		return nil, failure(codeInvalidParams, "%q cannot be a name: it is a value", name)
	}
	if name != u.Name {
		if at, taken := s.means(d.tree(), name); taken {
			return nil, failure(codeFailed, "%q already stands in line %d and would mean something else then", name, at)
		}
	}
	edits := []textEdit{}
	for _, other := range d.uses {
		if other.Name == u.Name {
			edits = append(edits, textEdit{d.span(other.Span), name})
		}
	}
	return s.edit(d, edits), nil
}

// edit is what changes a document, for the version that it has now where the client can tell.
func (s *server) edit(d *document, edits []textEdit) workspaceEdit {
	if s.versions {
		return workspaceEdit{DocumentChanges: []documentEdit{{versionedID{d.uri, d.version}, edits}}}
	}
	return workspaceEdit{Changes: map[string][]textEdit{d.uri: edits}}
}

// means finds a word that a component of this name would take over: another component, a setting, or a bare word that is
// text so far, or a quoted target that nobody declares.
func (s *server) means(f *parser.File, name string) (line int, found bool) {
	look := func(v parser.Value, target bool) {
		switch v := v.(type) {
		case *parser.Word:
			found = found || v.Text == name
		case *parser.String:
			found = found || target && v.Text == name
		}
		if found && line == 0 {
			line = v.Span().Start.Line
		}
	}
	for _, d := range f.Decls {
		if d.Name.Name == name && !found {
			line, found = d.Name.Range.Start.Line, true
		}
		if d.Body != nil {
			each(d.Body, false, look)
		} else {
			each(d.Value, false, look)
		}
	}
	return line, found
}

// each calls look for every value that is no block or list. target says that it stands below to or tools.
func each(v parser.Value, target bool, look func(v parser.Value, target bool)) {
	switch v := v.(type) {
	case *parser.Array:
		for _, item := range v.Items {
			each(item, target, look)
		}
	case *parser.Block:
		for _, p := range v.Pairs {
			each(p.Value, target || p.Key.Name == "to" || p.Key.Name == "tools", look)
		}
	case nil:
	default:
		look(v, target)
	}
}

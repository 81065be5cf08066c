package apiweb

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mostDocuments is how many files one document may be spread over.
const mostDocuments = 100

// library is a document with those that it refers to. Every reference in it is written out: a place, #, a pointer.
type library struct {
	read    func(place string) ([]byte, error)
	known   map[string]map[string]any
	problem error // the first reference that leads nowhere
}

// add takes in the document of a place, a file or an address.
func (l *library) add(place string, root map[string]any) {
	l.known[place] = root
	writeOut(root, place)
}

// writeOut makes the references in a part of the document at place independent of where they stand.
func writeOut(v any, place string) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			to, pointer, _ := strings.Cut(ref, "#")
			v["$ref"] = beside(place, to) + "#" + pointer
		}
		for _, one := range v {
			writeOut(one, place)
		}
	case []any:
		for _, one := range v {
			writeOut(one, place)
		}
	}
}

// beside is a place as it is named from another one.
func beside(place, to string) string {
	switch {
	case to == "":
		return place
	case isAddress(to):
		return to
	case isAddress(place):
		base, errBase := url.Parse(place)
		ref, errRef := url.Parse(to)
		if errBase != nil || errRef != nil {
			return to
		}
		return base.ResolveReference(ref).String()
	case filepath.IsAbs(to):
		return to
	}
	if plain, err := url.PathUnescape(to); err == nil {
		to = plain
	}
	return filepath.Join(filepath.Dir(place), filepath.FromSlash(to))
}

// mayRefer says whether the document at root may have parts of it at another place: a file below its own directory or the
// project's, an address of its own host.
func mayRefer(root, dir, place string) error {
	if isAddress(root) || isAddress(place) {
		from, errFrom := url.Parse(root)
		to, errTo := url.Parse(place)
		if errFrom != nil || errTo != nil || isAddress(root) && (from.Host != to.Host || from.Scheme != to.Scheme) {
			return errors.New("it is at another host than the document")
		}
		return nil
	}
	for _, top := range []string{dir, filepath.Dir(root)} {
		if rel, err := filepath.Rel(top, place); err == nil && filepath.IsLocal(rel) {
			return nil
		}
	}
	return errors.New("it lies outside of the project")
}

// find is what a reference that is written out leads to; nil: nothing is there, which is the document's problem.
func (l *library) find(ref string) any {
	place, pointer, _ := strings.Cut(ref, "#")
	root, err := l.document(place)
	if err != nil {
		l.fail(ref, err)
		return nil
	}
	var at any = root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if part == "" && strings.Trim(pointer, "/") == "" {
			break // all of it
		}
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		m, ok := at.(map[string]any)
		if at = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]; !ok || at == nil {
			l.fail(ref, errors.New("there is no such part"))
			return nil
		}
	}
	return at
}

func (l *library) fail(ref string, err error) {
	if l.problem == nil {
		l.problem = fmt.Errorf("its reference %s leads nowhere: %w", shortRef(ref), err)
	}
}

// shortRef names the file and not all of its path.
func shortRef(ref string) string {
	place, pointer, _ := strings.Cut(ref, "#")
	place, _, _ = strings.Cut(place, "?")
	return path.Base(filepath.ToSlash(place)) + "#" + pointer
}

func (l *library) document(place string) (map[string]any, error) {
	if root := l.known[place]; root != nil {
		return root, nil
	}
	if len(l.known) >= mostDocuments {
		return nil, fmt.Errorf("it is spread over more than %d files", mostDocuments)
	}
	b, err := l.read(place)
	if err != nil {
		return nil, err
	}
	var root map[string]any
	if err := yaml.Unmarshal(b, &root); err != nil || root == nil {
		return nil, errors.New("it is neither JSON nor YAML with names in it")
	}
	l.add(place, root)
	return root, nil
}

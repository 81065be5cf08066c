package apiweb

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// Only what is needed to call a service is read of a document: paths, parameters, bodies. A library for all of OpenAPI
// brings a validator of schemas that every component would pay for at its start.

// document is an OpenAPI document.
type document struct {
	title, description string
	servers            []string
	operations         []operation
	problem            error // a part of it that is not there; the rest can be used
}

type operation struct {
	name, description string
	method, path      string
	parameters        []parameter
	body              *body
}

type parameter struct {
	Name     string
	In       string
	Required bool
	Text     string
	Schema   any
	style    style
}

// body is what an operation takes besides parameters.
type body struct {
	typ      string
	required bool
	schema   any
	fields   []string // of an object: they are inputs of the call; none: the input is called body
	encoding map[string]field
}

// isOpenAPI tells a document from a text that only speaks of a service.
func isOpenAPI(name string, b []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		var head struct {
			OpenAPI string `yaml:"openapi"`
			Swagger string `yaml:"swagger"`
		}
		return yaml.Unmarshal(b, &head) == nil && head.OpenAPI+head.Swagger != ""
	}
	return false
}

// parse reads the document of a place; read reads those that it refers to.
func parse(b []byte, place string, read func(place string) ([]byte, error)) (document, error) {
	var root map[string]any
	if err := yaml.Unmarshal(b, &root); err != nil {
		return document{}, fmt.Errorf("it is neither JSON nor YAML: %w", err)
	}
	if root["swagger"] != nil {
		return document{}, errors.New("it is written in Swagger 2; this reads OpenAPI 3 (converters exist, such as swagger2openapi)")
	}
	version := fmt.Sprint(root["openapi"])
	if !strings.HasPrefix(version, "3") {
		return document{}, errors.New(`it does not say "openapi: 3.x"; is it another document?`)
	}
	r := reader{&library{read: read, known: map[string]map[string]any{}}}
	r.library.add(place, root)
	d := document{title: word(r.object(root["info"])["title"]), description: word(r.object(root["info"])["description"])}
	for _, s := range list(root["servers"]) {
		d.servers = append(d.servers, word(r.object(s)["url"]))
	}
	paths := r.object(root["paths"])
	for _, path := range sorted(paths) {
		item := r.object(paths[path])
		for _, method := range []string{"get", "put", "post", "delete", "patch", "head", "options"} {
			if o := r.object(item[method]); o != nil {
				d.operations = append(d.operations, r.operation(path, method, item, o))
			}
		}
	}
	d.problem = r.library.problem
	if len(d.operations) == 0 {
		return d, errors.New("it describes no operation")
	}
	return d, nil
}

// server is where the service is, as the document says.
func (d document) server(source string) (*url.URL, error) {
	none := errors.New(`it does not say where the service is; name it: url: "https://…"`)
	if len(d.servers) == 0 {
		return nil, none
	}
	u, err := url.Parse(d.servers[0])
	if err != nil {
		return nil, none
	}
	if !u.IsAbs() && isAddress(source) {
		at, err := url.Parse(source)
		if err != nil {
			return nil, none
		}
		u = at.ResolveReference(u)
	}
	if u.Host == "" || strings.ContainsAny(u.Host, "{}") || u.Scheme != "http" && u.Scheme != "https" {
		return nil, none
	}
	return u, nil
}

// reader finds its way in a document.
type reader struct{ library *library }

// mostRefs is how many references may follow on each other, and how deep schemas are shown.
const mostRefs = 16

// object is a part of the document, with a reference followed.
func (r reader) object(v any) map[string]any {
	for range mostRefs {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		ref, ok := m["$ref"].(string)
		if !ok {
			return m
		}
		v = r.library.find(ref)
	}
	return nil
}

func (r reader) operation(path, method string, item, o map[string]any) operation {
	op := operation{path: path, method: strings.ToUpper(method), name: word(o["operationId"])}
	if op.name == "" {
		op.name = method + "_" + strings.Trim(strings.Map(func(c rune) rune {
			if c == '{' || c == '}' {
				return -1
			}
			if c == '/' || c == '.' || c == '-' {
				return '_'
			}
			return c
		}, path), "_")
	}
	var said []string
	for _, key := range []string{"summary", "description"} {
		if text := strings.TrimSpace(word(o[key])); text != "" && !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	op.description = strings.Join(append(said, "("+op.method+" "+path+")"), " ")
	for _, p := range append(slices.Clone(list(item["parameters"])), list(o["parameters"])...) {
		m := r.object(p)
		if word(m["name"]) == "" {
			continue
		}
		one := parameter{Name: word(m["name"]), In: word(m["in"]), Text: word(m["description"]), Required: m["required"] == true || m["in"] == "path", Schema: r.whole(m["schema"], 0), style: styleOf(m, word(m["in"]))}
		if content := r.object(m["content"]); len(content) > 0 {
			one.Schema = r.whole(r.object(content[sorted(content)[0]])["schema"], 0)
		}
		op.parameters = slices.DeleteFunc(op.parameters, func(q parameter) bool { return q.Name == one.Name && q.In == one.In })
		op.parameters = append(op.parameters, one)
	}
	op.body = r.body(r.object(o["requestBody"]))
	return op
}

// body reads what an operation takes, JSON before forms before anything else.
func (r reader) body(m map[string]any) *body {
	if m == nil {
		return nil
	}
	content := r.object(m["content"])
	types := sorted(content)
	for _, want := range []string{tool.JSON, typeForm, typeMultipart} {
		if slices.Contains(types, want) {
			types = []string{want}
			break
		}
	}
	if len(types) == 0 {
		return nil
	}
	b := &body{typ: types[0], required: m["required"] == true, schema: r.whole(r.object(content[types[0]])["schema"], 0)}
	b.encoding = r.fieldsOf(r.object(r.object(content[types[0]])["encoding"]))
	if s, ok := b.schema.(map[string]any); ok && b.typ != "text/plain" {
		if properties, ok := s["properties"].(map[string]any); ok {
			b.fields = sorted(properties)
		}
	}
	return b
}

// whole is a schema with its references filled in.
func (r reader) whole(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth > mostRefs {
			return map[string]any{}
		}
		if v["$ref"] != nil {
			return r.whole(r.object(v), depth+4)
		}
		out := make(map[string]any, len(v))
		for key, one := range v {
			out[key] = r.whole(one, depth+1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = r.whole(one, depth+1)
		}
		return out
	}
	return v
}

func word(v any) string {
	s, _ := v.(string)
	return s
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func sorted(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

package apiweb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/apiweb"
)

const spread = `
openapi: 3.0.3
info: { title: Pets }
servers: [{ url: "http://127.0.0.1:9" }]
paths:
  /pets: { $ref: "paths/pets.yaml" }
  /pets/{id}: { $ref: "./paths/all.json#/~1pets~1{id}" }
  /lost: { get: { operationId: lost, parameters: [{ $ref: "gone.yaml#/P" }] } }
  /away: { get: { operationId: away, parameters: [{ $ref: "../../outside.yaml#/P" }] } }
`

func TestADocumentMayBeSpreadOverSeveralFiles(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "project", "api")
	for name, text := range map[string]string{
		"pets.yaml": spread, "../../outside.yaml": "P: { name: secret, in: query }",
		"paths/pets.yaml":      "post: { operationId: add, requestBody: { content: { application/json: { schema: { $ref: '../models/pet.yaml' } } } } }",
		"paths/all.json":       `{"/pets/{id}": {"get": {"operationId": "look", "parameters": [{"$ref": "#/id"}]}}, "id": {"name": "id", "in": "path", "schema": {"$ref": "../models/more%20ids.yaml#/Id"}}}`,
		"models/pet.yaml":      "type: object\nproperties: { name: { type: string }, mother: { $ref: 'pet.yaml' }, kind: { $ref: '#/definitions/Kind' } }\ndefinitions: { Kind: { enum: [cat, dog] } }",
		"models/more ids.yaml": "Id: { type: integer, minimum: 1 }",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k, err := apiweb.New(component.Spec{Name: "pets", Config: map[string]any{"openapi": "api/pets.yaml"}, App: component.App{Dir: filepath.Dir(dir)}})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close(context.Background())
	var log bytes.Buffer
	if _, err := k.Start(t.Context(), component.Env{Log: slog.New(slog.NewTextHandler(&log, nil))}); err != nil {
		t.Fatal(err)
	}
	said := described(t, k)
	for _, want := range []string{`"name":"add"`, `"enum":["cat","dog"]`, `"mother":{"definitions":{`, `"id":{"minimum":1,"type":"integer"}`, `"name":"lost"`} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not in %s", want, said)
		}
	}
	if strings.Contains(said, "secret") || !strings.Contains(log.String(), "leads nowhere: it lies outside of the project") && !strings.Contains(log.String(), "leads nowhere: there is no such file") {
		t.Errorf("%s\n%s", said, log.String())
	}
}

func TestADocumentBehindAnAddressHasItsPartsThereAndNowhereElse(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host is asked") }))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/docs/api.yaml":
			fmt.Fprintf(w, "openapi: 3.0.0\nservers: [{url: /}]\npaths:\n  /a: { get: { operationId: a, parameters: [{ $ref: 'p.yaml#/P' }, { $ref: '%s/x.yaml#/P' }, { $ref: 'file:///etc/hostname' }] } }\n", other.URL)
		case "/docs/p.yaml":
			io.WriteString(w, "P: { name: found, in: query }")
		}
	}))
	defer s.Close()
	k, err := made(t, map[string]any{"openapi": s.URL + "/docs/api.yaml"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := described(t, k); !strings.Contains(said, `"found":{}`) {
		t.Error(said)
	}
}

const styles = `
openapi: 3.0.3
servers: [{ url: "SERVER/v1" }]
paths:
  /q:
    get:
      operationId: q
      parameters:
        - { name: form, in: query }
        - { name: flat, in: query, explode: false }
        - { name: deep, in: query, style: deepObject }
        - { name: space, in: query, style: spaceDelimited }
        - { name: pipe, in: query, style: pipeDelimited, explode: false }
        - { name: json, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: X-Trace, in: header }
  /s/{v}: { get: { operationId: simple, parameters: [{ name: v, in: path }] } }
  /e/{v}: { get: { operationId: exploded, parameters: [{ name: v, in: path, explode: true }] } }
  /l/{v}: { get: { operationId: label, parameters: [{ name: v, in: path, style: label }] } }
  /le/{v}: { get: { operationId: labels, parameters: [{ name: v, in: path, style: label, explode: true }] } }
  /m/{v}: { get: { operationId: matrix, parameters: [{ name: v, in: path, style: matrix }] } }
  /me/{v}: { get: { operationId: matrices, parameters: [{ name: v, in: path, style: matrix, explode: true }] } }
  /f:
    post:
      operationId: form
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { a: {}, list: {}, meta: {}, other: {} } }
            encoding: { meta: { style: deepObject, explode: true } }
  /u:
    post:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema: { type: object, properties: { note: { type: string }, data: { type: object }, doc: { type: string, format: binary }, more: { type: array, items: { type: string, format: binary } } } }
            encoding: { doc: { contentType: text/plain } }
`

func TestValuesWithPartsAreWrittenInTheStyleThatTheDocumentSays(t *testing.T) {
	k, err := made(t, map[string]any{"openapi": "api.yaml", "query": map[string]any{"key": "declared"}}, map[string]string{"api.yaml": strings.ReplaceAll(styles, "SERVER", mirror(t))})
	if err != nil {
		t.Fatal(err)
	}
	list, object := []any{"a", "b c", "d,e"}, map[string]any{"r": 1, "g": "x&y"}
	for _, c := range []struct {
		action string
		inputs map[string]any
		want   string
	}{
		{"q", map[string]any{"form": list}, "GET /v1/q?form=a&form=b+c&form=d%2Ce&key=declared"},
		{"q", map[string]any{"form": object}, "GET /v1/q?g=x%26y&r=1&key=declared"},
		{"q", map[string]any{"form": map[string]any{"key": "stolen"}}, "GET /v1/q?key=declared"},
		{"q", map[string]any{"flat": list}, "GET /v1/q?flat=a,b+c,d%2Ce&key=declared"},
		{"q", map[string]any{"flat": object}, "GET /v1/q?flat=g,x%26y,r,1&key=declared"},
		{"q", map[string]any{"deep": object}, "GET /v1/q?deep%5Bg%5D=x%26y&deep%5Br%5D=1&key=declared"},
		{"q", map[string]any{"space": list}, "GET /v1/q?space=a%20b+c%20d%2Ce&key=declared"},
		{"q", map[string]any{"pipe": list}, "GET /v1/q?pipe=a%7Cb+c%7Cd%2Ce&key=declared"},
		{"q", map[string]any{"json": object}, "GET /v1/q?json=%7B%22g%22%3A%22x%5Cu0026y%22%2C%22r%22%3A1%7D&key=declared"},
		{"q", map[string]any{"X-Trace": list}, `x="a,b c,d,e"`},
		{"simple", map[string]any{"v": list}, "GET /v1/s/a,b%20c,d%2Ce?"},
		{"simple", map[string]any{"v": object}, "GET /v1/s/g,x&y,r,1?"},
		{"exploded", map[string]any{"v": object}, "GET /v1/e/g=x&y,r=1?"},
		{"label", map[string]any{"v": list}, "GET /v1/l/.a,b%20c,d%2Ce?"},
		{"labels", map[string]any{"v": list}, "GET /v1/le/.a.b%20c.d%2Ce?"},
		{"matrix", map[string]any{"v": "x"}, "GET /v1/m/;v=x?"},
		{"matrices", map[string]any{"v": list}, "GET /v1/me/;v=a;v=b%20c;v=d%2Ce?"},
		{"matrices", map[string]any{"v": object}, "GET /v1/me/;g=x&y;r=1?"},
		{"form", map[string]any{"a": "1 2", "list": list, "meta": object, "other": object}, "body=a=1+2&list=a&list=b+c&list=d%2Ce&meta%5Bg%5D=x%26y&meta%5Br%5D=1&other=%7B"},
	} {
		if got, _, err := ask(t, k, c.action, c.inputs); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s %v: %s, %v; want %s", c.action, c.inputs, got, err, c.want)
		}
	}
}

func TestFilesAreUploadedAsAFormOfAPageDoes(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		got = append(got, "note="+r.FormValue("note"), "data="+r.FormValue("data"))
		for _, name := range []string{"doc", "more"} {
			for _, h := range r.MultipartForm.File[name] {
				f, _ := h.Open()
				b, _ := io.ReadAll(f)
				got = append(got, fmt.Sprintf("%s %s %s %q", name, h.Filename, h.Header.Get("Content-Type"), b))
			}
		}
	}))
	defer s.Close()
	k, err := made(t, map[string]any{"openapi": "api.yaml"}, map[string]string{"api.yaml": strings.ReplaceAll(styles, "SERVER", s.URL)})
	if err != nil {
		t.Fatal(err)
	}
	answer, _, err := ask(t, k, "upload", map[string]any{
		"note": "hello", "data": map[string]any{"n": 1.0}, "doc": "some text",
		"more": []any{map[string]any{"filename": `a"b.png`, "base64": "AAEC", "type": "image/png"}, "plain"},
	})
	want := []string{"note=hello", `data={"n":1}`, `doc doc text/plain "some text"`, `more a"b.png image/png "\x00\x01\x02"`, `more more application/octet-stream "plain"`}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%s, %v\n%s", answer, err, d)
	}
	if answer, typ, err := ask(t, k, "upload", map[string]any{"doc": map[string]any{"base64": "%"}}); err != nil || !strings.Contains(typ, "failure") || !strings.Contains(answer, "doc: base64 is none") {
		t.Errorf("%s, %v", answer, err)
	}
	if said := described(t, k); !strings.Contains(said, `"doc":{"description":"the text of a file, or an object with filename`) {
		t.Error(said)
	}
}

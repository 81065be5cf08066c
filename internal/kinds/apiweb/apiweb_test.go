package apiweb_test

import (
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
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/apiweb"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// mirror answers with what it was asked, or as the path says.
func mirror(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/secret":
			http.Error(w, "no key", http.StatusUnauthorized)
		case "/v1/broken":
			http.Error(w, "disk full", http.StatusInternalServerError)
		case "/v1/large":
			io.WriteString(w, strings.Repeat("z", 1<<20))
		case "/v1/bytes":
			w.Write([]byte{0xff, 0xfe})
		case "/v1/away":
			http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
		case "/v1/slow":
			<-r.Context().Done()
		case "/v1/json":
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			io.WriteString(w, `{"n": 1}`)
		default:
			b, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s auth=%q x=%q type=%q body=%s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("X-Trace"), r.Header.Get("Content-Type"), b)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const shop = `
openapi: 3.1.0
info: { title: Shop, description: Sells fruit. }
servers: [{ url: "SERVER/v1" }]
paths:
  /fruits/{name}:
    parameters:
      - { name: name, in: path, required: true, schema: { type: string } }
    get:
      operationId: look
      summary: Looks at a fruit.
      parameters:
        - { name: fresh, in: query, schema: { type: boolean } }
        - { name: tag, in: query, schema: { type: array } }
        - { name: X-Trace, in: header, schema: { type: string } }
    delete: { operationId: drop }
  /orders:
    post:
      operationId: order
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: "#/components/schemas/Order" } }
  /text:
    put:
      requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }
components:
  schemas:
    Order:
      type: object
      required: [fruit]
      properties:
        fruit: { type: string }
        count: { type: integer }
        next: { $ref: "#/components/schemas/Order" }
`

func made(t *testing.T, config map[string]any, files map[string]string) (component.Kind, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k, err := apiweb.New(component.Spec{Name: "shop", Kind: "api", Type: "web", Config: config, App: component.App{Dir: dir}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { k.Close(context.Background()) })
	_, err = k.Start(t.Context(), component.Env{Log: slog.New(slog.DiscardHandler)})
	return k, err
}

func ask(t *testing.T, k component.Kind, action string, inputs map[string]any) (string, string, error) {
	t.Helper()
	r, err := k.(component.Answerer).Answer(t.Context(), component.Question{Body: tool.Call{Action: action, Inputs: inputs}.Request("shop").Body})
	return string(r.Body), r.ContentType, err
}

func described(t *testing.T, k component.Kind) string {
	t.Helper()
	r, err := k.(component.Describer).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Body)
}

func TestAPathIsReadByGET(t *testing.T) {
	k, err := made(t, map[string]any{
		"url": strings.TrimPrefix(mirror(t), "http://") + "/v1", "documentation": "api.txt", "timeout": 1,
		"token": "tok", "query": map[string]any{"key": "k1"}, "headers": map[string]any{"X-Trace": "me"},
	}, map[string]string{"api.txt": "Ask for /weather with {town}."})
	if err != nil {
		t.Fatal(err)
	}
	if said := described(t, k); !strings.Contains(said, "Ask for /weather with {town}.") || !strings.Contains(said, `"free":true`) {
		t.Errorf("described as %s", said)
	}
	for _, c := range []struct {
		action string
		inputs map[string]any
		want   string
		typ    string
	}{
		{"weather", map[string]any{"town": "São Paulo", "n": 3.0, "now": true, "x": nil}, `GET /v1/weather?key=k1&n=3&now=true&town=S%C3%A3o+Paulo auth="Bearer tok" x="me"`, tool.Text},
		{"/a?b=1", map[string]any{"tags": []any{"p", "q"}, "key": "forged"}, "GET /v1/a?b=1&key=k1&tags=p&tags=q ", tool.Text},
		{"json", nil, `{"n": 1}`, tool.JSON},
		{"../admin", nil, "no path below", tool.Failure},
		{"x/%2e%2e/%2e%2e/admin", nil, "no path below", tool.Failure},
		{"http://evil.invalid/x", nil, "GET /v1/http://evil.invalid/x", tool.Text},
		{"//evil.invalid/x", nil, "GET /v1/evil.invalid/x", tool.Text},
		{"secret", nil, `401 Unauthorized: no key; it wants to know who asks: token`, tool.Failure},
		{"large", nil, "more than 524288 bytes", tool.Failure},
		{"bytes", nil, "the answer is no text", tool.Failure},
		{"away", nil, "302 Found", tool.Failure},
	} {
		got, typ, err := ask(t, k, c.action, c.inputs)
		if err != nil || typ != c.typ || !strings.Contains(got, c.want) {
			t.Errorf("%s(%v) = %.300q (%s), %v; want %q (%s)", c.action, c.inputs, got, typ, err, c.want, c.typ)
		}
	}
	for action, want := range map[string]string{"broken": "500 Internal Server Error: disk full", "slow": "did not answer within 1s"} {
		began := time.Now()
		if _, _, err := ask(t, k, action, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "k1") || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v, want %q", action, err, want)
		}
	}
}

func TestOperationsOfADocumentAreFunctions(t *testing.T) {
	doc := strings.ReplaceAll(shop, "SERVER", mirror(t))
	k, err := made(t, map[string]any{"openapi": "shop.yaml", "user": "u", "password": "p"}, map[string]string{"shop.yaml": doc})
	if err != nil {
		t.Fatal(err)
	}
	said := described(t, k)
	for _, want := range []string{"Sells fruit.", `"name":"look"`, "Looks at a fruit. (GET /fruits/{name})", `"required":["fruit"]`, `"name":"put_text"`} {
		if !strings.Contains(said, want) {
			t.Errorf("the description lacks %q: %s", want, said)
		}
	}
	for _, c := range []struct {
		action string
		inputs map[string]any
		want   string
	}{
		{"look", map[string]any{"name": "a/b", "fresh": true, "tag": []any{"x", "y"}, "X-Trace": "t"}, `GET /v1/fruits/a%2Fb?fresh=true&tag=x&tag=y auth="Basic dTpw" x="t"`},
		{"look", nil, `look needs "name"`},
		{"look", map[string]any{"name": ".."}, "no path below"},
		{"drop", map[string]any{"name": "pear"}, "DELETE /v1/fruits/pear "},
		{"order", map[string]any{"fruit": "pear", "count": 2.0}, `POST /v1/orders auth="Basic dTpw" x="" type="application/json" body={"count":2,"fruit":"pear"}`},
		{"put_text", map[string]any{"body": "hello"}, `type="text/plain" body=hello`},
		{"put_text", nil, `put_text needs "body"`},
		{"steal", nil, `there is no function "steal"; the functions are: look, drop, order, put_text`},
	} {
		if got, _, err := ask(t, k, c.action, c.inputs); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s(%v) = %q, %v; want %q", c.action, c.inputs, got, err, c.want)
		}
	}
}

func TestWhatIsOfferedCanBeLess(t *testing.T) {
	for _, config := range []map[string]any{{"readonly": true}, {"operations": []any{"look"}}} {
		config["url"], config["documentation"] = "http://localhost:1", "shop.yaml"
		k, err := made(t, config, map[string]string{"shop.yaml": shop})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := ask(t, k, "drop", nil); err != nil || !strings.HasSuffix(got, "the functions are: look") {
			t.Errorf("%v: %q, %v", config, got, err)
		}
	}
}

func TestWrongDocumentsAndAddressesSayWhatToDo(t *testing.T) {
	files := map[string]string{
		"old.yaml": "swagger: '2.0'", "other.yaml": "a: 1", "broken.json": "{", "empty.yaml": "openapi: 3.0.0", "shop.yaml": shop,
		"nowhere.yaml": "openapi: 3.0.0\npaths: {/a: {get: {}}}",
	}
	for want, config := range map[string]map[string]any{
		"where is the service?":           {},
		"must be an http or https":        {"url": "ftp://x"},
		"there is no such file":           {"url": "x", "documentation": "none.txt"},
		"Swagger 2":                       {"url": "x", "openapi": "old.yaml"},
		`does not say "openapi: 3.x"`:     {"url": "x", "openapi": "other.yaml"},
		"neither JSON nor YAML":           {"url": "x", "openapi": "broken.json"},
		"it describes no operation":       {"url": "x", "openapi": "empty.yaml"},
		"does not say where the service":  {"openapi": "nowhere.yaml"},
		`there is no "fly"; the document`: {"url": "x", "openapi": "shop.yaml", "operations": []any{"fly"}},
	} {
		if _, err := made(t, config, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", config, err, want)
		}
	}
}

func TestADocumentBehindAnAddressIsReadWhenItIsThere(t *testing.T) {
	at := mirror(t)
	there := false
	docs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token goes to whoever has the document")
		}
		if !there {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, shop)
	}))
	defer docs.Close()
	k, err := made(t, map[string]any{"url": at + "/v1", "openapi": docs.URL + "/shop.yaml?sig=s3cr3t", "token": "tok"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := described(t, k); !strings.Contains(said, "404 Not Found") || strings.Contains(said, "s3cr3t") {
		t.Errorf("described as %s", said)
	}
	there = true
	if got, _, err := ask(t, k, "drop", map[string]any{"name": "x"}); err != nil || !strings.HasPrefix(got, "DELETE /v1/fruits/x") {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(shop)
	f.Add(`{"openapi":"3.0.0","paths":{"/a":{"get":{"parameters":[{"$ref":"#/x"}]}}},"x":{"$ref":"#/x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		k, err := made(t, map[string]any{"url": "http://localhost:1", "openapi": "d.yaml"}, map[string]string{"d.yaml": text})
		if err == nil {
			described(t, k)
		}
	})
}

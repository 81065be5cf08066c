package apiweb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func (a *api) call(ctx context.Context, c tool.Call) (component.Result, error) {
	if err := a.read(ctx); err != nil {
		return component.Result{}, err
	}
	a.mu.Lock()
	operations := a.operations
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var r *http.Request
	var err error
	if operations == nil {
		r, err = a.get(ctx, c)
	} else {
		i := slices.IndexFunc(operations, func(o operation) bool { return o.name == c.Action })
		if i < 0 {
			have := make([]tool.Function, len(operations))
			for i, o := range operations {
				have[i] = tool.Function{Name: o.name}
			}
			return tool.UnknownFunction(c.Action, have), nil
		}
		r, err = a.request(ctx, operations[i], c.Inputs)
	}
	if err != nil {
		return tool.Failed("%s", err), nil
	}
	return a.do(r)
}

// below is an address below that of the service. A path of the model's cannot lead to another host, or above it.
func (a *api) below(path string) (*url.URL, error) {
	path, query, _ := strings.Cut(path, "?")
	for part := range strings.SplitSeq(path, "/") {
		if plain, err := url.PathUnescape(part); err != nil || plain == ".." {
			return nil, fmt.Errorf("%q is no path below the service's address", path)
		}
	}
	u := *a.base
	raw := strings.TrimRight(a.base.EscapedPath(), "/")
	if path = strings.TrimLeft(path, "/"); path != "" {
		raw += "/" + path
	}
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return nil, err
	}
	u.Path, u.RawPath, u.Fragment = plain, raw, ""
	if query != "" {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += query
	}
	return &u, nil
}

// get is an action that is a path.
func (a *api) get(ctx context.Context, c tool.Call) (*http.Request, error) {
	u, err := a.below(c.Action)
	if err != nil {
		return nil, err
	}
	values := u.Query()
	for name, v := range c.Inputs {
		add(values, name, v)
	}
	return a.made(ctx, http.MethodGet, u, values, nil, nil)
}

// add adds a parameter; of a list each one, of nothing none.
func add(values url.Values, name string, v any) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, one := range v {
			values.Add(name, plain(one))
		}
	default:
		values.Set(name, plain(v))
	}
}

// plain is a value as services take it: booleans are written as JSON writes them.
func plain(v any) string {
	if b, ok := v.(bool); ok {
		return fmt.Sprint(b)
	}
	return tool.Show(v)
}

// request is an operation of the document with its parameters where it wants them.
func (a *api) request(ctx context.Context, o operation, inputs map[string]any) (*http.Request, error) {
	path, header, cookies := o.path, http.Header{}, []*http.Cookie{}
	var query []string
	for _, p := range o.parameters {
		v, ok := inputs[p.Name]
		if !ok || v == nil {
			if p.Required {
				return nil, fmt.Errorf("%s needs %q", o.name, p.Name)
			}
			continue
		}
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", p.style.inPath(p.Name, v))
		case "query":
			query = append(query, p.style.pairs(p.Name, v)...)
		case "header":
			header.Set(p.Name, p.style.inHeader(v))
		case "cookie":
			cookies = append(cookies, &http.Cookie{Name: p.Name, Value: p.style.inHeader(v)})
		}
	}
	var body io.Reader
	if o.body != nil {
		b, typ, err := o.encode(inputs)
		if err != nil {
			return nil, err
		}
		if b != nil {
			body = bytes.NewReader(b)
			header.Set("Content-Type", typ)
		}
	}
	u, err := a.below(path)
	if err != nil {
		return nil, err
	}
	r, err := a.made(ctx, o.method, u, nil, query, body)
	if err != nil {
		return nil, err
	}
	for name := range header {
		if r.Header.Get(name) == "" { // what the declaration says stands
			r.Header.Set(name, header.Get(name))
		}
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r, nil
}

// made is a request with what is declared for all of them.
func (a *api) made(ctx context.Context, method string, u *url.URL, values url.Values, pairs []string, body io.Reader) (*http.Request, error) {
	if values == nil {
		values = url.Values{}
	}
	said := map[string]string{}
	for _, pair := range pairs {
		key, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err == nil {
			said[name] = ""
		}
	}
	for name, v := range u.Query() {
		if _, is := said[name]; !is && !values.Has(name) {
			values[name] = v
		}
	}
	for name, v := range a.query {
		values.Set(name, v)
	}
	query := without(pairs, a.query) // what the declaration says stands
	if len(values) > 0 {
		query = append(query, values.Encode())
	}
	u.RawQuery = strings.Join(query, "&")
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	a.sign(r)
	return r, nil
}

// sign adds what is declared.
func (a *api) sign(r *http.Request) {
	r.Header.Set("User-Agent", "ww")
	r.Header.Set("Accept", "application/json, text/*;q=0.9, */*;q=0.5")
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.user != "" || a.password != "" {
		r.SetBasicAuth(a.user, a.password)
	}
	for name, v := range a.headers {
		r.Header.Set(name, v)
	}
}

// do sends a request. What the service says is an answer, or says what went wrong with this call; that it cannot be
// reached, or fails, is an error, which the caller's breaker counts.
func (a *api) do(r *http.Request) (component.Result, error) {
	resp, err := a.client.Do(r)
	if err != nil {
		return component.Result{}, errReach(r.URL.Host, a.timeout, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, int64(a.largest)+1))
	if err != nil {
		return component.Result{}, errReach(r.URL.Host, a.timeout, &url.Error{Err: err})
	}
	switch {
	case resp.StatusCode >= 500:
		return component.Result{}, fmt.Errorf("%s answered %s%s", a.name, resp.Status, begin(b))
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return tool.Failed("%s answered %s%s; it wants to know who asks: token, user and password, headers or query of the component", a.name, resp.Status, begin(b)), nil
	case resp.StatusCode >= 300:
		return tool.Failed("%s answered %s%s", a.name, resp.Status, begin(b)), nil
	case len(b) > a.largest:
		return tool.Failed("the answer has more than %d bytes; ask for less (or set max_response). It begins: %s", a.largest, cut(b, 500)), nil
	case !utf8.Valid(b):
		return tool.Failed("the answer is no text: %s, %d bytes", resp.Header.Get("Content-Type"), len(b)), nil
	}
	typ := tool.Text
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && (kind == tool.JSON || strings.HasSuffix(kind, "+json")) && json.Valid(b) {
		typ = tool.JSON
	}
	return component.Result{ContentType: typ, Body: b}, nil
}

// begin is the beginning of what was said, for a message.
func begin(b []byte) string {
	text := strings.TrimSpace(cut(b, 1000))
	if text == "" {
		return ""
	}
	return ": " + text
}

func cut(b []byte, most int) string {
	if len(b) > most {
		return strings.ToValidUTF8(string(b[:most]), "") + "…"
	}
	return strings.ToValidUTF8(string(b), "?")
}

// fetch reads a document from its address. What is declared for requests is sent only to the service itself.
func (a *api) fetch(ctx context.Context, at string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, min(a.timeout, defaultTimeout))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	if a.base == nil || a.base.Host == r.URL.Host {
		a.sign(r)
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return nil, errReach(r.URL.Host, a.timeout, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(r.URL.Host + " answered " + resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, largestDocument+1))
	if err == nil && len(b) > largestDocument {
		err = errLarge(int64(len(b)))
	}
	return b, err
}

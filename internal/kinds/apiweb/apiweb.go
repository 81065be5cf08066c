// Package apiweb is `api web`: an HTTP service as a tool of agents. What an OpenAPI document describes can be called by
// name; without one, an action is a path that is read by GET.
package apiweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

const (
	defaultTimeout = 30 * time.Second
	defaultLargest = 512 << 10
	mostLargest    = 700 << 10 // more does not fit into a message of the bus
	concurrent     = 200
	// largestDocument is how much a document may have.
	largestDocument = 16 << 20
	mostText        = 128 << 10 // of a documentation that is shown to a model
)

// api is one instance.
type api struct {
	name           string
	dir            string
	base           *url.URL // nil: the document names it
	documentation  string
	openapi        string
	only           []string
	readonly       bool
	headers        map[string]string
	query          map[string]string
	token          string
	user, password string
	timeout        time.Duration
	largest        int
	client         http.Client
	env            component.Env

	mu         sync.Mutex
	text       string      // guarded by mu
	operations []operation // guarded by mu
	problem    error       // why there is no document yet; guarded by mu
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	a := &api{name: spec.Name, dir: spec.App.Dir}
	var errs []error
	text := func(key string) string {
		s, err := v.Text(key, "")
		errs = append(errs, err)
		return s
	}
	at := text("url")
	a.documentation, a.openapi, a.token = text("documentation"), text("openapi"), text("token")
	a.user, a.password = text("user"), text("password")
	var errOnly, errReadonly, errHeaders, errQuery, errTimeout, errLargest error
	a.only, errOnly = v.Texts("operations")
	a.readonly, errReadonly = v.Bool("readonly")
	a.headers, errHeaders = v.Environment("headers")
	a.query, errQuery = v.Environment("query")
	a.timeout, errTimeout = v.Duration("timeout", defaultTimeout)
	a.largest, errLargest = v.Int("max_response", defaultLargest)
	if err := errors.Join(append(errs, errOnly, errReadonly, errHeaders, errQuery, errTimeout, errLargest)...); err != nil {
		return nil, err
	}
	a.largest = min(max(a.largest, 1), mostLargest)
	if at == "" && a.openapi == "" {
		return nil, errNoURL(spec.Name)
	}
	if at != "" {
		var err error
		if a.base, err = address(at); err != nil {
			return nil, errAddress(spec.Name)
		}
	}
	a.client.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: concurrent, IdleConnTimeout: time.Minute}
	a.client.CheckRedirect = a.follow
	return a, nil
}

func address(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("no address")
	}
	return u, nil
}

// follow goes where the service sends us, within the same host: the headers hold secrets.
func (a *api) follow(r *http.Request, via []*http.Request) error {
	if len(via) >= 10 || r.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// Start reads the documents. A file that cannot be read fails the start; an address is tried again when it is needed.
func (a *api) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	a.env = env
	if err := a.read(ctx); err != nil {
		if !isAddress(a.openapi) {
			return component.Traits{}, err
		}
		env.Log.Warn("the OpenAPI document is not there yet", "error", err)
	}
	return component.Traits{SideEffects: true, MaxConcurrent: concurrent, Capabilities: []string{"functions"}}, nil
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// read reads documentation and openapi, unless that was done.
func (a *api) read(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.problem == nil && (a.text != "" || a.operations != nil) {
		return nil
	}
	a.problem = a.load(ctx)
	return a.problem
}

// load reads what is declared; a.mu is held.
func (a *api) load(ctx context.Context) error {
	source := a.openapi
	if a.documentation != "" {
		b, err := a.file(a.documentation)
		if err != nil {
			return errDocumentation(a.documentation, err)
		}
		if source == "" && isOpenAPI(a.documentation, b) {
			source = a.documentation
		} else if a.text = strings.ToValidUTF8(string(b), "?"); len(a.text) > mostText {
			a.text = strings.ToValidUTF8(a.text[:mostText], "") + "\n… (cut)"
		}
	}
	if source == "" {
		return nil
	}
	place := source
	if !isAddress(place) && !filepath.IsAbs(place) {
		place = filepath.Join(a.dir, place)
	}
	b, err := a.document(ctx, place)
	if err != nil {
		return errDocument(source, err)
	}
	d, err := parse(b, place, func(part string) ([]byte, error) {
		if err := mayRefer(place, a.dir, part); err != nil {
			return nil, err
		}
		return a.document(ctx, part)
	})
	if err != nil {
		return errDocument(source, err)
	}
	if a.base == nil {
		if a.base, err = d.server(source); err != nil {
			return errDocument(source, err)
		}
	}
	if d.problem != nil {
		a.env.Log.Warn("a part of the OpenAPI document is missing; what needs it may lack inputs", "document", source, "problem", d.problem)
	}
	a.operations, err = a.chosen(d.operations)
	if a.text == "" {
		a.text = strings.TrimSpace(d.title + "\n" + d.description)
	}
	return err
}

// document reads what is at an address or in a file.
func (a *api) document(ctx context.Context, place string) ([]byte, error) {
	if isAddress(place) {
		return a.fetch(ctx, place)
	}
	return a.file(place)
}

func (a *api) file(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(a.dir, name)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, errors.New("there is no such file")
	case info.Size() > largestDocument:
		return nil, errLarge(info.Size())
	}
	return os.ReadFile(name)
}

// chosen are the operations that are offered.
func (a *api) chosen(all []operation) ([]operation, error) {
	names := map[string]bool{}
	for _, name := range a.only {
		names[name] = true
	}
	out := []operation{}
	for _, o := range all {
		if a.readonly && o.method != http.MethodGet && o.method != http.MethodHead || len(a.only) > 0 && !names[o.name] {
			continue
		}
		delete(names, o.name)
		out = append(out, o)
	}
	for _, name := range a.only {
		if names[name] {
			return nil, errNoOperation(name, all)
		}
	}
	return out, nil
}

// Handle asks in a chain: the text is a call as agents write it, as JSON.
func (a *api) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return a.call(ctx, tool.ParseCall(t.Body))
}

// Answer implements component.Answerer.
func (a *api) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	return a.call(ctx, tool.ParseCall(q.Body))
}

// Describe implements component.Describer.
func (a *api) Describe(ctx context.Context) (component.Result, error) {
	if err := a.read(ctx); err != nil {
		return tool.Description{Problem: err.Error()}.Result()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	d := tool.Description{Text: a.text}
	for _, o := range a.operations {
		d.Functions = append(d.Functions, o.function())
	}
	if a.operations == nil {
		d.Free = true
		d.Text = strings.TrimSpace(a.text + "\nThe action is a path below " + a.base.Host + a.base.Path + "; the inputs are the parameters of a GET request.")
	} else {
		for _, f := range d.Functions {
			d.Text += "\n- " + f.Name + ": " + f.Description
		}
		d.Text += "\nThe action is the name of an operation, the inputs are its parameters."
	}
	return d.Result()
}

func (a *api) Close(context.Context) error {
	a.client.CloseIdleConnections()
	return nil
}

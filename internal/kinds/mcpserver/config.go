package mcpserver

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/launch"
	"github.com/woodwork-lang/ww/internal/script"
)

const (
	defaultTimeout = 30 * time.Second
	defaultLargest = 512 << 10
	mostLargest    = 700 << 10 // more does not fit into a message of the bus
	// Registry answers which package or address belongs to an id.
	defaultRegistry = "https://registry.modelcontextprotocol.io"
)

// config is the declaration.
type config struct {
	name      string
	server    launch.Server
	registry  string
	variables map[string]string // env and auth together
	unset     []string          // of them: declared, without a value
	headers   map[string]string // with {NAME} for a variable
	toolsets  string
	readonly  bool
	resources []string
	protocol  string
	timeout   time.Duration
	largest   int
	dir       string
	tag       string
	python    string
}

func read(spec component.Spec) (config, error) {
	v := property.Values(spec.Config)
	c := config{name: spec.Name, dir: spec.App.Dir, tag: spec.App.Tag, python: script.Interpreter(spec.App.Dir)}
	var errs []error
	text := func(key, otherwise string) string {
		s, err := v.Text(key, otherwise)
		errs = append(errs, err)
		return s
	}
	dictionary := func(key string) map[string]string {
		d, err := v.Environment(key)
		errs = append(errs, err)
		return d
	}
	c.registry = strings.TrimRight(text("registry", defaultRegistry), "/")
	c.toolsets, c.protocol = text("toolsets", ""), text("protocol", "")
	env, auth := dictionary("env"), dictionary("auth")
	c.headers = dictionary("headers")
	text("server", "")
	text("url", "")
	_, errCommand := v.Texts("command")
	_, errArgs := v.Texts("args")
	var errReadonly, errResources, errTimeout, errLargest error
	c.readonly, errReadonly = v.Bool("readonly")
	c.resources, errResources = v.Texts("resources")
	c.timeout, errTimeout = v.Duration("timeout", defaultTimeout)
	c.largest, errLargest = v.Int("max_result", defaultLargest)
	if err := errors.Join(append(errs, errCommand, errArgs, errReadonly, errResources, errTimeout, errLargest)...); err != nil {
		return c, err
	}
	c.largest = min(max(c.largest, 1), mostLargest)
	c.variables = map[string]string{}
	maps.Copy(c.variables, spec.App.Seeded())
	maps.Copy(c.variables, env)
	maps.Copy(c.variables, auth)
	for _, key := range []string{"env", "auth"} {
		d, _ := v.Dictionary(key)
		for name, value := range d {
			if value == nil {
				c.unset = append(c.unset, name)
			}
		}
	}
	c.server = launch.Of(spec.Config, c.python)
	if c.server.URL != "" {
		if u, err := url.Parse(c.server.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return c, errAddress(spec.Name)
		}
		c.headers = headersFor(c.server.Headers, c.headers, auth)
	}
	if c.server.URL == "" && c.server.ID == "" && (len(c.server.Argv) == 0 || c.server.Argv[0] == "") {
		return c, errNoServer(spec.Name)
	}
	if kind, _, ok := strings.Cut(c.server.ID, ":"); ok {
		return c, errPrefix(spec.Name, kind)
	}
	return c, nil
}

// headersFor are what a server behind an address gets to see. A single value of auth is a token, unless the headers say
// where it goes.
func headersFor(known, declared, auth map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, known)
	if len(declared) == 0 && len(auth) == 1 {
		for name := range auth {
			out["Authorization"] = "Bearer {" + name + "}"
		}
	}
	maps.Copy(out, declared)
	return out
}

// filled puts the variables into a template; missing are the names that have no value.
func filled(template string, variables map[string]string) (text string, missing []string) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), missing
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String(), missing
		}
		value, have := variables[name]
		if !have {
			missing = append(missing, name)
		}
		b.WriteString(value)
		template = after
	}
}

// sent are the headers of every request to an address.
func (c config) sent() (map[string]string, error) {
	out := map[string]string{}
	var missing []string
	for name, template := range c.headers {
		text, without := filled(template, c.variables)
		missing = append(missing, without...)
		out[name] = text
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, errMissing(slices.Compact(missing), c.unset)
	}
	if c.toolsets != "" {
		out["X-MCP-Toolsets"] = c.toolsets
	}
	if c.readonly {
		out["X-MCP-Readonly"] = "true"
	}
	return out, nil
}

// shown names the server for people; arguments and queries may hold secrets.
func (c config) shown() string {
	switch {
	case c.server.URL != "":
		if u, err := url.Parse(c.server.URL); err == nil {
			return u.Host + u.Path
		}
	case c.server.ID != "":
		return c.server.ID
	case len(c.server.Argv) > 0:
		return c.server.Argv[0]
	}
	return c.name
}

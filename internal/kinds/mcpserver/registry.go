package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/woodwork-lang/ww/internal/launch"
)

// entry is what a registry says of a server, as far as it is needed.
type entry struct {
	Server struct {
		Version  string    `json:"version"`
		Packages []pack    `json:"packages"`
		Remotes  []address `json:"remotes"`
	} `json:"server"`
}

type pack struct {
	Type      string  `json:"registryType"`
	Name      string  `json:"identifier"`
	Version   string  `json:"version"`
	Transport address `json:"transport"`
	Arguments []value `json:"packageArguments"`
	Variables []value `json:"environmentVariables"`
}

type address struct {
	Type    string  `json:"type"`
	URL     string  `json:"url"`
	Headers []value `json:"headers"`
}

type value struct {
	Name     string `json:"name"`
	Kind     string `json:"type"` // of an argument: named or positional
	Value    string `json:"value"`
	Default  string `json:"default"`
	Required bool   `json:"isRequired"`
}

// found is how a server of the registry is started or reached.
type found struct {
	argv    []string
	url     string
	sse     bool
	headers map[string]string
}

// largestEntry is how much a registry may say of a server.
const largestEntry = 1 << 20

// resolve asks the registry what an id is.
func (c config) resolve(ctx context.Context) (found, error) {
	e, err := c.look(ctx)
	if err != nil {
		return found{}, errRegistry(c.server.ID, c.registry, err)
	}
	for _, r := range e.Server.Remotes {
		if r.Type == "streamable-http" || r.Type == "sse" {
			return found{url: r.URL, sse: r.Type == "sse", headers: c.headersOf(r.Headers)}, nil
		}
	}
	for _, p := range e.Server.Packages {
		if p.Transport.Type != "" && p.Transport.Type != "stdio" {
			continue
		}
		names, missing := c.needed(p)
		argv := launch.Package(p.Type, p.Name, p.Version, c.python, names)
		if argv == nil || p.Type == "python" {
			continue
		}
		if len(missing) > 0 {
			return found{}, errVariables(c.server.ID, missing)
		}
		return found{argv: append(argv, c.arguments(p)...)}, nil
	}
	return found{}, errUnusable(c.server.ID)
}

// headersOf are the headers that a server is asked with: what the registry fixes, and what the project's variables say.
func (c config) headersOf(all []value) map[string]string {
	headers := map[string]string{}
	for _, h := range all {
		if h.Value != "" {
			headers[h.Name] = h.Value
		} else if v, ok := c.variables[h.Name]; ok {
			headers[h.Name] = v
		}
	}
	return headers
}

// arguments are what a package's command gets behind its name.
func (c config) arguments(p pack) (argv []string) {
	for _, a := range p.Arguments {
		text, _ := filled(a.Value, c.variables)
		if text == "" {
			text = a.Default
		}
		if a.Kind == "named" && a.Name != "" {
			argv = append(argv, a.Name)
		}
		if text != "" {
			argv = append(argv, text)
		}
	}
	return argv
}

// needed are the variables of a package, and those that it must have and does not.
func (c config) needed(p pack) (names, missing []string) {
	for _, v := range p.Variables {
		names = append(names, v.Name)
		if _, ok := c.variables[v.Name]; !ok && v.Required && v.Default == "" && v.Value == "" {
			missing = append(missing, v.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), missing
}

// look fetches the entry.
func (c config) look(ctx context.Context) (entry, error) {
	at := fmt.Sprintf("%s/v0.1/servers/%s/versions/%s", c.registry, url.PathEscape(c.server.ID), url.PathEscape(c.server.Version))
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return entry{}, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return entry{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return entry{}, errors.New(resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, largestEntry))
	if err != nil {
		return entry{}, err
	}
	var e entry
	if err := json.Unmarshal(b, &e); err != nil {
		return entry{}, fmt.Errorf("it does not answer as a registry does: %w", err)
	}
	return e, nil
}

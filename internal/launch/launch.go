// Package launch says how the MCP server of a declaration is started or reached: a command, a package of npm or of
// Python, a container image, an address, or an id that a registry knows.
package launch

import (
	"fmt"
	"strings"
)

// Server is what a declaration says of an MCP server. At most one of Argv, URL and ID is set.
type Server struct {
	Argv []string
	URL  string
	ID   string // of a registry; Version is the one that is wanted
	// Version is "latest" when the declaration names none.
	Version string
	// Headers are templates for an ID or URL that is known without a registry.
	Headers map[string]string
}

// The words before the colon in server: "npm:@scope/package".
const (
	npm    = "npm"
	pypi   = "pypi"
	python = "python"
	image  = "docker"
)

// Prefixes are those words, for messages.
func Prefixes() []string { return []string{npm, pypi, python, image} }

// Of reads a declaration. Words that are secret may be anything that prints itself. interpreter is the project's Python.
func Of(config map[string]any, interpreter string) Server {
	args := words(config["args"])
	if command := words(config["command"]); len(command) > 0 {
		return Server{Argv: append(command, args...)}
	}
	if url := word(config["url"]); url != "" {
		return Server{URL: url}
	}
	s := Server{ID: strings.TrimSpace(word(config["server"])), Version: word(config["version"])}
	if s.Version == "" {
		s.Version = "latest"
	}
	if kind, name, ok := strings.Cut(s.ID, ":"); ok && name != "" {
		if argv := Package(kind, name, s.Version, interpreter, nil); argv != nil {
			return Server{Argv: append(argv, args...), Version: s.Version}
		}
	}
	switch strings.TrimPrefix(s.ID, "io.github.") {
	case "github/mcp-server", "github/github-mcp-server":
		return Server{URL: "https://api.githubcopilot.com/mcp/", Headers: map[string]string{"Authorization": "Bearer {GITHUB_TOKEN}"}}
	}
	return s
}

// Package is the command that starts a server which is a package, or nil for a kind that nobody knows. variables are
// the names that a container is given.
func Package(kind, name, version, interpreter string, variables []string) []string {
	pinned := version != "" && version != "latest"
	switch kind {
	case npm:
		if pinned && !strings.Contains(strings.TrimPrefix(name, "@"), "@") {
			name += "@" + version
		}
		return []string{"npx", "-y", name}
	case pypi:
		if pinned && !strings.Contains(name, "@") {
			name += "@" + version
		}
		return []string{"uvx", name}
	case python:
		return []string{interpreter, "-m", name}
	case image, "oci":
		if pinned && !strings.Contains(name[strings.LastIndex(name, "/")+1:], ":") {
			name += ":" + version
		}
		argv := []string{"docker", "run", "-i", "--rm"}
		for _, v := range variables {
			argv = append(argv, "-e", v)
		}
		return append(argv, name)
	}
	return nil
}

// Asked is the command as the question of trust shows it; nil when nothing is started on this machine. What a registry
// says is not known before it is asked: there the id and the version are agreed to.
func (s Server) Asked() []string {
	if s.ID != "" {
		return []string{"mcp-registry", s.ID, s.Version}
	}
	return s.Argv
}

func word(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func words(v any) []string {
	switch list := v.(type) {
	case []any:
		out := make([]string, len(list))
		for i, w := range list {
			out[i] = word(w)
		}
		return out
	case []string:
		return append([]string(nil), list...)
	}
	return nil
}

package mcpserver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/launch"
)

var (
	errClosing  = errors.New("the component ends")
	errStarting = errors.New("it still starts")
	errTimeout  = errors.New("timeout")
	errFlood    = errors.New("it wrote more than 8 MB that is no message to its stdout; a server keeps stdout for messages, and logs to stderr")
)

func errNoServer(name string) error {
	return fmt.Errorf(`component %q: which server? Name its command (command: ["node", "server.js"]), its package (server: "npm:@scope/package"), its address (url: "https://…"), or its id in the registry (server: "owner/name")`, name)
}

func errAddress(name string) error {
	return fmt.Errorf(`component %q: property "url" must be an http or https address, as in url: "https://example.com/mcp"`, name)
}

func errPrefix(name, kind string) error {
	return fmt.Errorf("component %q: %q is no kind of package; there are %s", name, kind+":", strings.Join(launch.Prefixes(), ":, ")+":")
}

func errMissing(names, unset []string) error {
	if slices.Contains(unset, names[0]) {
		return fmt.Errorf("its headers need %s, which is declared and has no value: set the environment variable that it is taken from, or add it to .env", names[0])
	}
	return fmt.Errorf("its headers need %s, which neither auth nor env names: auth: { %s: $%s }", strings.Join(names, ", "), names[0], names[0])
}

func errNotThere(shown string, why error) error {
	return fmt.Errorf("the MCP server %s is not there: %w", shown, why)
}

func errTries(n int, wait time.Duration, why error) error {
	if n <= 1 {
		return fmt.Errorf("%w; it is tried again in %s", why, wait.Round(100*time.Millisecond))
	}
	return fmt.Errorf("%w; tried %d times, again in %s", why, n, wait.Round(100*time.Millisecond))
}

func errTooLong(size int) error {
	return fmt.Errorf("it sent a message of %d bytes; at most %d are taken", size, longestLine)
}

func errSlow(limit time.Duration) error {
	return fmt.Errorf("no answer within %s; a longer time: timeout: \"2m\"", limit)
}

func errStuck(name string) error {
	return fmt.Errorf("it was stuck in %s, which had timed out, and answered no ping within %s, so it was stopped", name, pingTime)
}

func errMidCall(name string, why error) error {
	return fmt.Errorf("the MCP server ended while it worked on %s, and nobody knows how far it came: %w; it is started again", name, why)
}

func errGreeting(why error) error {
	return fmt.Errorf("it does not greet as an MCP server does: %w", why)
}

// errStatus is about an answer that is no answer.
func errStatus(status int, host string) error {
	what := fmt.Sprintf("%s answered %d %s", host, status, http.StatusText(status))
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf(`%s: it wants a token that it knows: auth: { TOKEN: $YOUR_TOKEN }, or headers: { Authorization: "Bearer {TOKEN}" }`, what)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fmt.Errorf("%s: there is no MCP server at this path; look at the url, which mostly ends in /mcp", what)
	}
	return errors.New(what)
}

func errRegistry(id, registry string, why error) error {
	return fmt.Errorf(`the registry %s does not say what %q is: %w; without a registry: server: "npm:PACKAGE", command: […] or url: "…"`, registry, id, why)
}

func errUnusable(id string) error {
	return fmt.Errorf("%q has no package or address in the registry that can be used here (npm, pypi, oci, streamable-http, sse)", id)
}

func errVariables(id string, names []string) error {
	return fmt.Errorf("%q needs %s: env: { %s: $%s }", id, strings.Join(names, ", "), names[0], names[0])
}

package apiweb

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

func errNoURL(name string) error {
	return fmt.Errorf(`component %q: where is the service? url: "https://api.example.com", or openapi: "service.yaml"`, name)
}

func errAddress(name string) error {
	return fmt.Errorf(`component %q: property "url" must be an http or https address, as in url: "https://api.example.com"`, name)
}

func errDocumentation(file string, why error) error {
	return &fileError{fmt.Errorf("documentation %q cannot be read: %w; write the file, or leave documentation out", file, why)}
}

// fileError is about a file without which the component cannot start: starting again would not help.
type fileError struct{ error }

func (e *fileError) Unwrap() error { return e.error }

// ExitStatus is that of a declaration that is wrong.
func (*fileError) ExitStatus() int { return 78 }

func errDocument(source string, why error) error {
	if u, err := url.Parse(source); err == nil && u.RawQuery != "" {
		u.RawQuery = ""
		source = u.String()
	}
	return fmt.Errorf("the OpenAPI document %q cannot be used: %w", source, why)
}

func errLarge(size int64) error {
	return fmt.Errorf("it has %d bytes; at most %d are read", size, largestDocument)
}

func errNoOperation(name string, all []operation) error {
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.name
	}
	return fmt.Errorf("operations: there is no %q; the document has: %s", name, strings.Join(names, ", "))
}

// errReach is about a request that got no answer. The address itself may hold secrets.
func errReach(host string, limit time.Duration, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("%s did not answer within %s; a longer time: timeout: \"2m\"", host, limit)
		}
		err = u.Err
	}
	return fmt.Errorf("%s cannot be reached: %w", host, err)
}

package webhook

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

func errAddress(name string) error {
	return fmt.Errorf(`component %q: property "url" must be an http or https address, as in url: "https://example.com/hook"`, name)
}

// refusal is why an answer was not taken, and whether trying again may help.
type refusal struct {
	what  string
	again bool
	after time.Duration // when to come again; 0: it was not said
}

func (r *refusal) Error() string { return r.what }

// bare is an error of the client without the address, which may hold secrets.
func bare(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return "no answer in time"
		}
		return u.Err.Error()
	}
	return err.Error()
}

func quoted(said []byte) string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(said), "?"))
	if text == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", text)
}

// errGivenUp makes a dead letter.
func errGivenUp(host string, attempts int, why error) error {
	times := "once"
	if attempts > 1 {
		times = fmt.Sprintf("%d times", attempts)
	}
	return fmt.Errorf("%s did not take the answer, tried %s: %w%w", host, times, why, quiet{component.ErrSetAside})
}

// errInTime is about a turn that ended while it was tried.
func errInTime(host string, cause, why error) error {
	return fmt.Errorf("%s did not take the answer before %w; the last try: %w", host, cause, why)
}

// quiet is an error that says nothing: it only sorts the one it is part of.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }

package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// problem is an error of the service that it said in the middle of a stream; asking again is up to the caller.
type problem struct{ error }

func (p *problem) Unwrap() error { return p.error }

// overloadPause is when to come back to a service that is overloaded and does not say when.
const overloadPause = 5 * time.Second

var (
	errLong  = errors.New("the conversation is too long")
	errTools = errors.New("the model takes no tools")
	errEvent = errors.New("an event of its answer is longer than 8 MiB")
)

func errType(typ string) error { return fmt.Errorf("there is no llm %s", typ) }

func errNoModel(name string) error {
	return fmt.Errorf(`%s: name the model: model: "…" (ollama list shows those that are there)`, name)
}

func errNoKey(name string) error {
	return fmt.Errorf("%s: its api_key is missing; set it, best from the environment: api_key: $NAME, or try: ww dev --offline", name)
}

func errPrompt(name, file string, err error) error {
	return fmt.Errorf("%s: its instruction %s cannot be read: %w; write the file, or leave prompt out", name, strconv.Quote(file), err)
}

func errAddress(name, url string, err error) error {
	return fmt.Errorf("%s: base_url %s is no address: %w", name, strconv.Quote(url), err)
}

func errTooLong(name, model string) error {
	return fmt.Errorf("%s: this is more than %s takes at once", name, model)
}

func errSilent(name string, limit time.Duration) error {
	return fmt.Errorf("%s: the service said nothing for %s; set timeout to wait longer", name, limit)
}

func errCut(name string) error {
	return fmt.Errorf("%s: the service ended its answer in the middle", name)
}

func errNoEvents(s settings) error {
	return fmt.Errorf("%s: %s answers, but not as a model does; is it the address of the service? base_url often ends in /v1", s.name, s.url)
}

func errPiece(name string, data []byte) error {
	const most = 120
	if len(data) > most {
		data = append(data[:most:most], "…"...)
	}
	return fmt.Errorf("%s: a piece of the service's answer is no JSON: %s", name, data)
}

func errUnreachable(s settings, err error) error {
	if s.typ == "ollama" && errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s: ollama does not run at %s; start it with: ollama serve", s.name, s.url)
	}
	return fmt.Errorf("%s: %s cannot be reached: %w; look at the network and at base_url, or try: ww dev --offline", s.name, s.url, err)
}

// errStatus says what the service answered and what to do; code 0 is an error in the middle of an answer.
func errStatus(s settings, code int, why string) error {
	what := "it says"
	if code != 0 {
		what = fmt.Sprintf("it answers %d %s", code, http.StatusText(code))
		what = strings.TrimSpace(what)
	}
	if why != "" {
		what += ": " + why
	}
	todo := ""
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		todo = "; the api_key is wrong, or may not use this: look at the key, or try: ww dev --offline"
	case code == http.StatusNotFound && s.typ == "ollama":
		todo = "; fetch the model with: ollama pull " + s.model
	case code == http.StatusNotFound:
		todo = fmt.Sprintf("; is %q a model of this service, and %s its address?", s.model, s.url)
	case outOfMoney(why):
		todo = "; the account has no credit left"
	case code == http.StatusTooManyRequests:
		todo = "; it was asked too often, and will be asked again later"
	}
	err := fmt.Errorf("%s (%s): %s%s", s.name, s.model, what, todo)
	if code >= 400 && code < 500 && code != http.StatusTooManyRequests {
		return &badRequest{err}
	}
	return err
}

// badRequest is a request that the service does not want, or not from us: that says nothing of whether it works.
type badRequest struct{ error }

// Is makes it one that breakers do not count.
func (*badRequest) Is(target error) bool { return target == component.ErrBadRequest }

// reason is what an error's page says.
func reason(page []byte) string {
	var all struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	text := ""
	if json.Unmarshal(page, &all) == nil {
		var inner struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(all.Error, &text) != nil && json.Unmarshal(all.Error, &inner) == nil {
			text = inner.Message
		}
		if text == "" {
			text = all.Message
		}
	}
	if text == "" && !strings.HasPrefix(strings.TrimSpace(string(page)), "<") {
		text = string(page)
	}
	text = strings.Join(strings.Fields(text), " ")
	const most = 300
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func contains(text string, any ...string) bool {
	text = strings.ToLower(text)
	for _, a := range any {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}

func tooLong(why string) bool {
	return contains(why, "context length", "context_length", "context window", "maximum context", "prompt is too long", "too many tokens", "input is too long")
}

func noTools(why string) bool {
	return contains(why, "does not support tools", "tools are not supported", "tool calling is not supported", "tool use is not supported", "does not support function", "tools is not supported")
}

func outOfMoney(why string) bool {
	return contains(why, "exceeded your current quota", "insufficient_quota", "credit balance")
}

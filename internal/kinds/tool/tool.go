// Package tool is what agents and tools say to each other: what a tool can do, a call of it, and its answer. Every kind
// that an agent may call describes itself with a [Description] and takes a [Call] as the body of a process_request.
package tool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
)

// The content types of calls and answers.
const (
	JSON = "application/json"
	Text = "text/plain"
	// Failure is the type of an answer that says what went wrong: the tool works, this call of it did not. The caller's
	// breaker does not count it. A tool that cannot work returns an error instead.
	Failure = "text/x-ww-failure"
)

// Description is what a tool says of itself.
type Description struct {
	Type string `json:"type,omitempty"` // as it is shown to a model; empty: the type of the component
	Text string `json:"text"`           // for the model, as it stands; may be long
	// Functions are what can be called by name, in the order in which they are shown.
	Functions []Function `json:"functions,omitempty"`
	// Ordered says that the calls of one reply are made one after the other, because what one does counts for the next.
	Ordered bool `json:"ordered,omitempty"`
	// Free says that the action of a call is a text of the caller's own, such as a question to a model or a path.
	Free bool `json:"free,omitempty"`
	// Problem says why the tool cannot work now; Text and Functions may be empty then.
	Problem string `json:"problem,omitempty"`
}

// Function is one thing that a tool does.
type Function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"` // JSON Schema of the inputs, an object; empty: none are known
}

// Result is the description as an answer to component.describe.
func (d Description) Result() (component.Result, error) {
	b, err := json.Marshal(d)
	return component.Result{ContentType: JSON, Body: b}, err
}

// Call is what an agent asks of a tool.
type Call struct {
	Action string         `json:"action"`
	Inputs map[string]any `json:"inputs"`
}

// Request is the call as a request to the component to.
func (c Call) Request(to string) component.Request {
	if c.Inputs == nil {
		c.Inputs = map[string]any{}
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic("tool: inputs came out of JSON: " + err.Error())
	}
	return component.Request{To: to, ContentType: JSON, Body: b}
}

// ParseCall reads the body of a request. A body that is no call is one without a function: a text is its action, any
// other JSON object its inputs.
func ParseCall(body []byte) Call {
	var whole struct {
		Action *string         `json:"action"`
		Inputs *map[string]any `json:"inputs"`
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return Call{Action: string(body)}
	}
	if Decode(trimmed, &whole) == nil && whole.Action != nil {
		c := Call{Action: *whole.Action}
		if whole.Inputs != nil {
			c.Inputs = *whole.Inputs
		}
		return c
	}
	var inputs map[string]any
	if Decode(trimmed, &inputs) == nil {
		return Call{Inputs: inputs}
	}
	return Call{Action: string(body)}
}

// Filled is the action with every {name} of an input replaced by its value.
func (c Call) Filled() string {
	pairs := make([]string, 0, 2*len(c.Inputs))
	for name, v := range c.Inputs {
		pairs = append(pairs, "{"+name+"}", Show(v))
	}
	return strings.NewReplacer(pairs...).Replace(c.Action)
}

// Show is a value as text for a model: texts as they are, what has parts as JSON, the rest as Python writes it, for that
// is what prompts of old were written against.
func Show(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// Failed is an answer that says what went wrong with this one call.
func Failed(format string, args ...any) component.Result {
	return component.Result{ContentType: Failure, Body: fmt.Appendf(nil, format, args...)}
}

// Value is an answer as the value it stands for: JSON as itself, anything else as text.
func Value(r component.Result) any {
	if r.ContentType != JSON {
		return string(r.Body)
	}
	var v any
	if Decode(r.Body, &v) != nil {
		return string(r.Body)
	}
	return v
}

// Decode reads JSON whose numbers stay as they are written, as json.Number: an integer of twenty digits is the name of
// something, and 2.0 is not 2 to a function in Python.
func Decode(text []byte, into any) error {
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil { // a decoder takes what follows the first value for another one
		return err
	}
	d := json.NewDecoder(bytes.NewReader(whole))
	d.UseNumber()
	return d.Decode(into)
}

// Number is the value of an input as an integer, if it is one.
func Number(v any) (n int, ok bool) {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i), true
		}
		f, err := v.Float64()
		return int(f), err == nil && f == math.Trunc(f)
	case float64:
		return int(v), v == math.Trunc(v)
	}
	return 0, false
}

// UnknownFunction is the answer to a call of what a tool does not have.
func UnknownFunction(name string, have []Function) component.Result {
	names := make([]string, len(have))
	for i, f := range have {
		names[i] = f.Name
	}
	return Failed("there is no function %q; the functions are: %s", name, strings.Join(names, ", "))
}

package mcpserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/kinds/events"
)

// What a user writes who does not want to say it, and how often something that cannot be meant is asked again.
const (
	refusal = "-"
	tries   = 3
)

// What the protocol calls the ways in which a question ends.
const (
	accepted = "accept"
	declined = "decline"
	canceled = "cancel"
)

// field is one thing that a server wants to know.
type field struct {
	Name        string
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Enum        []string `json:"enum"`
	OneOf       []struct {
		Const string `json:"const"`
		Title string `json:"title"`
	} `json:"oneOf"`
	required bool
}

// elicit puts a question of the server to the user in whose turn it is called. A question is of no call by name, so when
// calls of several turns are in flight, nobody knows whose it is, and nobody is asked.
func (l *link) elicit(ctx context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
	if r.Params.Mode == "url" || r.Params.URL != "" {
		return nil, errors.New("no page can be opened for the user")
	}
	turn, pause := l.asker()
	if turn.Ask == nil {
		l.k.env.Log.Warn("the MCP server asks something, and nobody knows whom", "question", oneLine(r.Params.Message))
		return &mcp.ElicitResult{Action: canceled}, nil
	}
	defer pause()()
	fields, err := fieldsOf(r.Params.RequestedSchema)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		fields = []field{{Name: "", Type: "boolean", required: true}}
	}
	content := map[string]any{}
	for _, f := range fields {
		value, action, err := l.know(ctx, turn, r.Params.Message, f)
		if err != nil {
			return nil, err
		}
		if action != accepted {
			return &mcp.ElicitResult{Action: action}, nil
		}
		switch {
		case f.Name == "" && value == false:
			return &mcp.ElicitResult{Action: declined}, nil
		case f.Name != "" && value != nil:
			content[f.Name] = value
		}
	}
	return &mcp.ElicitResult{Action: accepted, Content: content}, nil
}

// asker is the turn that all calls in flight belong to, and what holds their time off; the zero turn: there is none.
func (l *link) asker() (turn events.Turn, pause func() (resume func())) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []waiter
	for _, w := range l.waiters {
		if len(all) > 0 && w.turn.ID != turn.ID || w.turn.Acceptor == "" {
			return events.Turn{}, nil
		}
		turn, all = w.turn, append(all, w)
	}
	return turn, func() func() {
		for _, w := range all {
			w.hold(true)
		}
		return func() {
			for _, w := range all {
				w.hold(false)
			}
		}
	}
}

// know asks for one thing until it can be meant.
func (l *link) know(ctx context.Context, turn events.Turn, message string, f field) (value any, action string, err error) {
	text := f.question(message)
	for range tries {
		answer, none, err := events.Question(ctx, turn, text, 0)
		switch answer = strings.TrimSpace(answer); {
		case err != nil:
			return nil, "", err
		case none != "":
			return nil, canceled, nil
		case answer == refusal:
			return nil, declined, nil
		case answer == "" && !f.required:
			return nil, accepted, nil
		}
		value, problem := f.value(answer)
		if problem == "" {
			return value, accepted, nil
		}
		text = problem + "; " + f.question(message)
	}
	return nil, canceled, nil
}

// question is how a person is asked for it.
func (f field) question(message string) string {
	var b strings.Builder
	b.WriteString(message)
	if f.Name != "" {
		fmt.Fprintf(&b, "\n%s", cmp.Or(f.Title, f.Name))
		if f.Description != "" {
			fmt.Fprintf(&b, ": %s", f.Description)
		}
	}
	var how []string
	switch choices := f.choices(); {
	case len(choices) > 0:
		how = append(how, "one of "+strings.Join(choices, ", "))
	case f.Type == "boolean":
		how = append(how, "yes or no")
	case f.Type == "integer", f.Type == "number":
		how = append(how, "a number")
	}
	if !f.required {
		how = append(how, "nothing is fine, too")
	}
	fmt.Fprintf(&b, " (%s)", strings.Join(append(how, refusal+" to refuse"), "; "))
	return b.String()
}

func (f field) choices() []string {
	all := slices.Clone(f.Enum)
	for _, o := range f.OneOf {
		all = append(all, cmp.Or(o.Title, o.Const))
	}
	return all
}

// value is what an answer means.
func (f field) value(answer string) (value any, problem string) {
	if choices := f.choices(); len(choices) > 0 {
		for i, c := range choices {
			if strings.EqualFold(c, answer) {
				if i >= len(f.Enum) {
					return f.OneOf[i-len(f.Enum)].Const, ""
				}
				return c, ""
			}
		}
		return nil, strconv.Quote(answer) + " is none of them"
	}
	switch f.Type {
	case "boolean":
		switch strings.ToLower(answer) {
		case "yes", "y", "true":
			return true, ""
		case "no", "n", "false":
			return false, ""
		}
		return nil, strconv.Quote(answer) + " is neither yes nor no"
	case "integer":
		if n, err := strconv.ParseInt(answer, 10, 64); err == nil {
			return n, ""
		}
		return nil, strconv.Quote(answer) + " is no whole number"
	case "number":
		if n, err := strconv.ParseFloat(answer, 64); err == nil {
			return n, ""
		}
		return nil, strconv.Quote(answer) + " is no number"
	}
	return answer, ""
}

// fieldsOf are the things that a schema asks for: what must be said comes first.
func fieldsOf(schema any) ([]field, error) {
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var s struct {
		Properties map[string]field `json:"properties"`
		Required   []string         `json:"required"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("the schema of the question cannot be read: %w", err)
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(order(s.Required, a), order(s.Required, b))
	})
	fields := make([]field, 0, len(names))
	for _, name := range names {
		f := s.Properties[name]
		f.Name, f.required = name, slices.Contains(s.Required, name)
		fields = append(fields, f)
	}
	return fields, nil
}

func order(required []string, name string) int {
	if i := slices.Index(required, name); i >= 0 {
		return i
	}
	return len(required)
}

package apiweb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// function is the operation as agents see it: parameters and the fields of a body beside each other.
func (o operation) function() tool.Function {
	properties, required := map[string]any{}, []string{}
	if o.body != nil {
		required = o.body.inputs(properties)
	}
	for _, p := range o.parameters {
		s := map[string]any{}
		if m, ok := p.Schema.(map[string]any); ok {
			for key, v := range m {
				s[key] = v
			}
		}
		if p.Text != "" {
			s["description"] = p.Text
		}
		properties[p.Name] = s
		if p.Required && !slices.Contains(required, p.Name) {
			required = append(required, p.Name)
		}
	}
	b, err := json.Marshal(map[string]any{"type": "object", "properties": properties, "required": required})
	if err != nil { // YAML has keys that JSON has not
		b = []byte(`{"type":"object"}`)
	}
	return tool.Function{Name: o.name, Description: o.description, Parameters: b}
}

// inputs adds what a body takes to the properties of a call, and returns the names of what it needs.
func (b *body) inputs(properties map[string]any) (required []string) {
	required = []string{}
	schema, _ := b.schema.(map[string]any)
	if len(b.fields) > 0 {
		for name, s := range schema["properties"].(map[string]any) {
			if properties[name] = s; b.typ == typeMultipart && isBinary(s) {
				properties[name] = fileSchema(s)
			}
		}
		for _, name := range list(schema["required"]) {
			required = append(required, word(name))
		}
	} else {
		properties["body"] = schema
		if b.required {
			required = append(required, "body")
		}
	}
	return required
}

// encode makes the body of a request.
func (o operation) encode(inputs map[string]any) (b []byte, typ string, err error) {
	var value any
	if len(o.body.fields) == 0 {
		value = inputs["body"]
	} else {
		fields := map[string]any{}
		for name, v := range inputs {
			if !slices.ContainsFunc(o.parameters, func(p parameter) bool { return p.Name == name }) || slices.Contains(o.body.fields, name) {
				fields[name] = v
			}
		}
		if value = fields; len(fields) == 0 && !o.body.required {
			return nil, "", nil
		}
	}
	object, isObject := value.(map[string]any)
	switch {
	case value == nil && o.body.required:
		return nil, "", fmt.Errorf(`%s needs "body"`, o.name)
	case value == nil:
		return nil, "", nil
	case o.body.typ == typeForm && isObject:
		return o.body.urlencoded(object), typeForm, nil
	case o.body.typ == typeMultipart && isObject:
		return o.body.multipart(object)
	case strings.HasSuffix(o.body.typ, "json"):
		b, err = json.Marshal(value)
		return b, o.body.typ, err
	}
	return []byte(plain(value)), o.body.typ, nil
}

package project

import (
	"reflect"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// raw is a value as it was written, with names, variables and blocks resolved.
func (c *checker) raw(key string, v parser.Value) any {
	switch v := v.(type) {
	case *parser.String:
		return secretIf(c.secret(key), v.Text)
	case *parser.Number:
		if v.IsInt {
			return v.Int
		}
		return v.Float
	case *parser.Bool:
		return v.Value
	case *parser.Env:
		return c.variable(key, v)
	case *parser.Word:
		if c.linked.names[v.Text] != nil {
			return Ref(v.Text)
		}
		return secretIf(c.secret(key), v.Text)
	case *parser.Array:
		items := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			items = append(items, c.raw(key, item))
		}
		return items
	case *parser.Block:
		return c.rawBlock(v)
	}
	return nil
}

func (c *checker) rawBlock(b *parser.Block) map[string]any {
	if b.Kind != nil {
		return block(b.Kind.Name, word(b.Type), c.rawPairs(b))
	}
	return c.rawPairs(b)
}

func (c *checker) rawPairs(b *parser.Block) map[string]any {
	props := make(map[string]any, len(b.Pairs))
	for _, p := range b.Effective() {
		props[p.Key.Name] = c.raw(p.Key.Name, p.Value)
	}
	return props
}

func (c *checker) variable(key string, v *parser.Env) any {
	text, ok := c.env(v.Name)
	if !ok {
		if !c.linked.broken[v.Range.Start.Line] { // else the name may be only the beginning of what was meant
			c.report(envUnset(v, key))
		}
		return nil
	}
	return secretIf(c.secret(v.Name) || c.secret(key), text)
}

// secret is [schema.SecretName], remembered: a file uses few names many times.
func (c *checker) secret(name string) bool {
	known, ok := c.secrets[name]
	if !ok {
		known = schema.SecretName(name)
		c.secrets[name] = known
	}
	return known
}

func secretIf(secret bool, text string) any {
	if secret || hasPassword(text) {
		return Secret(text)
	}
	return text
}

// hasPassword reports whether a text is a URL with a user or password in it.
func hasPassword(text string) bool {
	_, rest, ok := strings.Cut(text, "://")
	host, _, _ := strings.Cut(rest, "/")
	return ok && strings.Contains(host, "@")
}

// text is the string in a value, and whether there is one.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Secret:
		return string(v), true
	}
	return "", false
}

// same compares two values of a property, whether or not one of them is secret.
func same(a, b any) bool {
	ta, oka := text(a)
	tb, okb := text(b)
	if oka && okb {
		return ta == tb
	}
	return reflect.DeepEqual(a, b)
}

// convert is the value of one property in the type that it wants. What cannot be converted is reported.
func (c *checker) convert(p *schema.Property, v parser.Value) (any, bool) {
	if b, ok := v.(*parser.Block); ok && len(p.Keys) > 0 && p.Type != schema.List && b.Kind == nil {
		return c.keyed(p, b), true
	}
	if list, ok := v.(*parser.Array); ok && p.Type == schema.List && len(p.Keys) > 0 {
		return c.keyedList(p, list), true
	}
	if b, ok := v.(*parser.Block); ok && p.Type == schema.Block && b.Kind != nil {
		return c.typed(p, b)
	}
	raw := c.raw(p.Name, v)
	if raw == nil { // null, or an unset variable: as if it were not there
		return nil, true
	}
	if p.Secret {
		if s, ok := v.(*parser.String); ok && isQuotedEnv(s.Text) {
			c.report(quotedEnv(p, s))
		}
		raw = hide(raw)
	}
	if c.linked.broken[v.Span().Start.Line] && halfRead(v) {
		return nil, false
	}
	converted, ok := c.as(p, v, raw)
	if !ok {
		c.report(badType(p, v, raw, c.linked))
		return nil, false
	}
	return converted, true
}

// isQuotedEnv reports whether a text is nothing but a variable, which is not looked up in quotes.
func isQuotedEnv(text string) bool {
	name, ok := strings.CutPrefix(text, "$")
	if braced, is := strings.CutPrefix(name, "{"); is {
		name = strings.TrimSuffix(braced, "}")
	}
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// halfRead reports whether a value that stands beside a mistake of form may be only the beginning of what was meant.
func halfRead(v parser.Value) bool {
	switch v.(type) {
	case *parser.Word, *parser.String, *parser.Number, *parser.Env:
		return true
	}
	return false
}

// hide makes every text in a value secret.
func hide(v any) any {
	switch v := v.(type) {
	case string:
		return Secret(v)
	case []any:
		for i := range v {
			v[i] = hide(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = hide(v[k])
		}
	}
	return v
}

// typed is a block with words before it, as a bus or a deployment inside of another block.
func (c *checker) typed(p *schema.Property, b *parser.Block) (any, bool) {
	k, ok := c.schema.Find(p.Name, b.Kind.Name)
	if !ok || b.Type != nil {
		c.report(unknownBlock(p, b, c.schema.TypesOf(p.Name)))
		return nil, false
	}
	values, _ := c.dict(k.Name, b, k)
	return block(k.Kind, k.Type, values), true
}

func (c *checker) keyed(p *schema.Property, b *parser.Block) any {
	values, rejected := c.dict(func() string { return p.Name }, b, &schema.Kind{Properties: p.Keys})
	c.required(parser.Ident{Name: p.Name, Range: b.Range}, p.Keys, values, rejected)
	return values
}

func (c *checker) keyedList(p *schema.Property, list *parser.Array) any {
	items := make([]any, 0, len(list.Items))
	for _, item := range list.Items {
		b, ok := item.(*parser.Block)
		if !ok || b.Kind != nil {
			d := badType(&schema.Property{Name: "every item of " + p.Name, Type: schema.Dict}, item, c.raw(p.Name, item), c.linked)
			d.Detail = "as in " + example(p.Keys)
			c.report(d)
			continue
		}
		items = append(items, c.keyed(p, b))
	}
	return items
}

// as converts a value that is there.
func (c *checker) as(p *schema.Property, v parser.Value, raw any) (any, bool) {
	switch p.Type {
	case schema.Text, schema.Path:
		return c.asText(p, v, raw)
	case schema.File:
		t, ok := c.asText(p, v, raw)
		if ok {
			c.exists(p, v, t)
		}
		return t, ok
	case schema.Int:
		n, ok := asInt(raw)
		return n, ok && (!p.Positive || n > 0) && (p.Most == 0 || n >= 0 && n <= p.Most)
	case schema.Float:
		return asFloat(raw)
	case schema.Bool:
		return c.asBool(p, v, raw)
	case schema.Duration:
		return asSeconds(raw)
	case schema.Size:
		_, ok := Bytes(raw)
		return raw, ok // as it was written: the registry tells others
	case schema.Dict:
		m, ok := raw.(map[string]any)
		return m, ok
	case schema.List:
		l, ok := raw.([]any)
		return l, ok
	case schema.Texts, schema.Argv:
		return asTexts(p.Type, v, raw)
	case schema.Ref, schema.Refs:
		if c.inline(p, v) {
			return raw, true
		}
		return c.asRefs(p, raw)
	case schema.Block:
		return raw, isBlock(raw)
	case schema.Retry:
		n, ok := asInt(raw)
		return map[string]any{"attempts": n}, ok && n > 0
	case schema.Fallback:
		return asFallback(raw)
	}
	return raw, true
}

package project

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// checker turns linked declarations into components, by the table of kinds.
type checker struct {
	linked  *linked
	schema  *schema.Schema
	env     Lookup
	dir     string
	offline bool // what is secret need not be there
	partial bool // in the declaration is a mistake of form: a key may stand in a block that it is not in
	diags   diag.List
	seen    diag.Tally

	kinds    map[string]*schema.Kind // of every component, observers included
	settings map[string]any
	secrets  map[string]bool // names that have been asked about
	agents   map[*schema.Kind]*schema.Kind
}

func (c *checker) report(d diag.Diagnostic) { c.diags.Keep(d, &c.seen) }

// components checks every declaration, in construction order, and is those that become processes.
func (c *checker) components() []Component {
	order := c.linked.order()
	made := make([]Component, 0, len(order)+2) // an input and an output may be added
	for _, e := range order {
		k, ok := c.kindOf(e)
		if !ok {
			c.unchecked(e)
			continue
		}
		c.kinds[e.name()] = k
		config := c.config(e, k)
		if k.Legacy != "" {
			c.report(legacyKind(e.decl.Body, k))
		}
		switch k.Role {
		case schema.Deployment, schema.BusKind:
			kind, typ := meaning(k)
			c.settings[e.name()] = block(kind, typ, config)
			c.elsewhere(e, k, config)
			continue
		case schema.Observer:
			c.report(runsWithout(e.decl.Body, k))
			continue
		}
		made = append(made, component(e, k, config))
	}
	running := make(map[string]bool, len(made))
	for _, m := range made {
		running[m.Name] = true
	}
	for i := range made { // blocks of settings can be named, but nothing waits for them
		made[i].DependsOn = slices.DeleteFunc(made[i].DependsOn, func(name string) bool { return !running[name] })
	}
	return made
}

func component(e *entry, k *schema.Kind, config map[string]any) Component {
	kind, typ := meaning(k)
	made := Component{Name: e.name(), Kind: kind, Type: typ, Config: config, Span: e.decl.Range}
	for _, r := range e.refs {
		if !r.hop {
			made.DependsOn = append(made.DependsOn, r.Text)
		}
	}
	made.DependsOn = distinct(made.DependsOn)
	return made
}

// meaning is the kind and type that a declaration has today.
func meaning(k *schema.Kind) (kind, typ string) {
	if k.Means == "" {
		return k.Kind, k.Type
	}
	kind, typ, _ = strings.Cut(k.Means, " ")
	return kind, typ
}

// unchecked reports what can be said of a declaration of unknown kind: the variables it uses.
func (c *checker) unchecked(e *entry) {
	for _, p := range e.decl.Body.Effective() {
		c.raw(p.Key.Name, p.Value)
	}
}

// config is the properties of one component, converted to what the kind wants.
func (c *checker) config(e *entry, k *schema.Kind) map[string]any {
	c.partial = e.decl.Partial
	config, rejected := c.dict(k.Name, e.decl.Body, k)
	if k.Runtime || here(k) {
		c.ignoring(e.decl.Body, k.Property, config)
	}
	if !e.decl.Partial { // else what seems to be missing may be what was not understood
		c.required(e.decl.Name, k.Properties, config, rejected)
	}
	if provider, ok := k.Property("provider"); ok && provider.Default != nil {
		config["provider"] = provider.Default
	}
	return config
}

// here reports whether a deployment or bus is that of this machine, which this version has.
func here(k *schema.Kind) bool {
	return (k.Role == schema.Deployment || k.Role == schema.BusKind) && k.Type == "local"
}

// ignoring reports the keys of a block, and of the blocks in it, that nothing acts on.
func (c *checker) ignoring(b *parser.Block, property func(name string) (*schema.Property, bool), values map[string]any) {
	for _, p := range b.Effective() {
		prop, ok := property(p.Key.Name)
		if !ok {
			continue
		}
		if prop.Later {
			if !isDefault(values, prop) {
				c.report(ignored(p.Key, prop))
			}
			continue
		}
		inner, _ := p.Value.(*parser.Block)
		nested, _ := values[prop.Name].(map[string]any)
		switch {
		case inner == nil || isElsewhere(carrier(nested)): // of which as a whole that is said
		case inner.Kind == nil:
			c.ignoring(inner, func(name string) (*schema.Property, bool) { return schema.Find(prop.Keys, name) }, nested)
		default:
			if k, ok := c.schema.Find(prop.Name, inner.Kind.Name); ok && here(k) {
				props, _ := nested["props"].(map[string]any)
				c.ignoring(inner, k.Property, props)
			}
		}
	}
}

// isDefault reports whether a property has a value that says no more than its absence: none, or the default.
func isDefault(config map[string]any, p *schema.Property) bool {
	v := config[p.Name]
	return v == nil || (p.Default != nil && same(v, p.Default))
}

// near is the keys to suggest from. In a block that is wrong everywhere nobody reads suggestions.
func (c *checker) near(k *schema.Kind) []string {
	const most = 100
	if len(c.diags) > most {
		return nil
	}
	return k.Names()
}

// required reports all the keys of a block that are missing, as one problem of its name. A key whose value was rejected
// is not missing.
func (c *checker) required(at parser.Ident, props []schema.Property, have map[string]any, rejected []string) {
	var missing, empty []schema.Property
	for i := range props {
		p := &props[i]
		v, written := have[p.Name]
		switch {
		case !p.Required || v != nil || slices.Contains(rejected, p.Name):
		case p.Waived(func(key string) bool { return have[key] != nil }):
		case c.offline && p.Secret:
		case c.offline && p.Waived(func(key string) bool { return hasKey(have, key) }):
		case written:
			empty = append(empty, *p)
		default:
			missing = append(missing, *p)
		}
	}
	if len(missing)+len(empty) > 0 {
		c.report(missingKeys(at, missing, empty))
	}
}

func hasKey(have map[string]any, key string) bool {
	_, ok := have[key]
	return ok
}

// dict is the pairs of a block, under their own names and converted, and the names of those that could not be. what
// names the block in messages.
func (c *checker) dict(what func() string, b *parser.Block, k *schema.Kind) (values map[string]any, rejected []string) {
	values = make(map[string]any, len(b.Pairs))
	for _, p := range b.Effective() {
		prop, ok := k.Property(p.Key.Name)
		if !ok {
			if !c.partial || k.Kind != "" {
				d := unknownKey(what(), p.Key, c.near(k))
				if b, ok := p.Value.(*parser.Block); ok && b.Kind != nil {
					d = strayDeclaration(d, b)
				}
				c.report(d)
			}
			values[p.Key.Name] = c.raw(p.Key.Name, p.Value)
			continue
		}
		switch {
		case prop.Legacy != "":
			c.report(legacyKey(p.Key, prop.Legacy))
		case slices.Contains(prop.Old, p.Key.Name):
			c.report(legacyKey(p.Key, prop.Name))
		}
		v, ok := c.convert(prop, p.Value)
		if !ok {
			rejected = append(rejected, prop.Name)
			continue
		}
		if before, again := values[prop.Name]; again && !same(before, v) {
			c.report(conflictingKeys(p.Key, firstOf(b, k, prop.Name).Key))
			continue
		}
		values[prop.Name] = v
	}
	return values, rejected
}

// firstOf is the first pair of a block that gives the named property, in whatever spelling.
func firstOf(b *parser.Block, k *schema.Kind, name string) *parser.Pair {
	for _, p := range b.Effective() {
		if prop, ok := k.Property(p.Key.Name); ok && prop.Name == name {
			return p
		}
	}
	return b.Pairs[0] // not reached: the caller has found one
}

// set checks the settings at the top level of the file.
func (c *checker) set() {
	for _, e := range c.linked.settings {
		name := e.decl.Name
		prop, ok := c.schema.Setting(name.Name)
		if !ok {
			if !e.decl.Partial {
				c.report(unknownKey("the file", name, schema.Names(c.schema.Settings())))
			}
			c.settings[name.Name] = c.raw(name.Name, e.decl.Value)
			continue
		}
		v, _ := c.convert(prop, e.decl.Value)
		c.settings[prop.Name] = v
		switch {
		case prop.Name == "message_bus" || prop.Name == "deployment":
			c.remote(e.decl.Value.Span(), prop.Name, v)
		case prop.Later && !isDefault(c.settings, prop):
			c.report(ignored(name, prop))
		}
	}
}

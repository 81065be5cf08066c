package lsp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// completing is one question for what could stand at a cursor.
type completing struct {
	*server
	doc   *document
	place place
	at    span // of the word under the cursor, which a completion replaces
	items []completionItem
}

func (s *server) completion(d *document, offset int, _ *positionParams) (any, error) {
	d.tree()
	c := &completing{server: s, doc: d, place: placeAt(d.text, offset, d.broken), items: []completionItem{}}
	c.at = d.between(c.place.start, offset)
	if !c.place.silent {
		c.complete()
	}
	return map[string]any{"isIncomplete": false, "items": c.items}, nil
}

func (c *completing) complete() {
	p := &c.place
	if len(p.open) == 0 {
		c.outside()
		return
	}
	props, list := c.properties()
	switch {
	case list != nil:
		c.value(list)
	case p.open[len(p.open)-1].sign == '[':
	case !p.sep && len(p.words) == 0:
		c.keys(props)
	case p.sep && len(p.words) == 0:
		if prop := property(props, p.key); prop != nil {
			c.value(prop)
		} else {
			c.variables(false)
		}
	}
}

// outside completes what stands between the declarations, and their heads.
func (c *completing) outside() {
	p := &c.place
	setting := property(c.schema.Settings(), p.key)
	switch {
	case p.quote && setting != nil:
		c.value(setting)
	case p.quote:
	case !p.sep && len(p.words) == 0:
		for _, s := range c.schema.Settings() {
			c.add(completionItem{Label: s.Name, Kind: itemProperty, Detail: s.Type.String(), Documentation: markdown(describe(s))}, "1", s.Name+" = ")
		}
	case p.sep && len(p.words) == 0:
		c.heads()
		if setting != nil {
			c.value(setting)
		}
	case p.sep && len(p.words) == 1:
		c.types(p.words[0])
	}
}

// heads are the kinds that a declaration may have, with a body to fill in.
func (c *completing) heads() {
	for _, k := range c.schema.Kinds() {
		if k.Legacy != "" || k.Role == schema.BusKind {
			continue
		}
		c.head(&k, k.Name(), strings.TrimSpace(k.Name()))
	}
}

func (c *completing) types(kind string) {
	for _, k := range c.schema.Kinds() {
		if k.Kind == kind && k.Type != "" && k.Legacy == "" {
			c.head(&k, k.Type, k.Type)
		}
	}
}

func (c *completing) head(k *schema.Kind, label, insert string) {
	item := completionItem{Label: label, Kind: itemClass, Detail: k.Doc, Documentation: markdown(describeKind(k))}
	rank := "1"
	if !k.Runtime {
		rank = "2"
	}
	if !strings.Contains(c.rest(), "{") {
		insert += c.body(k)
		item.InsertTextFormat = c.format()
	}
	c.add(item, rank, insert)
}

// format is how the text of an item is to be read.
func (c *completing) format() int {
	if c.snippets {
		return 2
	}
	return 0
}

// rest is what stands behind the cursor on its line.
func (c *completing) rest() string {
	line := c.doc.line(int(c.at.End.Line))
	begin := c.doc.lines[c.at.End.Line]
	return line[min(len(line), c.doc.offset(c.at.End)-begin):]
}

// body is a block with the properties that a kind must have.
func (c *completing) body(k *schema.Kind) string {
	if !c.snippets {
		return " {}"
	}
	var lines []string
	for _, p := range k.Properties {
		if p.Required {
			lines = append(lines, fmt.Sprintf("    %s: %s", p.Name, blank(p, len(lines)+1)))
		}
	}
	if len(lines) == 0 {
		return " {$0}"
	}
	return " {\n" + strings.Join(lines, "\n") + "\n}$0"
}

// blank is a field to fill in for a value.
func blank(p schema.Property, n int) string {
	switch p.Type {
	case schema.Text, schema.Path, schema.File:
		if p.Secret {
			return fmt.Sprintf("\\$${%d:NAME}", n)
		}
		return fmt.Sprintf("\"$%d\"", n)
	case schema.Refs, schema.List:
		return fmt.Sprintf("[$%d]", n)
	case schema.Texts, schema.Argv:
		return fmt.Sprintf("[\"$%d\"]", n)
	case schema.Dict:
		return fmt.Sprintf("{ $%d }", n)
	}
	return fmt.Sprintf("$%d", n)
}

// properties is what may stand in the innermost block; in a list, the property that the list is the value of.
func (c *completing) properties() (props []schema.Property, list *schema.Property) {
	first := c.place.open[0]
	if first.sign == '[' {
		return nil, property(c.schema.Settings(), first.key)
	}
	if k := c.kind(first.key, first.words); k != nil {
		props = k.All()
	}
	for _, b := range c.place.open[1:] {
		switch p := property(props, b.key); {
		case b.sign == '[' && b.key != "":
			list = p
		case b.sign == '[': // a list in a list
			list = nil
		case b.key == "" && list != nil: // one of several blocks
			props, list = list.Keys, nil
		default:
			props, list = c.inside(p, b.key, b.words), nil
		}
	}
	return props, list
}

// keys completes the name of a property, without those that are there already.
func (c *completing) keys(props []schema.Property) {
	sign := ": "
	if rest := strings.TrimLeft(c.rest(), " \t\"'"); rest != "" && (rest[0] == ':' || rest[0] == '=') || c.place.quote {
		sign = "" // it is only the key that is being changed
	} else if c.equals() {
		sign = " = "
	}
	there := c.place.open[len(c.place.open)-1].keys
	there = append(there, c.keysBelow()...)
	for i, p := range props {
		given := slices.Contains(there, p.Name) || slices.ContainsFunc(p.Aliases, func(a string) bool { return slices.Contains(there, a) })
		if given || p.Legacy != "" {
			continue
		}
		rank := "2"
		switch {
		case p.Required:
			rank = "1"
		case p.Later:
			rank = "3"
		}
		item := completionItem{Label: p.Name, Kind: itemProperty, Detail: p.Type.String(), Documentation: markdown(describe(p))}
		c.add(item, fmt.Sprintf("%s%03d", rank, i), p.Name+sign)
	}
}

// equals reports whether the file writes key = value.
func (c *completing) equals() bool {
	equals, colons := 0, 0
	for _, d := range c.doc.tree().Decls {
		if d.Body == nil {
			continue
		}
		for _, p := range d.Body.Pairs {
			if p.Sep == '=' {
				equals++
			} else {
				colons++
			}
		}
	}
	return equals > colons
}

// keysBelow are the keys of the block around the cursor that the tree has, so those behind the cursor too.
func (c *completing) keysBelow() []string {
	var keys []string
	offset := c.doc.offset(c.at.End)
	within(c.doc.tree(), c.place.start, func(b *parser.Block) {
		keys = keys[:0]
		for _, p := range b.Pairs {
			if p.Key.Range.Start.Offset > offset {
				keys = append(keys, p.Key.Name)
			}
		}
	})
	return keys
}

func (c *completing) add(item completionItem, rank, insert string) {
	if item.InsertTextFormat == 0 && c.snippets {
		item.InsertTextFormat = 1
	}
	item.SortText = rank + item.Label
	item.FilterText = cmp.Or(item.FilterText, item.Label)
	if strings.HasPrefix(insert, `"`) {
		item.FilterText = insert
	}
	item.TextEdit = &textEdit{c.at, insert}
	c.items = append(c.items, item)
}

func markdown(text string) *markup { return &markup{Kind: "markdown", Value: text} }

package lsp

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/project"
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

// value completes the value of a property, or one item of its list.
func (c *completing) value(p *schema.Property) {
	list := len(c.place.open) > 0 && c.place.open[len(c.place.open)-1].sign == '['
	if p.Type.Reference() {
		c.components(p, p.Type == schema.Refs && !list && !c.place.quote)
	}
	for i, v := range p.Values {
		c.add(completionItem{Label: v, Kind: itemEnum, Detail: p.Name}, fmt.Sprintf("1%02d", i), c.text(v))
	}
	switch p.Type {
	case schema.Bool:
		for _, v := range []string{"true", "false"} {
			if !c.place.quote {
				c.add(completionItem{Label: v, Kind: itemEnum}, "1", v)
			}
		}
	case schema.Path, schema.File:
		c.files()
	case schema.Block:
		c.blocks(p.Name)
	}
	if p.Default != nil && len(p.Values) == 0 && p.Type != schema.Bool {
		text := fmt.Sprint(p.Default)
		if _, isText := p.Default.(string); isText {
			text = c.text(text)
		}
		c.add(completionItem{Label: strings.Trim(text, `"`), Kind: itemValue, Detail: "the default"}, "2", text)
	}
	c.variables(p.Secret)
}

// text is a text in quotes, unless the cursor stands in some.
func (c *completing) text(v string) string {
	if c.place.quote {
		return v
	}
	return `"` + v + `"`
}

// components completes the names of the other components; those that fit the property come first.
func (c *completing) components(p *schema.Property, many bool) {
	self := ""
	if len(c.place.open) > 0 {
		self = c.place.open[0].key
	}
	for _, d := range c.doc.tree().Decls {
		if d.Body == nil || d.Name.Name == self {
			continue
		}
		k := c.kind(d.Name.Name, head(d.Body))
		item := completionItem{Label: d.Name.Name, Kind: itemName, Detail: strings.Join(head(d.Body), " ")}
		if k != nil {
			item.Documentation = markdown(sentence(k.Doc))
		}
		rank := "2"
		if k != nil && suits(p.Name, k) {
			rank = "1"
		}
		insert := d.Name.Name
		if many && p.Name == "tools" {
			insert = "[" + insert + "]"
		}
		c.add(item, rank, insert)
	}
}

// suits reports whether components of a kind are what a property usually names.
func suits(key string, k *schema.Kind) bool {
	switch key {
	case "model":
		return k.Role == schema.Model
	case "memory", "knowledge_base":
		return k.Kind == key
	case "vector_db":
		return k.Kind == "knowledge_base"
	case "container":
		return k.Kind == "core"
	case "tools":
		return k.Role == schema.Tool || k.Role == schema.Agent || k.Role == schema.Model
	case "to":
		return k.Role != schema.Input && k.Role != schema.Deployment && k.Role != schema.BusKind
	}
	return true
}

// blocks completes the kinds that a block of settings may have.
func (c *completing) blocks(kind string) {
	for _, k := range c.schema.Kinds() {
		if k.Kind == kind && k.Type != "" && !c.place.quote {
			c.add(completionItem{Label: k.Type, Kind: itemClass, Detail: k.Doc, Documentation: markdown(describeKind(&k))}, "1", k.Type+" {}")
		}
	}
}

// variables completes the names of environment variables: when a $ is there, or where a secret should be.
func (c *completing) variables(secret bool) {
	word := c.doc.text[c.place.start:c.doc.offset(c.at.End)]
	if c.place.quote || !strings.HasPrefix(word, "$") && !secret {
		return
	}
	open, closing := "$", ""
	if strings.HasPrefix(word, "${") {
		open, closing = "${", "}"
		if strings.HasPrefix(c.rest(), "}") {
			closing = ""
		}
	}
	for _, v := range c.variableNames() {
		rank := "3"
		if schema.SecretName(v.name) == secret {
			rank = "2"
		}
		c.add(completionItem{Label: "$" + v.name, Kind: itemVariable, Detail: v.from, FilterText: open + v.name}, rank, open+v.name+closing)
	}
}

type variable struct{ name, from string }

// variableNames are the variables that could be meant: of the .env file, used in this file, of the environment.
func (c *completing) variableNames() []variable {
	seen := map[string]bool{}
	var all []variable
	add := func(name, from string) {
		if !seen[name] && name != "" {
			seen[name] = true
			all = append(all, variable{name, from})
		}
	}
	p, _ := project.CheckText(c.doc.path, []byte(c.doc.text), c.options.Env)
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		add(name, "in .env")
	}
	for _, name := range slices.Sorted(slices.Values(c.options.Names)) {
		add(name, "in the environment")
	}
	return all
}

// files completes the path of a file, below the directory of the .ww file, inside of quotes.
func (c *completing) files() {
	if !c.place.quote {
		return
	}
	const most = 200
	typed := c.doc.text[c.place.start:c.doc.offset(c.at.End)]
	dir, _ := filepath.Split(typed)
	base := dir
	if !filepath.IsAbs(dir) {
		base = filepath.Join(filepath.Dir(c.doc.path), dir)
	}
	entries, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, e := range entries[:min(len(entries), most)] {
		name := e.Name()
		if strings.HasPrefix(name, ".") || name == filepath.Base(c.doc.path) && dir == "" {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		c.add(completionItem{Label: dir + name, Kind: itemFile}, "1", dir+name)
	}
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

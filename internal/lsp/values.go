package lsp

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
)

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

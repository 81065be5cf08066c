package project

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// kindOf finds what a declaration declares: the two words of its head, or what a single word stands for. When it is
// nothing known, that has been reported.
func (c *checker) kindOf(e *entry) (*schema.Kind, bool) {
	b := e.decl.Body
	if b.Type != nil {
		k, ok := c.schema.Find(b.Kind.Name, b.Type.Name)
		if !ok {
			c.report(unknownKind(b, c.schema))
		}
		return k, ok
	}
	return c.single(e, b.Kind)
}

// single understands declarations with one word: `memory { }`, `claude { }`, `deployment = docker { }`.
func (c *checker) single(e *entry, head *parser.Ident) (*schema.Kind, bool) {
	if k, ok := c.schema.Find("message_bus", head.Name); ok && e.name() == "message_bus" {
		return k, true
	}
	if k, ok := c.schema.Find("deployment", head.Name); ok {
		return k, true
	}
	if k, ok := c.schema.Find(head.Name, ""); ok {
		return k, true
	}
	switch head.Name {
	case "openai", "claude", "ollama", "hugging_face":
		k, _ := c.schema.Find("llm", head.Name)
		if agentLike(e.decl.Body) {
			return c.agentOf(k), true
		}
		return k, true
	case "cli", "command_line":
		return c.terminal(e, head)
	}
	if types := c.schema.TypesOf(head.Name); len(types) > 0 {
		if len(types) > 1 {
			c.report(missingType(head, types))
			return nil, false
		}
		return c.schema.Find(head.Name, types[0])
	}
	switch found := c.schema.ByType(head.Name); len(found) {
	case 1:
		return found[0], true
	case 0:
		c.report(unknownKind(e.decl.Body, c.schema))
	default:
		c.report(ambiguousKind(head, found))
	}
	return nil, false
}

// agentOf is [schema.Schema.AgentOf], remembered: it makes a table.
func (c *checker) agentOf(llm *schema.Kind) *schema.Kind {
	if c.agents[llm] == nil {
		c.agents[llm] = c.schema.AgentOf(llm)
	}
	return c.agents[llm]
}

// agentLike reports whether a block has keys that only an agent has.
func agentLike(b *parser.Block) bool {
	return slices.ContainsFunc(b.Pairs, func(p *parser.Pair) bool {
		switch p.Key.Name {
		case "tools", "to", "streaming", "distributed":
			return true
		}
		return false
	})
}

// terminal decides whether `cli { }` is the app's input or its output.
func (c *checker) terminal(e *entry, head *parser.Ident) (*schema.Kind, bool) {
	source := e.name() == "input" || slices.ContainsFunc(e.decl.Body.Pairs, func(p *parser.Pair) bool { return p.Key.Name == "to" })
	sink := e.name() == "output" || c.linked.aimedAt(e.name())
	switch {
	case source && !sink:
		return c.schema.Find("input", "command_line")
	case sink && !source:
		return c.schema.Find("output", "console")
	}
	in, _ := c.schema.Find("input", "command_line")
	out, _ := c.schema.Find("output", "console")
	c.report(ambiguousKind(head, []*schema.Kind{in, out}))
	return nil, false
}

// aimedAt reports whether the named component is an explicit next hop of any.
func (l *linked) aimedAt(name string) bool {
	if l.aims == nil {
		l.aims = map[string]bool{}
		for _, e := range l.entries {
			for _, t := range e.targets {
				l.aims[t.name] = true
			}
		}
	}
	return l.aims[name]
}

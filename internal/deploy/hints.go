package deploy

import "github.com/woodwork-lang/ww/parser"

// old is a spelling of earlier versions: a property of some kind that has another name today.
type old struct{ kind, was, now, why string }

// oldNames are the properties that the Python engine's files still use.
func oldNames() []old {
	return []old{
		{"", "api_token", "api_key", "one name for every provider"},
		{"agent", "api", "tools", "an agent's components are its tools"},
		{"decomposer", "api", "tools", "an agent's components are its tools"},
		{"core", "knowledge_base", "vector_db", "it names the store that the code is kept in"},
	}
}

// modernize brings what is old up to date, and says so.
func (e *editor) modernize() []Hint {
	var hints []Hint
	for _, d := range e.tree.Decls {
		if d.Body != nil && d.Body.Kind != nil {
			hints = append(hints, e.block(d.Body)...)
		}
	}
	return hints
}

func (e *editor) block(b *parser.Block) []Hint {
	var hints []Hint
	if b.Kind.Name == "decomposer" {
		e.replace(b.Kind.Range, "agent")
		hints = append(hints, Hint{Line: lineOf(b.Kind.Range), Was: "decomposer", Now: "agent", Why: "the kind is called agent today"})
	}
	for _, p := range b.Pairs {
		for _, o := range oldNames() {
			if p.Key.Name == o.was && (o.kind == "" || o.kind == b.Kind.Name) {
				e.replace(p.Key.Range, o.now)
				hints = append(hints, Hint{Line: lineOf(p.Key.Range), Was: o.was, Now: o.now, Why: o.why})
			}
		}
		if h, ok := e.value(p); ok {
			hints = append(hints, h)
		}
		if inner, ok := p.Value.(*parser.Block); ok && inner.Kind != nil {
			hints = append(hints, e.block(inner)...)
		}
	}
	if p := local(b); p != nil {
		e.remove(p)
		hints = append(hints, Hint{Line: lineOf(p.Range), Was: `client: "local"`, Why: "a store is on this machine unless it has a url"})
	}
	return hints
}

// value finds truth values that are written as texts.
func (e *editor) value(p *parser.Pair) (Hint, bool) {
	s, ok := p.Value.(*parser.String)
	if !ok || s.Text != "true" && s.Text != "false" {
		return Hint{}, false
	}
	e.replace(s.Range, s.Text)
	return Hint{Line: lineOf(s.Range), Was: quoted(s.Text), Now: s.Text, Why: "ww takes it for what it says; the Python engine took every text for true"}, true
}

// local is the property of a store that means nothing today.
func local(b *parser.Block) *parser.Pair {
	for _, p := range b.Pairs {
		if s, ok := p.Value.(*parser.String); ok && p.Key.Name == "client" && s.Text == "local" && b.Kind.Name == "knowledge_base" {
			return p
		}
	}
	return nil
}

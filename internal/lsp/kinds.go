package lsp

import (
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// head is the words before a block.
func head(b *parser.Block) []string {
	var words []string
	for _, id := range []*parser.Ident{b.Kind, b.Type} {
		if id != nil {
			words = append(words, id.Name)
		}
	}
	return words
}

// kind is what the words before a block declare; nil when they declare nothing, or one word could be two things. key is
// the name or key in front of them: a bus is known by it.
func (s *server) kind(key string, words []string) *schema.Kind {
	if len(words) == 1 {
		words = strings.SplitN(words[0], ".", 2)
	}
	switch len(words) {
	case 2:
		k, _ := s.schema.Find(words[0], words[1])
		return k
	case 1:
		return s.single(key, words[0])
	}
	return nil
}

// single is what one word declares.
func (s *server) single(key, word string) *schema.Kind {
	for _, kind := range []string{"message_bus", "deployment"} {
		if k, ok := s.schema.Find(kind, word); ok && (key == kind || kind == "deployment") {
			return k
		}
	}
	if k, ok := s.schema.Find(word, ""); ok {
		return k
	}
	if k, ok := s.schema.Find("llm", word); ok && slices.Contains([]string{"openai", "claude", "ollama", "hugging_face"}, word) {
		return s.schema.AgentOf(k)
	}
	if types := s.schema.TypesOf(word); len(types) == 1 {
		k, _ := s.schema.Find(word, types[0])
		return k
	}
	if found := s.schema.ByType(word); len(found) == 1 {
		return found[0]
	}
	return nil
}

func property(props []schema.Property, key string) *schema.Property {
	for i, p := range props {
		if p.Name == key || slices.Contains(p.Aliases, key) {
			return &props[i]
		}
	}
	return nil
}

// inside is the properties that a block takes which is the value of a property.
func (s *server) inside(p *schema.Property, key string, words []string) []schema.Property {
	if len(words) > 0 {
		if k := s.kind(key, words); k != nil {
			return k.All()
		}
		return nil
	}
	if p == nil {
		return nil
	}
	return p.Keys
}

// Package schema says which components exist and which properties they take: one table that checking, completion,
// docs and the runtime share.
//
// Start with [New] and [Schema.Find]. The table itself is in the kinds_*.go files, the properties that every component
// takes are in common.go.
package schema

import (
	"slices"
	"strings"
)

// Type is what a property wants as its value.
type Type uint8

// The types. Text, Int, Float, Bool and Duration are converted from a spelling that plainly means the same, such as a
// quoted number.
const (
	Any      Type = iota // whatever is written
	Text                 // a string
	Path                 // a string that names a file or directory below the project
	File                 // a Path that must exist before the component can start
	Int                  // a whole number
	Float                // a number
	Bool                 // true or false
	Duration             // seconds as a number, or text such as "500ms"
	Size                 // bytes as a number, or text such as "512MB"
	Dict                 // { … }
	List                 // [ … ] of anything
	Texts                // [ … ] of strings
	Argv                 // a program and its arguments: [ … ] of strings
	Ref                  // one component
	Refs                 // components
	Block                // { … } with or without a word before it, or text
	Retry                // how often at most, or { attempts, base, cap }
	Fallback             // error, cached, a component, or the text that stands in
)

// String says what a property of the type wants, as a person would put it.
func (t Type) String() string {
	names := [...]string{
		Any: "any value", Text: "text in quotes", Path: "a path in quotes", File: "the path of a file, in quotes",
		Int: "a whole number", Float: "a number", Bool: "true or false",
		Duration: "a duration: seconds as a number, or text such as \"500ms\"",
		Size:     "a size: bytes as a number, or text such as \"512MB\"",
		Dict:     "a block: { … }", List: "a list: [ … ]", Texts: "a list of texts: [\"…\"]",
		Argv: "a list with the program and its arguments: [\"python3\", \"bot.py\"]",
		Ref:  "the name of a component", Refs: "a list of component names: [a, b]",
		Block:    "text, or a block such as redis { … }",
		Retry:    "a number of attempts, or a block: { attempts, base, cap }",
		Fallback: "error, cached, the name of a component, or the text that stands in",
	}
	if int(t) < len(names) {
		return names[t]
	}
	return "any value"
}

// Reference reports whether values of the type name components.
func (t Type) Reference() bool { return t == Ref || t == Refs }

// Role is what a kind is for, which decides where a turn goes.
type Role uint8

// The roles.
const (
	Tool       Role = iota // answers calls, is never on the way of a turn by itself
	Input                  // takes turns from people and the outside
	Agent                  // thinks, with a model and tools
	Model                  // answers a text with a text
	Process                // user code; may be anything
	Output                 // the end of a chain
	Observer               // sees events, is no hop
	Deployment             // says where the app runs
	BusKind                // says what carries the messages
)

// Kind is one kind of component together with one of its types.
type Kind struct {
	Kind, Type string
	Doc        string // one line
	Role       Role
	Runtime    bool     // this version can run it
	Aliases    []string // other spellings of Type
	Legacy     string   // not empty: only old files have it; what to write instead
	Means      string   // the name of the kind that an old one is today; empty when there is none
	Properties []Property

	common []Property
	keys   *keys
}

// Name is how the kind is written at the head of a declaration.
func (k *Kind) Name() string { return strings.TrimSpace(k.Kind + " " + k.Type) }

// Schema is the whole table. It is built by [New] and not changed afterwards.
type Schema struct {
	kinds    []Kind
	settings []Property
}

// New builds the table.
func New() *Schema {
	s := &Schema{settings: settings()}
	for _, group := range [][]Kind{
		inputs(), models(), agents(), outputs(), processes(), stores(), tools(), environments(), observers(), deployments(),
	} {
		s.kinds = append(s.kinds, group...)
	}
	shared := common()
	for i := range s.kinds {
		k := &s.kinds[i]
		k.keys = &keys{}
		switch k.Role {
		case Deployment, BusKind: // blocks of settings are not components
		default:
			k.common = shared
		}
	}
	return s
}

// Kinds is every kind with every type, in the order of the docs.
func (s *Schema) Kinds() []Kind { return slices.Clone(s.kinds) }

// Common are the properties that every component takes.
func (s *Schema) Common() []Property { return common() }

// Settings are the keys that may stand at the top level of a file.
func (s *Schema) Settings() []Property { return slices.Clone(s.settings) }

// Setting finds a top-level key.
func (s *Schema) Setting(name string) (*Property, bool) { return Find(s.settings, name) }

// Find finds a kind by the two words of a declaration.
func (s *Schema) Find(kind, typ string) (*Kind, bool) {
	for i := range s.kinds {
		k := &s.kinds[i]
		if k.Kind == kind && (k.Type == typ || slices.Contains(k.Aliases, typ)) {
			return k, true
		}
	}
	return nil, false
}

// AgentOf is an agent that brings its own llm of the given kind: `name = claude { tools: […] }`.
func (s *Schema) AgentOf(llm *Kind) *Kind {
	agent, _ := s.Find("agent", "llm")
	k := *agent
	k.keys = &keys{}
	k.Properties = append(slices.Clone(llm.Properties), Property{
		Name: "provider", Type: Text, Default: llm.Type, Doc: "whose model it thinks with",
	})
	for i := range k.Properties {
		if k.Properties[i].Name == "api_key" { // the short form takes the key that the service's own tools take
			k.Properties[i].Required = false
		}
	}
	for _, p := range agent.Properties {
		if _, own := Find(k.Properties, p.Name); !own {
			p.Required = false
			k.Properties = append(k.Properties, p)
		}
	}
	return &k
}

// ByType is every kind that has the type, for declarations that name only the type.
func (s *Schema) ByType(typ string) []*Kind {
	var found []*Kind
	for i := range s.kinds {
		k := &s.kinds[i]
		if k.Legacy == "" && (k.Type == typ || slices.Contains(k.Aliases, typ)) {
			found = append(found, k)
		}
	}
	return found
}

// TypesOf is every type of one kind; empty when there is no such kind.
func (s *Schema) TypesOf(kind string) []string {
	var types []string
	for _, k := range s.kinds {
		if k.Kind == kind {
			types = append(types, k.Type)
		}
	}
	return types
}

// Words is every word that may begin a declaration's right side: the kinds, then the types that stand alone.
func (s *Schema) Words() []string {
	var words []string
	add := func(w string) {
		if w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for _, k := range s.kinds {
		add(k.Kind)
	}
	for _, k := range s.kinds {
		add(k.Type)
	}
	return words
}

// IsReference reports whether a bare word under key of a component of that kind must be the name of a component. It
// needs no table of kinds, because it also holds for kinds that nobody knows.
func IsReference(kind, key string) bool {
	switch key {
	case "to", "tools", "knowledge_base", "memory", "vector_db", "embedding_model", "container", "components", "api":
		return true
	case "model":
		return kind == "agent" || kind == "decomposer" // elsewhere it is the text that names a model
	}
	return false
}

// IsWord reports whether a bare word under key says something although no component has its name.
func IsWord(key, word string) bool {
	return key == "fallback" && (word == "error" || word == "cached")
}

// LinksLate reports whether components that are named under key are used when turns run, not when the component is
// built.
func LinksLate(key string) bool { return key == "to" || key == "fallback" }

// SecretName reports whether a variable or key with this name holds something that must not be shown: one of its words
// is KEY, TOKEN, SECRET, PASSWORD or the like, or ends so, as in APIKEY.
func SecretName(name string) bool {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	return slices.ContainsFunc(words, func(word string) bool {
		if word == "PAT" || word == "PASSWD" { // PAT: GitHub's personal access tokens
			return true
		}
		word = strings.TrimSuffix(word, "S")
		for _, end := range []string{"KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"} {
			if strings.HasSuffix(word, end) {
				return true
			}
		}
		return false
	})
}

package schema

import (
	"slices"
	"strings"
	"sync"
)

// Property is one key that a component, a block or the file itself takes.
type Property struct {
	Name     string
	Type     Type
	Doc      string     // one line
	Default  any        // what holds when the key is absent; nil when there is nothing to say
	Required bool       // absent or null is an error
	Unless   string     // not required when this other key is given; several are joined by " or "
	Positive bool       // a number below 1 is an error
	Most     int64      // a number below 0 or above it is an error; 0 allows all
	Secret   bool       // masked wherever it is shown
	Aliases  []string   // other spellings with the same meaning
	Old      []string   // spellings that only old files have
	Values   []string   // the only texts allowed; empty allows all
	Keys     []Property // keys of the dict, or of the dicts in the list; empty allows all
	Legacy   string     // not empty: old files have it; what to write instead
	Later    bool       // understood and kept, but nothing in this version acts on it
	Hint     string     // of what is kept (Later): what to write so that it acts
	Data     bool       // of a Path: what the app itself reads and writes while it runs; a change of it is no change of the app
	Live     bool       // a running component takes a new value without being replaced
}

// Waived reports whether another key that is there makes this one unnecessary.
func (p *Property) Waived(there func(key string) bool) bool {
	return p.Unless != "" && slices.ContainsFunc(strings.Split(p.Unless, " or "), there)
}

// keys finds the properties of one kind by every spelling. It is built when the first one is looked up: a file uses few
// kinds, and asks for their properties thousands of times.
type keys struct {
	once  sync.Once
	named map[string]*Property
}

// All is every property that the kind takes: its own, then the common ones it does not redefine.
func (k *Kind) All() []Property {
	all := slices.Clone(k.Properties)
	for _, p := range k.common {
		if _, own := Find(k.Properties, p.Name); !own {
			all = append(all, p)
		}
	}
	return all
}

// Names is every key that the kind takes, in every spelling that is written today.
func (k *Kind) Names() []string { return Names(k.All()) }

// Names is every spelling of the properties that is written today.
func Names(props []Property) []string {
	var names []string
	for _, p := range props {
		names = append(append(names, p.Name), p.Aliases...)
	}
	return names
}

// Property finds a property by its name or one of its other spellings.
func (k *Kind) Property(name string) (*Property, bool) {
	if k.keys == nil { // a few keys of a block
		return Find(k.Properties, name)
	}
	k.keys.once.Do(func() { k.keys.named = byName(k.Properties, k.common) })
	p, ok := k.keys.named[name]
	return p, ok
}

// Find finds a property by its name or one of its other spellings.
func Find(props []Property, name string) (*Property, bool) {
	for i := range props {
		p := &props[i]
		if p.Name == name || slices.Contains(p.Aliases, name) || slices.Contains(p.Old, name) {
			return p, true
		}
	}
	return nil, false
}

// byName is the properties of several tables by every spelling; the first that has one counts.
func byName(tables ...[]Property) map[string]*Property {
	named := map[string]*Property{}
	add := func(spelling string, p *Property) {
		if named[spelling] == nil {
			named[spelling] = p
		}
	}
	for _, props := range tables {
		for i := range props {
			p := &props[i]
			add(p.Name, p)
			for _, other := range slices.Concat(p.Aliases, p.Old) {
				add(other, p)
			}
		}
	}
	return named
}

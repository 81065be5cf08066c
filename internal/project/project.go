// Package project turns a syntax tree into the components a user asked for (references, routes, deployments),
// and two such projects into a plan.
package project

import "github.com/woodwork-lang/ww/internal/diag"

// Project is everything one .ww file asks for, resolved and checked.
type Project struct {
	Name       string      // shown to people: the directory's base name
	File       string      // real path of the .ww file
	Dir        string      // its directory: base of every path, working directory of every child
	Components []Component // in construction order: what is needed comes first, else file order
	Settings   map[string]any
	Hash       string            // of everything that decides what runs
	Env        map[string]Secret // what the .env file sets and the environment does not
	Sources    diag.Sources      // what was read, for showing diagnostics
}

// Component is one declared (or implied) component with its properties resolved.
//
// Config values are string, int64, float64, bool, nil, []any, map[string]any, [Ref] or [Secret].
type Component struct {
	Name, Kind, Type string
	Config           map[string]any
	To               []string // next hops, explicit or inferred
	DependsOn        []string // construction dependencies
	Implied          bool     // not written in the file: the implied input or output
	Span             diag.Span
}

// Ref is the name of another component.
type Ref string

// Secret is a value that came from the environment or whose property the schema calls secret; it prints masked.
type Secret string

// String masks the secret.
func (Secret) String() string { return "••••" }

// Lookup finds an environment variable.
type Lookup func(name string) (string, bool)

// Component finds a component by name.
func (p *Project) Component(name string) (Component, bool) {
	for _, c := range p.Components {
		if c.Name == name {
			return c, true
		}
	}
	return Component{}, false
}

// Package project turns a syntax tree into the components a user asked for (references, routes, deployments),
// and two such projects into a plan.
package project

import (
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Project is everything one .ww file asks for, resolved and checked.
type Project struct {
	Name       string      // shown to people: the directory's base name
	File       string      // real path of the .ww file
	Dir        string      // its directory: base of every path, working directory of every child
	Components []Component // in construction order: what is needed comes first, else file order
	Settings   map[string]any
	Hash       string            // of everything that decides what runs; empty after [Check]
	Env        map[string]Secret // what the .env file sets and the environment does not
	EnvFile    string            // the .env file, when another one than that beside the .ww file was named
	Played     []string          // models that are played by a script or a stand-in
	source     Source            // what it was loaded from
	Sources    diag.Sources      // what was read, for showing diagnostics
}

// Component is one declared (or implied) component with its properties resolved.
//
// Config has the properties that the file gives, by their canonical names, converted to the types that the kind wants.
// Values are string, int64, float64, bool, nil, []any, map[string]any, [Ref] or [Secret]; a duration is a float64 of
// seconds. Defaults are not filled in.
type Component struct {
	Name, Kind, Type string
	Declared         string // its type in the file, where another one plays it offline; empty: that is Type
	Config           map[string]any
	To               []string // next hops, explicit or inferred
	DependsOn        []string // construction dependencies
	Implied          bool     // not written in the file: the implied input or output
	Span             diag.Span
}

// Ref is the name of another component.
type Ref string

// Secret is a text whose property the schema calls secret, or that came from a variable whose name says so (KEY, TOKEN,
// SECRET, PASSWORD …); it prints masked and is plain text in JSON, because a runner needs it.
type Secret string

// String masks the secret.
func (Secret) String() string { return "••••" }

// GoString masks it for %#v too.
func (s Secret) GoString() string { return s.String() }

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

// Text is a property that is a text, secret or not; "" when it is not given.
func (c Component) Text(key string) string {
	t, _ := text(c.Config[key])
	return t
}

// Duration is a property that is a length of time, and whether it is given.
func (c Component) Duration(key string) (time.Duration, bool) {
	s, ok := c.Config[key].(float64)
	return time.Duration(s * float64(time.Second)), ok
}

// Int is a property that is a whole number, and whether it is given.
func (c Component) Int(key string) (int, bool) {
	n, ok := c.Config[key].(int64)
	return int(n), ok
}

// Package deploy moves an app between modes: it works out the smallest edit of a .ww file that makes its components
// distributed or centralized, writes it with a backup, and takes it back byte for byte.
//
// [Plan] only looks at its arguments. [Write] replaces the file at one instant: whoever is interrupted leaves the old
// file or the new one, and the backup was on the disk before.
package deploy

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/parser"
)

// key is the property that says who hands messages on.
const key = "orchestration_mode"

// Move is what a migration does with one component.
type Move struct {
	Component string `json:"component"`
	Kind      string `json:"kind"`
	From      string `json:"from"`
	To        string `json:"to"`
	Why       string `json:"why,omitempty"` // it does not move, or stays behind
}

// Hint is something old in the file that the same diff brings up to date, when that is wanted.
type Hint struct {
	Line    int    `json:"line"`
	Was     string `json:"was"`
	Now     string `json:"now"`
	Why     string `json:"why"`
	Applied bool   `json:"applied"` // it is in the diff
}

// Migration is the way of one file from what it is to what is wanted.
type Migration struct {
	File          string
	Mode          string // distributed or centralized
	Moves         []Move // in file order
	Hints         []Hint
	Before, After []byte
}

// Changes reports whether there is anything to write.
func (m *Migration) Changes() bool { return !bytes.Equal(m.Before, m.After) }

// Options say what is wanted.
type Options struct {
	Mode      string
	Component string // only this one; empty: all
	Hints     bool   // bring old spellings up to date, too
}

// Plan works out the migration of a file that has no errors; p is that file, loaded. With Options.Hints it may be the
// file as [Modernize] leaves it.
func Plan(p *project.Project, src []byte, o Options) (*Migration, error) {
	if o.Component != "" {
		if c, ok := p.Component(o.Component); !ok || c.Implied {
			return nil, unknown(o.Component, p)
		}
	}
	tree, problems := parser.Parse(p.File, src)
	if problems.HasErrors() {
		return nil, problems.Err()
	}
	m := &Migration{File: p.File, Mode: o.Mode, Before: src, Moves: moves(p, o)}
	e := &editor{src: src, tree: tree}
	e.migrate(p, o)
	if o.Hints {
		m.Hints = e.modernize()
	} else {
		m.Hints = (&editor{src: src, tree: tree}).modernize()
	}
	for i := range m.Hints {
		m.Hints[i].Applied = o.Hints
	}
	m.After = e.apply()
	return m, nil
}

// Modernize is a file with everything old in it brought up to date. A file that cannot be read stays as it is.
func Modernize(file string, src []byte) []byte {
	tree, problems := parser.Parse(file, src)
	if problems.HasErrors() {
		return src
	}
	e := &editor{src: src, tree: tree}
	e.modernize()
	return e.apply()
}

// moves is where every component stands and where it goes.
func moves(p *project.Project, o Options) []Move {
	var all []Move
	for _, c := range inFileOrder(p) {
		mv := Move{Component: c.Name, Kind: strings.TrimSpace(c.Kind + " " + cmp.Or(c.Declared, c.Type)), From: p.Mode(c), To: p.Mode(c)}
		switch {
		case o.Component == "" || o.Component == c.Name:
			mv.To = o.Mode
			if c.Implied && o.Component == "" && mv.From != mv.To {
				mv.Why = "it is not in the file; it goes with the rest of the app"
			}
		case mv.From != o.Mode:
			mv.Why = "not asked for"
		}
		if mv.From == mv.To && mv.Why == "" {
			mv.Why = "it is " + mv.To + " already"
		}
		all = append(all, mv)
	}
	return all
}

// inFileOrder is the components as a reader meets them; those that are not in the file come last, the task master never.
func inFileOrder(p *project.Project) []project.Component {
	var all []project.Component
	for _, c := range p.Components {
		if c.Kind != "task_master" {
			all = append(all, c)
		}
	}
	place := func(c project.Component) int {
		if c.Implied {
			return math.MaxInt
		}
		return c.Span.Start.Offset
	}
	slices.SortStableFunc(all, func(a, b project.Component) int { return cmp.Compare(place(a), place(b)) })
	return all
}

// migrate edits the file so that the wanted components get the wanted mode.
func (e *editor) migrate(p *project.Project, o Options) {
	if o.Component == "" {
		e.all(p, o.Mode)
		return
	}
	e.one(p, o)
}

// all takes away every word for the other mode; for centralized one word at the top speaks for all.
func (e *editor) all(p *project.Project, mode string) {
	if everybody(p, mode) {
		return
	}
	for _, d := range e.tree.Decls {
		for _, pr := range pairs(d.Body) {
			if !says(pr.Value, mode) {
				e.remove(pr)
			}
		}
	}
	top := e.settings()
	switch {
	case mode == project.Distributed:
		for _, d := range top {
			if !says(d.Value, mode) {
				e.removeDecl(d)
			}
		}
	case len(top) == 0 && everybody(without(p, mode), mode): // those that said otherwise were the only ones
	case len(top) == 0:
		e.insertTop(key + " = " + quoted(mode))
	default:
		e.say(top[len(top)-1].Value, mode) // the last one counts
	}
}

// everybody says that all components have the mode already.
func everybody(p *project.Project, mode string) bool {
	distributed, all, _ := Status(p)
	if mode == project.Distributed {
		return distributed == all
	}
	return distributed == 0
}

// without is a project in which nobody says another mode than this one.
func without(p *project.Project, mode string) *project.Project {
	q := *p
	q.Settings = maps.Clone(p.Settings)
	for name, v := range q.Settings {
		b, ok := v.(map[string]any)
		props, isBlock := b["props"].(map[string]any)
		switch {
		case name == key && v != mode:
			delete(q.Settings, name)
		case ok && isBlock && props[key] != mode:
			b = maps.Clone(b)
			b["props"] = leaveOut(props, key)
			q.Settings[name] = b
		}
	}
	q.Components = slices.Clone(p.Components)
	for i, c := range q.Components {
		if c.Config[key] != mode {
			q.Components[i].Config = leaveOut(c.Config, key)
		}
	}
	return &q
}

func leaveOut(props map[string]any, name string) map[string]any {
	left := maps.Clone(props)
	delete(left, name)
	return left
}

// say makes a value say the mode, if it does not.
func (e *editor) say(v parser.Value, mode string) {
	if !says(v, mode) {
		e.replace(v.Span(), quoted(mode))
	}
}

// one gives a component the mode, by its own word or by taking its own word away.
func (e *editor) one(p *project.Project, o Options) {
	d := e.decl(o.Component)
	if d == nil || d.Body == nil {
		return
	}
	c, _ := p.Component(o.Component)
	own := pairs(d.Body)
	silent := c
	silent.Config = leaveOut(c.Config, key)
	switch {
	case p.Mode(c) == o.Mode:
	case p.Mode(silent) == o.Mode && len(own) > 0:
		for _, pr := range own {
			e.remove(pr)
		}
	case len(own) > 0:
		e.say(own[len(own)-1].Value, o.Mode) // the last one counts
	default:
		e.add(d.Body, key, quoted(o.Mode))
	}
}

func says(v parser.Value, mode string) bool {
	switch v := v.(type) {
	case *parser.String:
		return v.Text == mode
	case *parser.Word:
		return v.Text == mode
	}
	return false
}

func quoted(s string) string { return `"` + s + `"` }

// pairs are the words about the mode in a block.
func pairs(b *parser.Block) []*parser.Pair {
	if b == nil {
		return nil
	}
	var own []*parser.Pair
	for _, p := range b.Pairs {
		if p.Key.Name == key && p.Value != nil {
			own = append(own, p)
		}
	}
	return own
}

// Status says how far an app is: in words, and the components that are centralized.
func Status(p *project.Project) (moved, all int, central []string) {
	central = p.Centralized()
	for _, c := range p.Components {
		if c.Kind != "task_master" {
			all++
		}
	}
	return all - len(central), all, central
}

// Diff is the edit as people read it, in the unified form, under the name that they know the file by.
func (m *Migration) Diff(name string) string { return unified(name, m.Before, m.After) }

func lineOf(s diag.Span) int { return s.Start.Line }

func unknown(name string, p *project.Project) error {
	var names []string
	for _, c := range inFileOrder(p) {
		if !c.Implied {
			names = append(names, c.Name)
		}
	}
	return fmt.Errorf("%s declares no component %q; there are %s", p.File, name, strings.Join(names, ", "))
}

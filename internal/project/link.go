package project

import (
	"regexp"
	"strings"
	"sync"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// linked is a file whose names are understood: which word is a component, which is text. It knows no kind of component,
// so it also holds for files whose kinds are wrong.
type linked struct {
	file     *parser.File
	entries  []*entry // declarations with a body, in file order
	settings []*entry // declarations with a value; of several with one name only the last
	names    map[string]*entry
	known    []string        // the names in file order
	lost     map[string]bool // names of declarations that may be hidden by mistakes of form
	broken   map[int]bool    // lines with such mistakes
	diags    diag.List
	seen     diag.Tally
	budget   int              // looks at entries that waits may still take
	aims     map[string]bool  // every explicit next hop, once somebody has asked
	implied  []*parser.String // quoted targets that are no problem where the implied components are added
}

// entry is one declaration with the names it uses.
type entry struct {
	at      int // its index among the entries
	decl    *parser.Decl
	refs    []reference // bare names of components, in the order they are written
	targets []target    // what stands below `to`, in that order
}

// reference is one use of a component's name. A hop (below `to`, or what stands in) is used when turns run, every other
// one when the component is built.
type reference struct {
	*parser.Word
	to  *entry
	hop bool
}

// target is one next hop as written. Quoted ones that name nothing stay, so that the implied components find them.
type target struct {
	name string
	at   parser.Value
}

func (e *entry) name() string { return e.decl.Name.Name }

// declaration is what may be one: a name, or a word and a name, before a =.
var declaration = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*([\pL_][\pL\pN_-]*)(?:[ \t]+([\pL_][\pL\pN_-]*))?[ \t]*=`)
})

// link finds out what every name means and reports those that mean nothing. problems is what the parser found: after a
// mistake of form, a name whose declaration was not understood is no second mistake.
func link(f *parser.File, problems diag.List) *linked {
	l := &linked{file: f, names: make(map[string]*entry, len(f.Decls)), lost: map[string]bool{}, broken: map[int]bool{}}
	l.forgive(problems)
	all := make([]entry, len(f.Decls))
	for i, d := range f.Decls {
		all[i].decl = d
		l.declare(&all[i])
	}
	for _, e := range l.entries {
		l.block(e, e.decl.Body, scope{kind: word(e.decl.Body.Kind)})
	}
	for _, e := range l.settings {
		l.value(e, e.decl.Value, scope{})
	}
	l.cycles()
	return l
}

// forgive notes where mistakes of form may be the reason for what is found about names.
func (l *linked) forgive(problems diag.List) {
	if !problems.HasErrors() {
		return
	}
	for _, m := range declaration().FindAllSubmatch(l.file.Src, -1) {
		l.lost[string(m[1])], l.lost[string(m[2])] = true, true
	}
	for _, d := range problems {
		if d.Severity == diag.Error {
			l.broken[d.Span.Start.Line] = true
		}
	}
}

func word(id *parser.Ident) string {
	if id == nil {
		return ""
	}
	return id.Name
}

func (l *linked) report(d diag.Diagnostic) { l.diags.Keep(d, &l.seen) }

func (l *linked) declare(e *entry) {
	d, name := e.decl, e.name()
	switch {
	case name == "": // the parser has reported it
		return
	case d.Body == nil:
		l.set(e)
		return
	}
	e.at = len(l.entries)
	l.entries = append(l.entries, e)
	switch strings.ToLower(name) {
	case "true", "false", "null", "none":
		l.report(reservedName(d.Name))
		return
	case "ask_user", "planning_tools", "_console_output", "task_master", "agent_cache", "workflow":
		l.report(reservedRuntime(d.Name))
	}
	if first, ok := l.names[name]; ok {
		l.report(duplicateName(d.Name, first.decl.Name))
		return
	}
	l.names[name] = e
	l.known = append(l.known, name)
}

// set keeps a setting; the last of several wins, as with keys of a block.
func (l *linked) set(e *entry) {
	for i, old := range l.settings {
		if old.name() == e.name() {
			l.report(duplicateKey(e.decl.Name, old.decl.Name))
			l.settings[i] = e
			return
		}
	}
	l.settings = append(l.settings, e)
}

// scope is where in a declaration a value stands: the nearest key decides what a bare word means, except that
// everything below `to`, `tools` and `fallback` belongs to them.
type scope struct{ kind, key string }

func (s scope) below(key string) scope {
	if s.key != "to" && s.key != "tools" && s.key != "fallback" {
		s.key = key
	}
	return s
}

func (l *linked) block(e *entry, b *parser.Block, s scope) {
	for _, p := range b.Effective() {
		l.value(e, p.Value, s.below(p.Key.Name))
	}
}

func (l *linked) value(e *entry, v parser.Value, s scope) {
	switch v := v.(type) {
	case *parser.Word:
		l.word(e, v, s)
	case *parser.String:
		l.text(e, v, s)
	case *parser.Array:
		for _, item := range v.Items {
			l.value(e, item, s)
		}
	case *parser.Block:
		if v.Kind != nil {
			s.kind = v.Kind.Name
		}
		l.block(e, v, s)
	}
}

func (l *linked) word(e *entry, w *parser.Word, s scope) {
	switch to := l.names[w.Text]; {
	case to != nil:
		e.refs = append(e.refs, reference{Word: w, to: to, hop: schema.LinksLate(s.key)})
		if s.key == "to" {
			e.targets = append(e.targets, target{name: w.Text, at: w})
		}
	case l.lost[w.Text], schema.IsWord(s.key, w.Text):
	case l.broken[w.Range.Start.Line] && !schema.IsReference(s.kind, s.key):
	case schema.IsReference(s.kind, s.key):
		l.report(unknownRef(w, s.key, l.known, l.near()))
	default:
		l.report(bareWord(w))
	}
}

func (l *linked) text(e *entry, t *parser.String, s scope) {
	if s.key != "to" && s.key != "tools" {
		return
	}
	implied := s.key == "to" && impliedTarget(t.Text)
	if l.names[t.Text] == nil {
		switch {
		case l.lost[t.Text]:
			return
		case implied:
			l.implied = append(l.implied, t)
		default:
			l.report(unknownTarget(t, s.key, l.near()))
			return
		}
	}
	if s.key == "to" {
		e.targets = append(e.targets, target{name: t.Text, at: t})
	}
}

// impliedTarget reports whether a quoted target that nobody declared means a component that every app has.
func impliedTarget(name string) bool { return name == "output" || name == "metrics" }

// near is the names to suggest from. In a file that is wrong everywhere nobody reads suggestions, and looking for them
// would take long.
func (l *linked) near() []string {
	const most = 100
	if len(l.diags) > most {
		return nil
	}
	return l.known
}

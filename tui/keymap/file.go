package keymap

import (
	"errors"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/woodwork-lang/ww/internal/diag"
)

// Parse reads a file: a table for each scope, in it an action with a key or a list of keys. An empty list takes the
// action off the keys; the palette and the mouse still have it. On an error, a *FileError that says where, nothing of the
// file counts. name is for the error.
func Parse(name string, text []byte, actions []Action) (Map, error) {
	r := reader{name: name, actions: actions, chosen: map[string][]string{}, where: map[string]spot{}}
	r.p.Reset(text)
	scope := ""
	for r.p.NextExpression() {
		e := r.p.Expression()
		switch e.Kind {
		case unstable.Table:
			s, at := r.words(e.Key())
			if len(s) != 1 || !r.hasScope(s[0]) {
				return Map{}, r.noScope(at, s)
			}
			scope = s[0]
		case unstable.KeyValue:
			if err := r.action(scope, e); err != nil {
				return Map{}, err
			}
		default:
			return Map{}, r.at(r.spot(e.Raw), "a list of tables means nothing here: write [scope] once")
		}
	}
	if err := r.p.Error(); err != nil {
		var bad *unstable.ParserError
		if errors.As(err, &bad) {
			return Map{}, r.at(r.spot(r.p.Range(bad.Highlight)), bad.Message)
		}
		return Map{}, r.at(spot{1, 1}, err.Error())
	}
	if err := r.clashes(); err != nil {
		return Map{}, err
	}
	return Map{chosen: r.chosen}, nil
}

type spot struct{ line, column int }

// reader is one Parse.
type reader struct {
	p       unstable.Parser
	name    string
	actions []Action
	chosen  map[string][]string
	where   map[string]spot // of an action that was chosen
}

func (r *reader) spot(raw unstable.Range) spot {
	s := r.p.Shape(raw).Start
	return spot{s.Line, s.Column}
}

func (r *reader) words(it unstable.Iterator) ([]string, spot) {
	var all []string
	at := spot{1, 1}
	for it.Next() {
		if len(all) == 0 {
			at = r.spot(it.Node().Raw)
		}
		all = append(all, string(it.Node().Data))
	}
	return all, at
}

func (r *reader) hasScope(name string) bool {
	return slices.ContainsFunc(r.actions, func(a Action) bool { return a.Scope == name })
}

func (r *reader) find(scope, name string) (Action, bool) {
	i := slices.IndexFunc(r.actions, func(a Action) bool { return a.Scope == scope && a.Name == name })
	if i < 0 {
		return Action{}, false
	}
	return r.actions[i], true
}

// action takes one line: fleet.restart = "R" outside of a table is the same as restart = "R" in [fleet].
func (r *reader) action(scope string, e *unstable.Node) error {
	words, at := r.words(e.Key())
	if scope == "" && len(words) == 2 {
		if !r.hasScope(words[0]) {
			return r.noScope(at, words[:1])
		}
		scope, words = words[0], words[1:]
	}
	if scope == "" || len(words) != 1 {
		return r.noScope(at, words)
	}
	a, ok := r.find(scope, words[0])
	if !ok {
		return r.noAction(at, scope, words[0])
	}
	keys, err := r.keys(a, e.Value(), at)
	if err != nil {
		return err
	}
	full := scope + "." + a.Name
	if _, twice := r.chosen[full]; twice {
		return r.at(at, full+" is here for the second time")
	}
	r.chosen[full], r.where[full] = keys, at
	return nil
}

func (r *reader) keys(a Action, v *unstable.Node, at spot) ([]string, error) {
	var nodes []*unstable.Node
	switch v.Kind {
	case unstable.String:
		nodes = append(nodes, v)
	case unstable.Array:
		for it := v.Children(); it.Next(); {
			nodes = append(nodes, it.Node())
		}
	}
	if len(nodes) == 0 && (v.Kind != unstable.Array || a.Scope == Global && a.Name == Leave) {
		return nil, r.at(at, a.Scope+"."+a.Name+` is a key, as in "ctrl+r", or a list of keys`)
	}
	keys := []string{}
	for _, n := range nodes {
		k := string(n.Data)
		if k == "space" {
			k = " "
		}
		where := at
		if n.Raw.Length > 0 {
			where = r.spot(n.Raw)
		}
		switch {
		case n.Kind != unstable.String || !known(k):
			return nil, r.noKey(where, k)
		case Letter(k) && typed(a.Scope):
			return nil, r.at(where, `"`+Shown(k)+`" is typed into the text field; the keys of the `+a.Scope+` are those with ctrl or alt, or named ones such as "pgup"`)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// clashes finds a key that was chosen for an action and that another one of the pane, or of the whole screen, has. What
// clashes without a file is meant so.
func (r *reader) clashes() error {
	for _, a := range r.actions {
		for _, k := range r.chosen[a.Scope+"."+a.Name] {
			for _, b := range r.actions {
				if b.Scope == a.Scope && b.Name == a.Name || b.Scope != a.Scope && b.Scope != Global && a.Scope != Global {
					continue
				}
				meantSo := slices.Contains(a.Keys, k) && slices.Contains(b.Keys, k)
				if slices.Contains(r.now(b), k) && !meantSo {
					return r.at(r.where[a.Scope+"."+a.Name], `"`+Shown(k)+`" is already the key of `+b.Scope+"."+b.Name+" ("+b.What+"): give that another one, too")
				}
			}
		}
	}
	return nil
}

func (r *reader) now(a Action) []string {
	if mine, ok := r.chosen[a.Scope+"."+a.Name]; ok {
		return mine
	}
	return a.Keys
}

func (r *reader) noScope(at spot, words []string) error {
	var scopes []string
	for _, a := range r.actions {
		if !slices.Contains(scopes, a.Scope) {
			scopes = append(scopes, a.Scope)
		}
	}
	word := ""
	if len(words) > 0 {
		word = words[0]
	}
	return r.at(at, `no pane is called "`+word+`"`+meant(word, scopes))
}

func (r *reader) noAction(at spot, scope, name string) error {
	var names []string
	for _, a := range r.actions {
		if a.Scope == scope {
			names = append(names, a.Name)
		}
	}
	return r.at(at, scope+` has no action "`+name+`"`+meant(name, names))
}

func (r *reader) noKey(at spot, k string) error {
	return r.at(at, `no key is called "`+k+`"`+meant(k, named[:])+`; keys are written as "x", "ctrl+x", "alt+x", "f5", "pgup"`)
}

func meant(word string, candidates []string) string {
	if s := diag.Suggest(word, candidates); s != "" {
		return `, did you mean "` + s + `"?`
	}
	return ""
}

package parser

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/diag"
)

// rule is one sentence about the language with an example. Values are written as in JSON; {"$word": w} is a bare
// word, {"$env": N} an environment variable, {"$block": …} a typed block.
type rule struct {
	Rule       string          `json:"rule"`
	Source     string          `json:"source"`
	Components []ruleComponent `json:"components"`
	Settings   map[string]any  `json:"settings"`
	Warnings   []string        `json:"warnings"`
	Errors     []string        `json:"errors"`
}

type ruleComponent struct {
	Name  string         `json:"name"`
	Kind  string         `json:"kind"`
	Type  string         `json:"type"`
	Props map[string]any `json:"props"`
}

func rules(t testing.TB) []rule {
	t.Helper()
	data, err := os.ReadFile("testdata/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []rule
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRules(t *testing.T) {
	for _, want := range rules(t) {
		t.Run(want.Rule, func(t *testing.T) {
			f, l := Parse("main.ww", []byte(want.Source))
			got := rule{Rule: want.Rule, Source: want.Source, Components: []ruleComponent{}}
			for _, d := range f.Decls {
				got.add(d)
			}
			for _, d := range l {
				if d.Severity == diag.Error {
					got.Errors = append(got.Errors, codes(diag.List{d}))
				} else {
					got.Warnings = append(got.Warnings, codes(diag.List{d}))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\n(- want, + got)\n%s", want.Source, diff)
			}
		})
	}
}

func (r *rule) add(d *Decl) {
	if d.Body == nil {
		if r.Settings == nil {
			r.Settings = map[string]any{}
		}
		r.Settings[d.Name.Name] = plain(d.Value)
		return
	}
	c := ruleComponent{Name: d.Name.Name, Kind: d.Body.Kind.Name, Props: props(d.Body)}
	if d.Body.Type != nil {
		c.Type = d.Body.Type.Name
	}
	r.Components = append(r.Components, c)
}

func props(b *Block) map[string]any {
	out := map[string]any{}
	for _, p := range b.Pairs {
		out[p.Key.Name] = plain(p.Value)
	}
	return out
}

func plain(v Value) any {
	switch v := v.(type) {
	case *String:
		return v.Text
	case *Number:
		return v.Float
	case *Bool:
		return v.Value
	case *Env:
		return map[string]any{"$env": v.Name}
	case *Word:
		return map[string]any{"$word": v.Text}
	case *Array:
		items := []any{}
		for _, item := range v.Items {
			items = append(items, plain(item))
		}
		return items
	case *Block:
		if v.Kind == nil {
			return props(v)
		}
		typ := ""
		if v.Type != nil {
			typ = v.Type.Name
		}
		return map[string]any{"$block": map[string]any{"kind": v.Kind.Name, "type": typ, "props": props(v)}}
	}
	return nil
}

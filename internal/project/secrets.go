package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
)

// Secrets is every text that must not be seen in logs and reports: the secret properties of all components, because one
// component is told what another one says, and the variables of environ and of the .env file whose names say that they
// hold a secret. environ is as os.Environ returns it.
func (p *Project) Secrets(environ []string) []string {
	found := map[string]bool{}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case Secret:
			found[string(v)] = true
		case []any:
			for _, e := range v {
				add(e)
			}
		case map[string]any:
			for _, e := range v {
				add(e)
			}
		}
	}
	for _, c := range p.Components {
		add(c.Config)
	}
	add(p.Settings)
	for name, value := range p.Env {
		if schema.SecretName(name) {
			found[string(value)] = true
		}
	}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok && schema.SecretName(name) {
			found[value] = true
		}
	}
	delete(found, "")
	return slices.Sorted(maps.Keys(found))
}

package project

import "slices"

// set is the names of several lists.
func set(lists ...[]string) map[string]bool {
	all := map[string]bool{}
	for _, list := range lists {
		for _, name := range list {
			all[name] = true
		}
	}
	return all
}

// distinct is a list without the names that it has had before. It changes the list.
func distinct(names []string) []string {
	if len(names) < 2 {
		return names
	}
	seen := make(map[string]bool, len(names))
	return slices.DeleteFunc(names, func(name string) bool {
		again := seen[name]
		seen[name] = true
		return again
	})
}

func isInput(c Component) bool { return c.Kind == "input" }

// split is the inputs and the others, each in construction order.
func split(all []Component) (inputs, others []Component) {
	for _, c := range all {
		if isInput(c) {
			inputs = append(inputs, c)
		} else {
			others = append(others, c)
		}
	}
	return inputs, others
}

// chain is every component behind c: the hops of its turns and what those need, without c itself.
func (p *Project) chain(c Component) map[string]bool {
	behind := map[string]bool{}
	todo := slices.Concat(c.To, c.DependsOn)
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if behind[name] || name == c.Name {
			continue
		}
		behind[name] = true
		if next, ok := p.Component(name); ok {
			todo = append(append(todo, next.To...), next.DependsOn...)
		}
	}
	return behind
}

// Chain is the names of all components behind the named one, in construction order: when they are ready, it can take
// turns.
func (p *Project) Chain(name string) []string {
	c, ok := p.Component(name)
	if !ok {
		return nil
	}
	behind := p.chain(c)
	var names []string
	for _, other := range p.Components {
		if behind[other.Name] {
			names = append(names, other.Name)
		}
	}
	return names
}

// downstream is the components in the order in which turns pass them: inputs first, then whoever is sent to or called
// after all that send to it, as far as circles allow.
func downstream(p *Project) []Component {
	seen := map[string]bool{}
	var order []Component
	var visit func(c Component)
	visit = func(c Component) {
		if seen[c.Name] {
			return
		}
		seen[c.Name] = true
		for _, name := range slices.Backward(slices.Concat(c.To, c.DependsOn)) {
			if next, ok := p.Component(name); ok {
				visit(next)
			}
		}
		order = append(order, c)
	}
	inputs, others := split(p.Components)
	for _, c := range slices.Backward(slices.Concat(inputs, others)) {
		visit(c)
	}
	slices.Reverse(order)
	return order
}

// senders is the components that send to the named one or call it.
func senders(p *Project, name string) map[string]bool {
	found := map[string]bool{}
	for _, c := range p.Components {
		if c.Name != name && (slices.Contains(c.To, name) || slices.Contains(c.DependsOn, name)) {
			found[c.Name] = true
		}
	}
	return found
}

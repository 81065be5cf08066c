package project

// mark is how far a depth-first walk has come with an entry.
type mark uint8

const (
	unseen mark = iota
	open        // on the way from the root to here
	done
)

// cycles reports every circle of components that need each other to be built, at the first reference that closes it.
func (l *linked) cycles() {
	type edge struct{ from, to *entry }
	closed := map[edge]bool{}
	marks := make([]mark, len(l.entries))
	var path []*entry
	var visit func(e *entry)
	visit = func(e *entry) {
		marks[e.at] = open
		path = append(path, e)
		for _, r := range e.refs {
			to := r.to
			if r.hop {
				continue
			}
			switch marks[to.at] {
			case unseen:
				visit(to)
			case open:
				if !closed[edge{e, to}] {
					l.report(cycle(path, to, r))
				}
				closed[edge{e, to}] = true
			}
		}
		path = path[:len(path)-1]
		marks[e.at] = done
	}
	for _, e := range l.entries {
		if marks[e.at] == unseen {
			visit(e)
		}
	}
}

// order is the entries in construction order: what is needed comes before what needs it, else the order of the file.
// Next hops are built early too, as they always were (it fixes the order of hooks and pipes), unless they need
// something that is not finished yet.
func (l *linked) order() []*entry {
	const looks = 1 << 20
	l.budget = looks
	marks := make([]mark, len(l.entries))
	order := make([]*entry, 0, len(l.entries))
	var visit func(e *entry)
	visit = func(e *entry) {
		marks[e.at] = open
		for _, r := range e.refs {
			if marks[r.to.at] == unseen && (!r.hop || !l.waits(r.to, marks)) {
				visit(r.to)
			}
		}
		marks[e.at] = done
		order = append(order, e)
	}
	for _, e := range l.entries {
		if marks[e.at] == unseen && l.names[e.name()] == e {
			visit(e)
		}
	}
	return order
}

// waits reports whether e needs, directly or not, an entry that is still open. In a file where finding out would take
// longer than anybody waits it says that it does.
func (l *linked) waits(e *entry, marks []mark) bool {
	seen := map[*entry]bool{e: true}
	todo := []*entry{e}
	for len(todo) > 0 {
		if l.budget--; l.budget < 0 {
			return true
		}
		e, todo = todo[len(todo)-1], todo[:len(todo)-1]
		for _, r := range e.refs {
			if r.hop || seen[r.to] || marks[r.to.at] == done {
				continue
			}
			if marks[r.to.at] == open {
				return true
			}
			seen[r.to] = true
			todo = append(todo, r.to)
		}
	}
	return false
}

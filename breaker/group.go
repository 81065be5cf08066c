package breaker

import (
	"cmp"
	"container/list"
	"slices"
	"sync"
)

// groupSize is how many routes a caller may have before the ones that it has not used for longest are forgotten.
const groupSize = 1000

// Route is what a breaker guards: a target and a kind of message. One bad tool of a target must not close the others.
type Route struct {
	Target  string
	Message string
}

// String is the route in words.
func (r Route) String() string {
	if r.Message == "" {
		return r.Target
	}
	return r.Target + "/" + r.Message
}

// Group is the breakers of one caller.
type Group struct {
	settings func(Route) Settings

	mu     sync.Mutex
	routes map[Route]*list.Element // of *member; guarded by mu
	used   *list.List              // the last used first; guarded by mu
}

type member struct {
	route   Route
	breaker *Breaker
}

// NewGroup makes a group whose breakers get their settings from that function. Their names are their routes.
func NewGroup(settings func(Route) Settings) *Group {
	return &Group{settings: settings, routes: map[Route]*list.Element{}, used: list.New()}
}

// Get returns the breaker of a route.
func (g *Group) Get(r Route) *Breaker {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e, ok := g.routes[r]; ok {
		g.used.MoveToFront(e)
		return e.Value.(*member).breaker
	}
	s := g.settings(r)
	s.Name = r.String()
	b := New(s)
	g.routes[r] = g.used.PushFront(&member{r, b})
	if g.used.Len() > groupSize {
		g.forget()
	}
	return b
}

// forget drops the route that was not used for longest among those that have nothing to remember, or if all have, the
// one that was not used for longest of all.
func (g *Group) forget() {
	victim := g.used.Back()
	for e := victim; e != nil && e != g.used.Front(); e = e.Prev() {
		if e.Value.(*member).breaker.calm() {
			victim = e
			break
		}
	}
	delete(g.routes, victim.Value.(*member).route)
	g.used.Remove(victim)
}

// calm says whether the breaker is closed, without doing what time has done: that would announce it under our lock.
func (b *Breaker) calm() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == Closed
}

// Forget makes the breakers that lead to a target anew when they are next used.
func (g *Group) Forget(target string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for route, e := range g.routes {
		if route.Target == target {
			delete(g.routes, route)
			g.used.Remove(e)
		}
	}
}

// Ready says that a target has a new instance that is ready.
func (g *Group) Ready(target string) {
	for _, m := range g.members() {
		if m.route.Target == target {
			m.breaker.Ready()
		}
	}
}

// Each calls f with every route, in the order of their names.
func (g *Group) Each(f func(Route, *Breaker)) {
	for _, m := range g.members() {
		f(m.route, m.breaker)
	}
}

// Status returns how all breakers are now, in the order of their names.
func (g *Group) Status() []Status {
	var all []Status
	for _, m := range g.members() {
		all = append(all, m.breaker.Status())
	}
	return all
}

// members returns a sorted copy, so that nothing is called under the lock.
func (g *Group) members() []*member {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*member
	for e := g.used.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*member))
	}
	slices.SortFunc(all, func(a, b *member) int {
		return cmp.Or(cmp.Compare(a.route.Target, b.route.Target), cmp.Compare(a.route.Message, b.route.Message))
	})
	return all
}

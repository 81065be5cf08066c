package bustest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/bus"
)

// registryWith is a registry with parts replaced.
type registryWith struct {
	bus.Registry
	register   func(bus.ComponentInfo) error
	heartbeat  func(bus.Vitals) error
	deregister func() error
	get        func(id string) (bus.ComponentInfo, error)
	discover   func(q bus.Query) ([]bus.ComponentInfo, error)
	watch      func(ctx context.Context, q bus.Query) (<-chan bus.Change, error)
}

func (r *registryWith) Register(c bus.ComponentInfo) error {
	if r.register != nil {
		return r.register(c)
	}
	return r.Registry.Register(c)
}

func (r *registryWith) Heartbeat(v bus.Vitals) error {
	if r.heartbeat != nil {
		return r.heartbeat(v)
	}
	return r.Registry.Heartbeat(v)
}

func (r *registryWith) Deregister() error {
	if r.deregister != nil {
		return r.deregister()
	}
	return r.Registry.Deregister()
}

func (r *registryWith) Get(ctx context.Context, id string) (bus.ComponentInfo, error) {
	if r.get != nil {
		return r.get(id)
	}
	return r.Registry.Get(ctx, id)
}

func (r *registryWith) Discover(ctx context.Context, q bus.Query) ([]bus.ComponentInfo, error) {
	if r.discover != nil {
		return r.discover(q)
	}
	return r.Registry.Discover(ctx, q)
}

func (r *registryWith) Watch(ctx context.Context, q bus.Query) (<-chan bus.Change, error) {
	if r.watch != nil {
		return r.watch(ctx, q)
	}
	return r.Registry.Watch(ctx, q)
}

// altered makes a registry in which some parts are wrong.
func altered(f func(n *wrongNet, r bus.Registry, w *registryWith)) func(*wrongNet, bus.Registry) bus.Registry {
	return func(n *wrongNet, r bus.Registry) bus.Registry {
		w := &registryWith{Registry: r}
		f(n, r, w)
		return w
	}
}

// registering changes what is registered.
func registering(f func(c *bus.ComponentInfo)) func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		w.register = func(c bus.ComponentInfo) error {
			f(&c)
			return r.Register(c)
		}
	})
}

// discovering changes what a query finds.
func discovering(f func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error)) func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		w.discover = func(q bus.Query) ([]bus.ComponentInfo, error) { return f(r, q) }
	})
}

func wrongRegistries() []wrong {
	return []wrong{
		{
			name: "loses the skills of a registration", fails: []string{"registry/everything that was registered is there"},
			registry: registering(func(c *bus.ComponentInfo) { c.Resources, c.InputEvents = nil, nil }),
		},
		{
			name: "loses the place of a registration", fails: []string{"registry/everything that was registered is there"},
			registry: registering(func(c *bus.ComponentInfo) { c.Place = bus.Place{} }),
		},
		{
			name: "does not ask for capabilities", fails: []string{"registry/found by name, kind, type and capability", "watch/tells only what was asked for"},
			registry: altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
				w.discover = func(q bus.Query) ([]bus.ComponentInfo, error) {
					q.Capability = ""
					return r.Discover(context.Background(), q)
				}
				w.watch = func(ctx context.Context, q bus.Query) (<-chan bus.Change, error) {
					q.Capability = ""
					return r.Watch(ctx, q)
				}
			}),
		},
		{
			name: "takes a query's type for a kind", fails: []string{"registry/found by name, kind, type and capability"},
			registry: discovering(func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error) {
				q.Kind, q.Type = q.Type, q.Kind
				return r.Discover(context.Background(), q)
			}),
		},
		{
			name: "returns components in any order", fails: []string{"registry/found by name, kind, type and capability"},
			registry: discovering(func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error) {
				list, err := r.Discover(context.Background(), q)
				slices.Reverse(list)
				return list, err
			}),
		},
		{
			name: "sends sessions to those that are leaving", fails: []string{"registry/a session has one owner"},
			registry: discovering(func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error) {
				q.All = q.All || q.Session != ""
				return r.Discover(context.Background(), q)
			}),
		},
		{
			name: "does not find who is busy", fails: []string{"registry/who is busy is found"},
			registry: discovering(func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error) {
				list, err := r.Discover(context.Background(), q)
				return slices.DeleteFunc(list, func(c bus.ComponentInfo) bool { return c.CurrentLoad > 0 }), err
			}),
		},
		{name: "returns the first registration for ever", fails: []string{"registry/a later registration replaces"}, registry: staleRegistry()},
		{name: "takes any step", fails: []string{"registry/only transitions of the table"}, registry: lawless()},
		{
			name: "refuses what is allowed", fails: []string{"registry/only transitions of the table"},
			registry: altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
				w.register = func(c bus.ComponentInfo) error {
					if c.State == bus.StateInitializing {
						return &bus.TransitionError{From: bus.StateReady, To: c.State}
					}
					return r.Register(c)
				}
			}),
		},
		{
			name: "does not take back", fails: []string{"registry/taken back is gone", "watch/tells who goes and who dies"},
			registry: altered(func(_ *wrongNet, _ bus.Registry, w *registryWith) { w.deregister = func() error { return nil } }),
		},
		{name: "lets a heartbeat bring back what was taken back", fails: []string{"registry/taken back is gone"}, registry: reviving()},
		{name: "returns the dead", fails: []string{"registry/the dead are gone", "registry/silence ends it"}, registry: necromancer()},
		{
			name: "forgets the load", fails: []string{"registry/a heartbeat tells the load"},
			registry: altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
				w.heartbeat = func(v bus.Vitals) error { v.CurrentLoad = 0; return r.Heartbeat(v) }
			}),
		},
		{
			name: "does not put back what was lost", fails: []string{"registry/a heartbeat puts back what was lost"},
			registry: altered(func(n *wrongNet, r bus.Registry, w *registryWith) {
				w.heartbeat = func(v bus.Vitals) error {
					if list, _ := r.Discover(context.Background(), bus.Query{All: true}); len(list) == 0 {
						return bus.ErrUnknown
					}
					return r.Heartbeat(v)
				}
			}),
		},
		{name: "lets heartbeats keep the component and not its index", fails: []string{"registry/heartbeats keep it"}, registry: fadingIndex()},
		{
			name: "lets no heartbeat keep anything", fails: []string{"registry/heartbeats keep it", "registry/silence ends it"},
			registry: altered(func(_ *wrongNet, _ bus.Registry, w *registryWith) {
				w.heartbeat = func(bus.Vitals) error { return nil }
			}),
		},
		{name: "forgets that leases end", fails: []string{"registry/silence ends it"}, registry: endless},
	}
}

// staleRegistry answers with the first thing it knew of an instance.
func staleRegistry() func(*wrongNet, bus.Registry) bus.Registry {
	var mu sync.Mutex
	first := map[string]bus.ComponentInfo{}
	old := func(c bus.ComponentInfo) bus.ComponentInfo {
		mu.Lock()
		defer mu.Unlock()
		if was, known := first[c.ID]; known && len(was.Capabilities) > 0 {
			return was
		}
		first[c.ID] = c
		return c
	}
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		w.get = func(id string) (bus.ComponentInfo, error) {
			c, err := r.Get(context.Background(), id)
			return old(c), err
		}
		w.discover = func(q bus.Query) ([]bus.ComponentInfo, error) {
			list, err := r.Discover(context.Background(), bus.Query{All: true})
			for i := range list {
				list[i] = old(list[i])
			}
			return q.Select(list), err
		}
	})
}

// lawless makes a new registration of every step that is refused.
func lawless() func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		w.register = func(c bus.ComponentInfo) error {
			if r.Register(c) == nil {
				return nil
			}
			_ = r.Deregister() // then every state may be the first one
			return r.Register(c)
		}
	})
}

// reviving registers again whatever a heartbeat does not find.
func reviving() func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		var last bus.ComponentInfo
		w.register = func(c bus.ComponentInfo) error {
			last = c
			return r.Register(c)
		}
		w.heartbeat = func(v bus.Vitals) error {
			if r.Heartbeat(v) == nil {
				return nil
			}
			return r.Register(last)
		}
	})
}

// necromancer remembers everybody it has ever seen.
func necromancer() func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(_ *wrongNet, r bus.Registry, w *registryWith) {
		ever := map[string]bus.ComponentInfo{}
		w.discover = func(q bus.Query) ([]bus.ComponentInfo, error) {
			list, err := r.Discover(context.Background(), bus.Query{All: true})
			for _, c := range list {
				ever[c.ID] = c
			}
			return q.Select(slices.Collect(maps.Values(ever))), err
		}
	})
}

// fadingIndex finds by kind and capability only what was registered, not kept, within the lease.
func fadingIndex() func(*wrongNet, bus.Registry) bus.Registry {
	return discovering(func(r bus.Registry, q bus.Query) ([]bus.ComponentInfo, error) {
		list, err := r.Discover(context.Background(), q)
		if q.Kind == "" && q.Capability == "" {
			return list, err
		}
		return slices.DeleteFunc(list, func(c bus.ComponentInfo) bool { return c.LastHeartbeat.Sub(c.RegisteredAt) >= testLease }), err
	})
}

// endless lets every heart beat that was ever registered, for as long as somebody's does.
func endless(n *wrongNet, r bus.Registry) bus.Registry {
	w := &registryWith{Registry: r}
	w.heartbeat = func(v bus.Vitals) error {
		n.mu.Lock()
		var all []bus.Registry
		for _, other := range n.regs {
			all = append(all, other)
		}
		n.mu.Unlock()
		for _, other := range all {
			if o, ok := other.(*registryWith); ok {
				_ = o.Registry.Heartbeat(v) // some have never registered
			}
		}
		return r.Heartbeat(v)
	}
	return w
}

// watchingWith passes on the changes that keep says, as it says.
func watchingWith(keep func(i int, c bus.Change) (bus.Change, bool)) func(*wrongNet, bus.Registry) bus.Registry {
	return altered(func(n *wrongNet, r bus.Registry, w *registryWith) {
		w.watch = func(ctx context.Context, q bus.Query) (<-chan bus.Change, error) {
			in, err := r.Watch(ctx, q)
			out := make(chan bus.Change)
			n.spawn(func() {
				defer close(out)
				i := 0
				for c := range in {
					i++
					if c, ok := keep(i, c); ok {
						select {
						case out <- c:
						case <-ctx.Done():
						case <-n.closing:
							return
						}
					}
				}
			})
			return out, err
		}
	})
}

func wrongWatches() []wrong {
	return []wrong{
		{
			name: "begins to watch with the next change", fails: []string{"watch/begins with what is"},
			registry: watchingWith(func(i int, c bus.Change) (bus.Change, bool) { return c, i > 2 }),
		},
		{
			name: "misses changes", fails: []string{"watch/tells who comes and what changes"},
			registry: watchingWith(func(_ int, c bus.Change) (bus.Change, bool) { return c, c.Gone || c.Info.State == bus.StateReady }),
		},
		{
			name: "tells new things with the old words", fails: []string{"watch/tells who comes and what changes"},
			registry: watchingWith(func(_ int, c bus.Change) (bus.Change, bool) { c.Info.Capabilities = []string{"text"}; return c, true }),
		},
		{
			name: "misses every end", fails: []string{"watch/tells who goes and who dies", "watch/tells only what was asked for"},
			registry: watchingWith(func(_ int, c bus.Change) (bus.Change, bool) { return c, !c.Gone }),
		},
		{
			name: "misses deaths", fails: []string{"watch/tells who goes and who dies"},
			registry: watchingWith(func(_ int, c bus.Change) (bus.Change, bool) { return c, !c.Gone || c.Info.Name != "killed" }),
		},
		{
			name: "watches for ever", fails: []string{"watch/ends with its context"},
			registry: altered(func(n *wrongNet, r bus.Registry, w *registryWith) {
				w.watch = func(_ context.Context, q bus.Query) (<-chan bus.Change, error) { return r.Watch(n.ctx, q) }
			}),
		},
	}
}

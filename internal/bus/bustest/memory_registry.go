package bustest

import (
	"context"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

// register is the registry of a net in memory.
type register struct {
	lease time.Duration // of a registration without heartbeats; 0: for ever

	mu      sync.Mutex
	entries map[string]*entry
	changed chan struct{} // closed, and made anew, whenever something changes
}

// entry is what is known of one instance.
type entry struct {
	info    bus.ComponentInfo
	expires time.Time // zero: never
}

func newRegister(lease time.Duration) *register {
	return &register{lease: lease, entries: map[string]*entry{}, changed: make(chan struct{})}
}

// put sets what is known of an instance; nil forgets it.
func (r *register) put(id string, info *bus.ComponentInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if info == nil {
		delete(r.entries, id)
	} else {
		e := &entry{info: *info}
		if r.lease > 0 {
			e.expires = time.Now().Add(r.lease)
		}
		r.entries[id] = e
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// alive is everybody whose lease holds, when the next of them may run out, and what tells of changes.
func (r *register) alive() (list []bus.ComponentInfo, next time.Time, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for _, e := range r.entries {
		if !e.expires.IsZero() && !now.Before(e.expires) {
			continue
		}
		list = append(list, e.info)
		if !e.expires.IsZero() && (next.IsZero() || e.expires.Before(next)) {
			next = e.expires
		}
	}
	return list, next, r.changed
}

// view is the registry as one component sees it. It implements bus.Registry.
type view struct {
	net  *memory
	seat *seat

	mu   sync.Mutex
	last *bus.ComponentInfo // what was registered; nil: nothing, or it was taken back
}

// Register implements bus.Registrar.
func (v *view) Register(info bus.ComponentInfo) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	info.ID, info.Name = v.seat.instance, v.seat.name
	info.RegisteredAt = time.Now()
	if v.last != nil {
		if from := v.last.State; from != info.State && !from.May(info.State) {
			return &bus.TransitionError{ID: info.ID, From: from, To: info.State}
		}
		info.RegisteredAt, info.LastHeartbeat, info.Vitals = v.last.RegisteredAt, v.last.LastHeartbeat, v.last.Vitals
	}
	v.last = &info
	v.net.register.put(info.ID, &info)
	return nil
}

// Heartbeat implements bus.Registrar.
func (v *view) Heartbeat(h bus.Vitals) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last == nil {
		return bus.ErrUnknown
	}
	v.last.Vitals, v.last.LastHeartbeat = h, time.Now()
	v.net.register.put(v.last.ID, v.last)
	return nil
}

// Deregister implements bus.Registrar.
func (v *view) Deregister() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last = nil
	v.net.register.put(v.seat.instance, nil)
	return nil
}

// Get implements bus.Directory.
func (v *view) Get(_ context.Context, id string) (bus.ComponentInfo, error) {
	list, _, _ := v.net.register.alive()
	for _, c := range list {
		if c.ID == id {
			return c, nil
		}
	}
	return bus.ComponentInfo{}, bus.ErrUnknown
}

// Discover implements bus.Directory.
func (v *view) Discover(_ context.Context, q bus.Query) ([]bus.ComponentInfo, error) {
	list, _, _ := v.net.register.alive()
	return q.Select(list), nil
}

// Watch implements bus.Directory.
func (v *view) Watch(ctx context.Context, q bus.Query) (<-chan bus.Change, error) {
	out := make(chan bus.Change)
	v.net.spawn(func() {
		defer close(out)
		var seen bus.Seen
		for {
			list, next, changed := v.net.register.alive()
			for _, c := range seen.Changes(q.Select(list)) {
				select {
				case out <- c:
				case <-ctx.Done():
					return
				case <-v.net.ctx.Done():
					return
				}
			}
			if !waitFor(ctx, v.net.ctx, changed, next) {
				return
			}
		}
	})
	return out, nil
}

// waitFor waits for a change or for the next lease to run out; false when somebody's time is over.
func waitFor(a, b context.Context, changed <-chan struct{}, next time.Time) bool {
	var late <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-changed:
	case <-late:
	case <-a.Done():
		return false
	case <-b.Done():
		return false
	}
	return true
}

// Registry implements Net.
func (n *memory) Registry(component string) bus.Registry {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.seats[component].view
}

// Forget implements Net.
func (n *memory) Forget(component string) {
	n.mu.Lock()
	s := n.seats[component]
	n.mu.Unlock()
	n.register.put(s.instance, nil)
}

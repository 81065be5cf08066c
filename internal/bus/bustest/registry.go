package bustest

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

func registryChecks() []Check {
	return []Check{
		{"registry/everything that was registered is there", registryComplete},
		{"registry/found by name, kind, type and capability", registryDiscovers},
		{"registry/a session has one owner", registrySession},
		{"registry/who is busy is found", registryBusy},
		{"registry/a later registration replaces", registryReplaces},
		{"registry/only transitions of the table", registryTransitions},
		{"registry/taken back is gone", registryDeregisters},
		{"registry/the dead are gone", registryDead},
		{"registry/a heartbeat tells the load", registryLoad},
		{"registry/a heartbeat puts back what was lost", registryForgotten},
		{"registry/heartbeats keep it", registryKept},
		{"registry/silence ends it", registrySilence},
	}
}

// info is a registration with something in every field that a component may choose.
func info(kind, typ string, capabilities ...string) bus.ComponentInfo {
	return bus.ComponentInfo{
		Identity: bus.Identity{Kind: kind, Type: typ, Generation: 1},
		State:    bus.StateReady,
		Skills: bus.Skills{
			Capabilities: capabilities, InputEvents: []string{"chain.text"}, OutputEvents: []string{"a", "b.c"},
			Resources: map[string]any{"gpu": "1"},
		},
		Place: bus.Place{Version: "v1", Node: "here"},
	}
}

// member is a component that has joined and registered.
type member struct {
	bus.Registry
	id string
}

// enroll joins a component and registers what it is.
func (w *world) enroll(name string, c bus.ComponentInfo) member {
	w.Helper()
	w.net.Join(name, part{call: echo})
	r := w.net.Registry(name)
	w.register(r, c)
	found := w.discover(r, bus.Query{Name: name})
	if len(found) != 1 {
		w.Fatalf("%s has registered, and %d of that name are found", name, len(found))
	}
	return member{r, found[0].ID}
}

func (w *world) register(r bus.Registrar, c bus.ComponentInfo) {
	w.Helper()
	if err := r.Register(c); err != nil {
		w.Fatalf("Register: %v", err)
	}
}

// onlooker is somebody who only asks.
func (w *world) onlooker() bus.Directory {
	w.net.Join("onlooker", nil)
	return w.net.Registry("onlooker")
}

func (w *world) discover(d bus.Directory, q bus.Query) []bus.ComponentInfo {
	w.Helper()
	list, err := d.Discover(w.Context(), q)
	if err != nil {
		w.Fatalf("Discover: %v", err)
	}
	return list
}

func (w *world) get(d bus.Directory, id string) bus.ComponentInfo {
	w.Helper()
	c, err := d.Get(w.Context(), id)
	if err != nil {
		w.Fatalf("Get %s: %v", id, err)
	}
	return c
}

// finds checks that a query returns components of these names, in this order.
func (w *world) finds(d bus.Directory, q bus.Query, names ...string) []bus.ComponentInfo {
	w.Helper()
	list := w.discover(d, q)
	var got []string
	for _, c := range list {
		got = append(got, c.Name)
	}
	if !slices.Equal(got, names) {
		w.Fatalf("%+v finds %q, want %q", q, got, names)
	}
	return list
}

// gone waits until an instance is not known any more, in no way.
func (w *world) gone(d bus.Directory, m member, q bus.Query) {
	w.Helper()
	q.All = true
	late := time.NewTimer(w.Lease + w.Patience)
	defer late.Stop()
	for {
		_, err := d.Get(w.Context(), m.id)
		if err != nil && !errors.Is(err, bus.ErrUnknown) {
			w.Fatalf("Get of an instance that is gone: %v, want bus.ErrUnknown", err)
		}
		if err != nil && len(w.discover(d, q)) == 0 {
			return
		}
		select {
		case <-late.C:
			w.Fatalf("%s is gone and still known", m.id)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// pass lets time go by while somebody's heart beats.
func (w *world) pass(d time.Duration, beating ...member) {
	w.Helper()
	for range 4 {
		<-time.After(d / 4)
		for _, m := range beating {
			if err := m.Heartbeat(bus.Vitals{SuccessRate: 1, MaxConcurrent: 3}); err != nil {
				w.Fatalf("Heartbeat: %v", err)
			}
		}
	}
}

// Everything that was registered comes back, also to others.
func registryComplete(w *world) {
	want := info("llm", "echo", "text", "streaming")
	m := w.enroll("brain", want)
	for _, d := range []bus.Directory{m, w.onlooker()} {
		got := w.get(d, m.id)
		if got.ID != m.id || got.Name != "brain" || got.RegisteredAt.IsZero() {
			w.Errorf("identity %+v, registered at %v", got.Identity, got.RegisteredAt)
		}
		if got.Kind != want.Kind || got.Type != want.Type || got.State != want.State {
			w.Errorf("got %+v in state %s", got.Identity, got.State)
		}
		if !reflect.DeepEqual(got.Skills, want.Skills) {
			w.Errorf("skills %+v, want %+v", got.Skills, want.Skills)
		}
		if got.Version != want.Version || got.Node != want.Node {
			w.Errorf("place %+v, want %+v", got.Place, want.Place)
		}
	}
	if _, err := m.Get(w.Context(), "nobody-1234"); !errors.Is(err, bus.ErrUnknown) {
		w.Errorf("Get of nobody: %v, want bus.ErrUnknown", err)
	}
}

// A query returns those that fit in everything it asks for, in order, and nobody else.
func registryDiscovers(w *world) {
	w.enroll("c", info("tool", "shell", "files"))
	w.enroll("a", info("llm", "echo", "text"))
	w.enroll("b", info("llm", "openai", "text", "images"))
	d := w.onlooker()
	w.finds(d, bus.Query{}, "a", "b", "c")
	w.finds(d, bus.Query{Name: "b"}, "b")
	w.finds(d, bus.Query{Kind: "llm"}, "a", "b")
	w.finds(d, bus.Query{Type: "openai"}, "b")
	w.finds(d, bus.Query{Capability: "text"}, "a", "b")
	w.finds(d, bus.Query{Kind: "llm", Capability: "images"}, "b")
	w.finds(d, bus.Query{Kind: "tool", Capability: "text"})
	w.finds(d, bus.Query{Name: "nobody"})
	w.finds(d, bus.Query{Capability: "tex"})
}

// Of each component one instance is found for a session, if it takes messages, and every time the same one.
func registrySession(w *world) {
	a := w.enroll("a", info("llm", "echo", "text"))
	b := w.enroll("b", info("tool", "shell", "text"))
	d := w.onlooker()
	for _, s := range []string{"s1", "s2", "s3", "another"} {
		list := w.finds(d, bus.Query{Session: s}, "a", "b")
		if list[0].ID != a.id || list[1].ID != b.id {
			w.Errorf("session %s is at %s and %s", s, list[0].ID, list[1].ID)
		}
	}
	w.finds(d, bus.Query{Session: "s1", Kind: "llm"}, "a")
	leaving := info("tool", "shell", "text")
	leaving.State = bus.StateShuttingDown
	w.register(b, leaving)
	w.finds(d, bus.Query{Session: "s1"}, "a")
}

// Who works is found as well as who has nothing to do.
func registryBusy(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	if err := m.Heartbeat(bus.Vitals{SuccessRate: 1, CurrentLoad: 3, MaxConcurrent: 3}); err != nil {
		w.Fatalf("Heartbeat: %v", err)
	}
	d := w.onlooker()
	w.finds(d, bus.Query{Name: "brain", Session: "s"}, "brain")
	w.finds(d, bus.Query{Kind: "llm"}, "brain")
}

// The last registration is what is known; nothing of the ones before is found.
func registryReplaces(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	d := w.onlooker()
	w.finds(d, bus.Query{Capability: "text"}, "brain")
	w.register(m, info("llm", "echo", "images"))
	w.finds(d, bus.Query{Capability: "text"})
	w.finds(d, bus.Query{Capability: "images"}, "brain")
	leaving := info("llm", "echo", "images")
	leaving.State = bus.StateShuttingDown
	w.register(m, leaving)
	if got := w.get(d, m.id); got.State != bus.StateShuttingDown {
		w.Errorf("state %s", got.State)
	}
	w.finds(d, bus.Query{Capability: "images"})
	w.finds(d, bus.Query{Capability: "images", All: true}, "brain")
}

// A step that is not in the table is refused, and changes nothing.
func registryTransitions(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	back := info("llm", "echo", "changed")
	back.State = bus.StateInitializing
	var te *bus.TransitionError
	if err := m.Register(back); !errors.As(err, &te) || te.From != bus.StateReady || te.To != bus.StateInitializing {
		w.Fatalf("from ready to initializing: %v, want a *bus.TransitionError", err)
	}
	if got := w.get(m, m.id); got.State != bus.StateReady || !slices.Equal(got.Capabilities, []string{"text"}) {
		w.Errorf("after a refused step: %s, %q", got.State, got.Capabilities)
	}
	for _, s := range []bus.State{bus.StateShuttingDown, bus.StateFailed, bus.StateInitializing, bus.StateReady} {
		next := info("llm", "echo", "text")
		next.State = s
		w.register(m, next)
		if got := w.get(m, m.id); got.State != s {
			w.Fatalf("state %s, want %s", got.State, s)
		}
	}
}

// What was taken back is found by nobody, and a heartbeat does not bring it back; a registration does.
func registryDeregisters(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	d := w.onlooker()
	if err := m.Deregister(); err != nil {
		w.Fatalf("Deregister: %v", err)
	}
	w.gone(d, m, bus.Query{Kind: "llm"})
	_ = m.Heartbeat(bus.Vitals{SuccessRate: 1}) // may say that it is not registered
	w.finds(d, bus.Query{All: true, Kind: "llm"})
	if _, err := d.Get(w.Context(), m.id); !errors.Is(err, bus.ErrUnknown) {
		w.Fatalf("a heartbeat has brought back what was taken back: %v", err)
	}
	w.register(m, info("llm", "echo", "text"))
	w.finds(d, bus.Query{Kind: "llm"}, "brain")
}

// Who was killed is found by nobody, and the others still are.
func registryDead(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	w.enroll("other", info("llm", "echo", "images"))
	d := w.onlooker()
	w.finds(d, bus.Query{Kind: "llm"}, "brain", "other")
	w.net.Kill("brain")
	w.gone(d, m, bus.Query{Capability: "text"})
	w.finds(d, bus.Query{Kind: "llm"}, "other")
}

// What a heartbeat says is known afterwards, and when it came.
func registryLoad(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	d := w.onlooker()
	for i := range 3 {
		v := bus.Vitals{AvgProcessingTime: 0.25 * float64(i), SuccessRate: 0.5, CurrentLoad: i, MaxConcurrent: 7}
		began := time.Now()
		if err := m.Heartbeat(v); err != nil {
			w.Fatalf("Heartbeat: %v", err)
		}
		got := w.get(d, m.id)
		if got.Vitals != v {
			w.Errorf("vitals %+v, want %+v", got.Vitals, v)
		}
		if got.LastHeartbeat.Before(began) {
			w.Errorf("the last heartbeat was at %v, before %v", got.LastHeartbeat, began)
		}
		if found := w.discover(d, bus.Query{Name: "brain"}); len(found) != 1 || found[0].Vitals != v {
			w.Errorf("discovered %+v, want one with %+v", found, v)
		}
	}
}

// When a registration is lost although its component lives, the next heartbeat puts it back, complete.
func registryForgotten(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	d := w.onlooker()
	w.net.Forget("brain")
	w.gone(d, m, bus.Query{Kind: "llm"})
	if err := m.Heartbeat(bus.Vitals{SuccessRate: 1}); err != nil {
		w.Fatalf("Heartbeat: %v", err)
	}
	w.finds(d, bus.Query{Kind: "llm", Type: "echo", Capability: "text", Session: "s"}, "brain")
	if got := w.get(d, m.id); !reflect.DeepEqual(got.Skills, info("llm", "echo", "text").Skills) {
		w.Errorf("put back with %+v", got.Skills)
	}
}

// A component whose heart beats is found in every way for as long as it does.
func registryKept(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	d := w.onlooker()
	for range 3 {
		w.pass(w.Lease, m)
		w.get(d, m.id)
		for _, q := range []bus.Query{{}, {Name: "brain"}, {Kind: "llm"}, {Type: "echo"}, {Capability: "text"}, {Session: "s"}} {
			w.finds(d, q, "brain")
		}
	}
}

// A component that is silent for longer than its lease is gone, and those that are not stay.
func registrySilence(w *world) {
	if w.Lease == 0 {
		return // its lease is its life
	}
	silent := w.enroll("silent", info("llm", "echo", "text"))
	m := w.enroll("brain", info("llm", "echo", "images"))
	d := w.onlooker()
	w.finds(d, bus.Query{Kind: "llm"}, "brain", "silent")
	for range 2 {
		w.pass(w.Lease, m)
	}
	w.gone(d, silent, bus.Query{Capability: "text"})
	w.finds(d, bus.Query{Kind: "llm"}, "brain")
}

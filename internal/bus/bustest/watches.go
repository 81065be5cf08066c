package bustest

import (
	"context"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

func watchChecks() []Check {
	return []Check{
		{"watch/begins with what is", watchBegins},
		{"watch/tells who comes and what changes", watchChanges},
		{"watch/tells who goes and who dies", watchGone},
		{"watch/tells only what was asked for", watchQuery},
		{"watch/ends with its context", watchEnds},
	}
}

// watching is a watch in a test.
type watching struct {
	w    *world
	c    <-chan bus.Change
	stop context.CancelFunc
}

func (w *world) watch(d bus.Directory, q bus.Query) watching {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	w.Cleanup(cancel)
	c, err := d.Watch(ctx, q)
	if err != nil {
		w.Fatalf("Watch: %v", err)
	}
	return watching{w, c, cancel}
}

// until reads changes until one fits.
func (x watching) until(what string, fits func(bus.Change) bool) bus.Change {
	x.w.Helper()
	return x.within(x.w.Lease+x.w.Patience, what, fits)
}

func (x watching) within(limit time.Duration, what string, fits func(bus.Change) bool) bus.Change {
	x.w.Helper()
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		select {
		case c, open := <-x.c:
			if !open {
				x.w.Fatalf("the watch ended before it told that %s", what)
			}
			if fits(c) {
				return c
			}
		case <-late.C:
			x.w.Fatalf("the watch did not tell that %s", what)
		}
	}
}

func (x watching) appears(name string) bus.Change {
	x.w.Helper()
	return x.until(name+" is there", func(c bus.Change) bool { return !c.Gone && c.Info.Name == name })
}

func (x watching) goes(name string) {
	x.w.Helper()
	x.until(name+" is gone", func(c bus.Change) bool { return c.Gone && c.Info.Name == name })
}

// isTakenBack is goes for one that has said so: nobody waits for its lease to end.
func (x watching) isTakenBack(name string) {
	x.w.Helper()
	x.within(x.w.Patience, name+" was taken back", func(c bus.Change) bool { return c.Gone && c.Info.Name == name })
}

// A watch begins with everybody who is there, as it is: nobody comes between a look and a watch.
func watchBegins(w *world) {
	m := w.enroll("brain", info("llm", "echo", "text"))
	w.enroll("tool", info("tool", "shell", "files"))
	x := w.watch(w.onlooker(), bus.Query{})
	first, second := x.appears("brain"), x.appears("tool")
	if first.Info.ID != m.id || !slices.Equal(first.Info.Capabilities, []string{"text"}) || second.Info.Kind != "tool" {
		w.Errorf("told %+v and %+v", first.Info, second.Info)
	}
}

// A watch tells who is new, and in the end how everybody is.
func watchChanges(w *world) {
	x := w.watch(w.onlooker(), bus.Query{All: true})
	m := w.enroll("brain", info("llm", "echo", "text"))
	x.appears("brain")
	w.register(m, info("llm", "echo", "images"))
	x.until("brain can see now", func(c bus.Change) bool { return slices.Equal(c.Info.Capabilities, []string{"images"}) })
	for _, s := range []bus.State{bus.StateShuttingDown, bus.StateFailed} {
		next := info("llm", "echo", "images")
		next.State = s
		w.register(m, next)
		x.until("brain is "+string(s), func(c bus.Change) bool { return !c.Gone && c.Info.State == s })
	}
}

// A watch tells who has left and who was killed.
func watchGone(w *world) {
	left := w.enroll("left", info("llm", "echo", "text"))
	w.enroll("killed", info("llm", "echo", "text"))
	x := w.watch(w.onlooker(), bus.Query{Kind: "llm"})
	x.appears("killed")
	x.appears("left")
	if err := left.Deregister(); err != nil {
		w.Fatalf("Deregister: %v", err)
	}
	x.isTakenBack("left")
	w.net.Kill("killed")
	x.goes("killed")
}

// Who does not fit the query is not told of; who stops to fit is gone.
func watchQuery(w *world) {
	x := w.watch(w.onlooker(), bus.Query{Capability: "text"})
	w.enroll("tool", info("tool", "shell", "files"))
	m := w.enroll("brain", info("llm", "echo", "text"))
	brain := func(gone bool) func(bus.Change) bool {
		return func(c bus.Change) bool {
			if c.Info.Name == "tool" {
				w.Fatalf("told of tool, which cannot do what was asked for")
			}
			return c.Gone == gone && c.Info.Name == "brain"
		}
	}
	x.until("brain is there", brain(false))
	w.register(m, info("llm", "echo", "images"))
	x.until("brain does not fit any more", brain(true))
}

// The channel is closed when nobody listens any more.
func watchEnds(w *world) {
	w.enroll("brain", info("llm", "echo", "text"))
	x := w.watch(w.onlooker(), bus.Query{})
	x.appears("brain")
	x.stop()
	w.do("the end of a watch", func() {
		for range x.c { //nolint:revive // drained
		}
	})
}

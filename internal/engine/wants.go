package engine

import (
	"slices"
	"sync"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
)

// wants owns what is wanted of the app. A change is made when desired.json has been replaced, not before: whoever comes
// after a supervisor that was killed goes on from that file.
type wants struct {
	app app.App
	mu  sync.Mutex
	d   app.Desired
}

// now is what is wanted.
func (w *wants) now() app.Desired {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.d.Clone()
}

// component is what is wanted of one component.
func (w *wants) component(name string) (app.Wanted, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.d.Wanted(name)
	c.Out = slices.Clone(c.Out)
	return c, ok
}

// change decides something: what f makes of the old file is the new one. With an error nothing was decided.
func (w *wants) change(f func(d *app.Desired)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.d.Clone()
	f(&next)
	if err := w.app.SetDesired(next); err != nil {
		return err
	}
	w.d = next
	return nil
}

// of changes what is wanted of one component, if it is wanted at all.
func (w *wants) of(name string, f func(c *app.Wanted)) error {
	return w.change(func(d *app.Desired) {
		for i := range d.Components {
			if d.Components[i].Name == name {
				f(&d.Components[i])
			}
		}
	})
}

// out notes that an ordinal does not run, and why.
func out(c *app.Wanted, o app.Out) {
	back(c, o.Ordinal)
	c.Out = append(c.Out, o)
	slices.SortFunc(c.Out, func(a, b app.Out) int { return a.Ordinal - b.Ordinal })
}

// back notes that an ordinal runs again.
func back(c *app.Wanted, ordinal int) {
	c.Out = slices.DeleteFunc(c.Out, func(o app.Out) bool { return ordinal == every || o.Ordinal == ordinal })
}

// wanted is what a component of a project is in desired.json.
func wanted(p *project.Project, c project.Component, generation int) app.Wanted {
	return app.Wanted{
		Name: c.Name, Kind: c.Kind, Type: c.Type, Replicas: replicas(c), Acceptor: accepts(c), To: c.To,
		Generation: generation, Hash: p.HashOf(c),
	}
}

// desired is what is wanted of an app that starts afresh.
func desired(o Options) app.Desired {
	p := o.Project
	d := app.Desired{Generation: firstGeneration, Name: p.Name, File: o.App.File, Hash: p.Hash, Detached: o.Detached, Files: hashes(p)}
	for _, c := range p.Components {
		d.Components = append(d.Components, wanted(p, c, firstGeneration))
	}
	return d
}

// replicas is how many instances the file wants.
func replicas(c project.Component) int {
	n, ok := c.Int("replicas")
	if !ok || n < 1 {
		return 1
	}
	return n
}

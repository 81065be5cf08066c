package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// heir is a runner that an earlier supervisor left and that this one takes over.
type heir struct {
	unit unit
	rec  localbus.Record
	duty duty
	mark string // of its start: spared when strays are swept
}

// fate is what becomes of a runner that was found.
type fate uint8

const (
	keep    fate = iota // it serves on
	release             // it gives its partitions back and ends
	end                 // it never served: it ends at once
)

// judge decides over a runner by what was wanted when the last supervisor died (R9).
func judge(d app.Desired, r localbus.Record) fate {
	w, ok := d.Wanted(r.Component)
	switch {
	case !ok && r.Generation > d.Generation, ok && r.Generation > w.Generation:
		return end // of a reload that was not decided
	case !ok, r.Generation < w.Generation, r.Ordinal >= w.Replicas:
		return release
	case r.State == localbus.StateShuttingDown, r.State == localbus.StateFailed:
		return release // it ends anyway; its successor takes over from it
	}
	if o, is := w.OutOf(r.Ordinal); is && o.Stopped {
		return release
	}
	return keep
}

// inherit looks for what an earlier supervisor left. What belongs to the app as it is wanted is kept; the rest is ended.
func (e *Engine) inherit(ctx context.Context) error {
	dir, err := localbus.OpenRunDir(e.o.App.ID)
	if err != nil {
		return err
	}
	e.dir = dir
	old, err := e.o.App.RunDir()
	if err != nil && !errors.Is(err, app.ErrNotRunning) {
		return err
	}
	d, wanted := e.last()
	for _, at := range slices.Compact([]string{old, dir}) {
		if at == "" || at != dir && missing(at) {
			continue
		}
		l := leftover{app: e.o.App, dir: at, timing: e.o.Timing, say: e.o.Say}
		up, err := l.alive()
		if err != nil {
			return err
		}
		if len(up) == 0 || !wanted || len(e.heirs) > 0 || !e.sort(ctx, d, up) {
			err = l.end(ctx) // nobody knows what it belongs to
		} else {
			e.dir, e.nonce = at, e.lock.Last.Nonce
		}
		if err != nil {
			return err
		}
	}
	if err := sweep(ctx, e.lock.Last.Nonce, e.marks()...); err != nil {
		return err
	}
	if err := localbus.Sweep(e.dir, nil); err != nil {
		return err
	}
	return e.resume(d, wanted)
}

// last is what was wanted when a supervisor died; false when the last one ended in order, or never was.
func (e *Engine) last() (app.Desired, bool) {
	if e.lock.Last.Nonce == "" {
		return app.Desired{}, false
	}
	d, err := e.o.App.Desired()
	if err != nil {
		e.o.Log.Warn("what was wanted of the last run is not known", "error", err)
		return d, false
	}
	for i := range d.Components {
		d.Components[i].Generation = max(firstGeneration, d.Components[i].Generation)
	}
	return d, true
}

// sort makes heirs of the runners that are ours. False: one of them cannot be told from a stranger, and none is kept.
func (e *Engine) sort(ctx context.Context, d app.Desired, up []localbus.Record) bool {
	var heirs []heir
	for _, r := range up {
		start, mark, err := supervisor.Mark(r.PID)
		if err != nil || start != r.PIDStart || !strings.HasPrefix(mark, e.lock.Last.Nonce+".") {
			e.o.Log.Warn("a runner cannot be adopted", "instance", r.Instance, "pid", r.PID, "error", err)
			return false
		}
		h := heir{unit: unit{name: r.Component, ordinal: r.Ordinal, generation: r.Generation}, rec: r, mark: mark}
		switch judge(d, r) {
		case end:
			_ = supervisor.KillGroup(ctx, r.PID, r.PIDStart) // the sweep finds what is left
			continue
		case release:
			h.duty = leaving
		case keep:
			if slices.ContainsFunc(heirs, func(o heir) bool { return o.unit == h.unit }) {
				h.duty = leaving // two in one place: the later one has begun to take over, or will
			}
		}
		if h.duty == leaving {
			h.unit.twin = r.Instance
		}
		heirs = append(heirs, h)
	}
	e.heirs = heirs
	return true
}

func (e *Engine) marks() []string {
	var marks []string
	for _, h := range e.heirs {
		marks = append(marks, h.mark)
	}
	return marks
}

// resume decides what is wanted from now on. With heirs the app goes on as it was; a plan brings it up to date later.
// Without, it starts afresh, but for what somebody ordered by hand when the last supervisor was killed.
func (e *Engine) resume(last app.Desired, wanted bool) error {
	d := desired(e.o)
	switch {
	case len(e.heirs) > 0:
		d = last
		d.Detached = e.o.Detached
	case wanted:
		for i := range d.Components {
			carry(&d.Components[i], last)
		}
	}
	e.wants = &wants{app: e.o.App, d: d}
	e.content.files = d.Files
	return e.wants.change(func(*app.Desired) {})
}

// carry keeps what was ordered by hand for a component.
func carry(w *app.Wanted, last app.Desired) {
	was, ok := last.Wanted(w.Name)
	if !ok {
		return
	}
	if was.Scaled {
		w.Replicas, w.Scaled = was.Replicas, true
	}
	for _, o := range was.Out {
		if o.Stopped {
			w.Out = append(w.Out, o)
		}
	}
}

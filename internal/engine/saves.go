package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// followFiles reloads the app when its files are saved, until ctx ends. Saves that come during a reload are one reload
// after it.
func (e *Engine) followFiles(ctx context.Context) {
	var flaps flaps
	for {
		select {
		case files, ok := <-e.watcher.Changes():
			if !ok {
				return
			}
			e.saved(ctx, &flaps, files)
		case <-ctx.Done():
			return
		}
	}
}

// follow watches the files of the app as it runs and, when others were tried in vain, those too. Whoever calls has the
// right to change what runs.
func (e *Engine) follow() {
	e.watcher.Follow(slices.Concat(sources(e.project()), e.content.tried))
}

func (e *Engine) saved(ctx context.Context, flaps *flaps, files []string) {
	over, err := e.begin(ctx)
	if err != nil {
		return
	}
	defer over()
	select { // what was saved while somebody else changed the app
	case more := <-e.watcher.Changes():
		files = append(files, more...)
	default:
	}
	slices.Sort(files)
	files = slices.Compact(files)
	now := time.Now()
	if files = flaps.without(files, now); len(files) == 0 {
		return
	}
	r, err := e.reload(ctx, false, true)
	if err != nil && ctx.Err() == nil {
		e.o.Log.Info("reload", "saved", files, "error", err)
		e.unsaid(err)
	}
	if err == nil && !r.Changed {
		return // somebody has reloaded it already, or nothing uses what has changed in it
	}
	if text := flaps.add(files, now); text != "" {
		e.notice(text)
	}
}

// unsaid tells of an error that nobody has been told of.
func (e *Engine) unsaid(err error) {
	if text := "✗ " + err.Error(); !strings.Contains(e.Picture().Notice, err.Error()) {
		e.notice(text)
	}
}

const (
	flapWithin = time.Minute
	flapMost   = 240              // so many reloads for one file within a minute are no person's
	flapRest   = 10 * time.Second // how long it must be left alone to count again
)

// flaps finds files that the app itself changes whenever it is reloaded: that would go on for ever.
type flaps struct{ at map[string][]time.Time }

// add notes a reload for files, and returns what to say when that was one too many.
func (f *flaps) add(files []string, now time.Time) (text string) {
	if f.at == nil {
		f.at = map[string][]time.Time{}
	}
	for _, path := range files {
		f.at[path] = append(slices.DeleteFunc(f.at[path], func(t time.Time) bool { return now.Sub(t) > flapWithin }), now)
		if len(f.at[path]) == flapMost {
			text = fmt.Sprintf("%s was reloaded %d times within a minute: is it written by the app itself? It is left alone until it rests for %s",
				filepath.Base(path), flapMost, span(flapRest))
		}
	}
	return text
}

// without leaves out the files for which there were too many reloads, until they rest.
func (f *flaps) without(files []string, now time.Time) []string {
	return slices.DeleteFunc(files, func(path string) bool {
		at := f.at[path]
		if len(at) < flapMost {
			return false
		}
		if now.Sub(at[len(at)-1]) > flapRest {
			delete(f.at, path)
			return false
		}
		at[len(at)-1] = now // it does not rest
		return true
	})
}

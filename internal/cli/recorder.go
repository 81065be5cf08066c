package cli

import (
	"log/slog"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
)

// The sessions are kept by whoever accepts turns.
var (
	_ component.Recorder  = (*session.Store)(nil)
	_ component.Historian = keeper{}
)

// openRecorder is nil for a component that accepts no turns, and for an app that keeps no sessions. One that cannot
// keep them serves all the same.
func openRecorder(spec component.Spec, log *slog.Logger) *session.Store {
	if !spec.Acceptor || spec.App.Recording == component.RecordingOff {
		return nil
	}
	store, err := session.Open(session.Options{
		Dir: filepath.Join(spec.App.StateDir, session.DirName), TTL: spec.App.SessionTTL, Log: log,
	})
	if err != nil {
		log.Warn("sessions are not recorded", "error", err)
		return nil
	}
	return store
}

// keeper keeps the sessions and knows what was said in them.
type keeper struct {
	*session.Store
	dir session.Dir
}

// Past implements component.Historian.
func (k keeper) Past(q event.HistoryRequest) ([]event.Past, error) {
	k.Flush() // the turn before may have ended a moment ago
	turns, err := k.dir.History(q.Session, q.Turns+1)
	if err != nil {
		return nil, err
	}
	var past []event.Past
	for _, t := range turns {
		if t.ID != q.Before {
			past = append(past, event.Past{Text: t.Text, Answer: t.Answer})
		}
	}
	return past[max(0, len(past)-q.Turns):], nil
}

// recorded runs a component whose turns are recorded, if there is a store.
func recorded(store *session.Store, deps component.Deps, run func(component.Deps) int) int {
	if store == nil {
		return run(deps)
	}
	deps.Recorder = keeper{store, session.In(deps.Spec.App.StateDir)}
	defer store.Close() //nolint:errcheck // it has none
	return run(deps)
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
)

// wayBetween is how what one component sends to another goes, before and after a migration: by way of whom; empty: straight.
type wayBetween struct {
	From string `json:"from"`
	To   string `json:"to"`
	Key  string `json:"key"` // the property that makes it
	Now  string `json:"now"`
	Then string `json:"then"`
}

// ways compares how the components are connected now and when the migration is written.
func (o migrateOptions) ways(p *project.Project, m *deploy.Migration) []wayBetween {
	all := []wayBetween{}
	then, problems := o.source(m.File, m.After).Load()
	if problems.HasErrors() {
		then = p
	}
	by := map[[3]string]string{}
	for _, e := range engine.Wiring(then).Edges {
		by[[3]string{e.From, e.To, e.Label}] = e.By
	}
	for _, e := range engine.Wiring(p).Edges {
		all = append(all, wayBetween{From: e.From, To: e.To, Key: e.Label, Now: e.By, Then: by[[3]string{e.From, e.To, e.Label}]})
	}
	return all
}

// takenOver is what became of a change of the file in the app that ran then.
type takenOver struct {
	Supervised bool   `json:"supervised"`           // somebody looks after it, and answers
	Silent     int    `json:"silent,omitempty"`     // the pid of a supervisor that does not answer
	Generation int    `json:"generation,omitempty"` // that runs
	Error      string `json:"error,omitempty"`      // why it is not the new one
}

// reloadPatience is how long a running app may take to be what its file says.
const reloadPatience = time.Minute

// taken has the app that runs, if it does, take the file as it is now. It would by itself, but then nobody said how that went.
func (o migrateOptions) taken(ctx context.Context) *takenOver {
	a := appOptions{IO: o.IO, File: o.File}
	ctx, cancel := context.WithTimeout(ctx, reloadPatience)
	defer cancel()
	r, err := a.join(ctx)
	if err != nil {
		return nil // it does not run
	}
	defer r.close()
	var done engine.Reloaded
	err = r.control(ctx, engine.CallReload, []byte("{}"), &done)
	if err == nil {
		return &takenOver{Supervised: true, Generation: done.Generation, Error: done.Error}
	}
	if pid, held, lerr := r.app.Owner(); lerr == nil && held && !errors.Is(err, app.ErrNotRunning) {
		return &takenOver{Silent: pid.PID}
	}
	return &takenOver{}
}

// refused is the error of an app that runs on as it was.
func (t *takenOver) refused(quiet bool) error {
	switch {
	case t == nil || t.Error == "":
		return nil
	case quiet:
		return silent(exitFailed)
	}
	return failed(errors.New("the file was changed, but the running app goes on as it was: " + t.Error))
}

// tell says how the running app goes on.
func (o migrateOptions) tell(t *takenOver) {
	switch {
	case t == nil || t.Error != "":
	case t.Silent != 0:
		fmt.Fprintf(o.Err, "ww dev (pid %d) does not answer; the running app goes on as it was until it does\n", t.Silent)
	case !t.Supervised:
		fmt.Fprintf(o.Err, "nobody looks after the running app; it goes on as it was until somebody does: ww dev%s\n", o.named())
	default:
		fmt.Fprintf(o.Err, "the running app took it: generation %d\n", t.Generation)
	}
}

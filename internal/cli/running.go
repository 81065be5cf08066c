package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// controlPatience is how long a supervisor may take to answer. One that is stopped never does, and nobody needs it.
const controlPatience = 2 * time.Second

// askWait is how long a turn waits for a component that is not ready, before the caller looks whether anything of the app
// is left and asks again.
const askWait = 500 * time.Millisecond

// remakeWait is how long a run directory may be gone under a running app, which makes it again.
const remakeWait = 3 * time.Second

// appOptions are how a command names the app it is about.
type appOptions struct {
	IO
	File     string
	Instance string
}

// running is an app that runs, as another process sees it.
type running struct {
	o          appOptions
	app        app.App
	dir        string
	seat       *localbus.Peer
	owner      app.Owner
	supervised bool // somebody holds the app's lock
}

// find looks for the app without joining its bus.
func (o appOptions) find() (*running, error) {
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	r := &running{o: o, app: a}
	if r.owner, r.supervised, err = a.Owner(); err != nil {
		return nil, failed(err)
	}
	r.dir, err = a.RunDir()
	if errors.Is(err, app.ErrNotRunning) {
		return r, notRunning(o)
	}
	if err != nil {
		return r, failed(err)
	}
	if !r.alive() {
		return r, notRunning(o)
	}
	return r, nil
}

// join finds the app and takes a seat on its bus, from which calls wait as long as usual for a component that is
// restarting.
func (o appOptions) join(ctx context.Context) (*running, error) { return o.joinWaiting(ctx, 0) }

func (o appOptions) joinWaiting(ctx context.Context, wait time.Duration) (*running, error) {
	r, err := o.find()
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(remakeWait); ; {
		r.seat, err = localbus.Join(ctx, localbus.Options{
			Dir: r.dir, App: r.app.ID, Component: "chat", Role: localbus.RoleClient, TargetWait: wait,
		})
		switch {
		case err == nil:
			return r, nil
		case !errors.Is(err, fs.ErrNotExist) || !r.supervised || time.Now().After(end):
			return nil, failed(err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, failed(err)
		}
	}
}

func (r *running) close() {
	if r.seat != nil {
		_ = r.seat.Close() // a client leaves nothing behind
	}
}

// alive reports whether a supervisor or any component of the app is there.
func (r *running) alive() bool {
	if _, held, err := r.app.Owner(); err == nil && held {
		return true
	}
	return r.leased()
}

// leased reports whether any component of the app is there.
func (r *running) leased() bool {
	recs, err := localbus.Records(r.dir)
	if err != nil {
		return false
	}
	for _, rec := range recs {
		if rec.Alive && rec.Role == localbus.RoleComponent {
			return true
		}
	}
	return false
}

// client asks turns. It follows the app when a new supervisor takes over.
func (r *running) client() *turn.Client {
	return &turn.Client{Bus: r.seat, Alive: r.alive, Journaled: r.journaled}
}

// journaled looks for a turn in the journal of its acceptor, which may have forgotten all but its end. What cannot be read does not
// say that it is there.
func (r *running) journaled(t turn.Turn) (found bool) {
	_ = engine.ReadSessionOf(r.app.State, t.To, t.Session, func(rec *delivery.Record) error { // see above
		found = found || (rec.Kind == delivery.Turn || rec.Kind == delivery.End) && rec.Head.Turn == t.ID
		return nil
	})
	return found
}

// input is the component that takes the turns.
func (r *running) input(name string) (string, error) {
	d, err := r.app.Desired()
	if err != nil {
		return "", failed(err)
	}
	in, err := engine.PickInput(d, name)
	if err != nil {
		return "", &exitError{exitUsage, err}
	}
	return in, nil
}

// control asks the supervisor. ErrNotRunning: there is none; another error: it does not answer. One that holds the app's lock
// is there, whether its record is or not: it makes that again.
func (r *running) control(ctx context.Context, typ string, body []byte, answer any) error {
	for end := time.Now().Add(remakeWait); ; {
		err := r.controlNow(ctx, typ, body, answer)
		if !errors.Is(err, app.ErrNotRunning) || !r.supervised {
			return err
		}
		if _, held, lock := r.app.Owner(); lock != nil || !held {
			return err
		}
		if time.Now().After(end) {
			return errNoRecord
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return errNoRecord
		}
	}
}

func (r *running) controlNow(ctx context.Context, typ string, body []byte, answer any) error {
	recs, err := localbus.Records(r.dir)
	if err != nil {
		return err
	}
	for _, rec := range recs {
		if !rec.Alive || rec.Role != localbus.RoleControl {
			continue
		}
		m, err := r.seat.CallInstance(ctx, rec.Instance, event.Message{Header: event.Header{Type: typ}, Body: body}, nil)
		if err != nil {
			return err
		}
		if answer == nil {
			return nil
		}
		return json.Unmarshal(m.Body, answer)
	}
	return app.ErrNotRunning
}

// look is the app as its supervisor sees it, else as its components do. The second value says, in a line for people,
// why the supervisor was not the one.
func (r *running) look(ctx context.Context) ([]engine.Row, string, error) {
	asking, cancel := context.WithTimeout(ctx, controlPatience)
	defer cancel()
	var rows []engine.Row
	err := r.control(asking, engine.CallPS, nil, &rows)
	if err == nil {
		return rows, "", nil
	}
	if r.supervised && asking.Err() == nil && r.justDied(asking) {
		r.supervised = false
	}
	why := r.without(err)
	asking, cancel = context.WithTimeout(ctx, controlPatience)
	defer cancel()
	s, err := engine.Look(asking, r.app, r.dir, r.seat)
	if err != nil {
		return nil, why, failed(err)
	}
	return engine.Measured(ctx, engine.Rows(s, time.Now())), why, nil
}

// remarks are what there is to say of the app as a whole: that the files as they were saved are not what runs, and why, and
// what is not promised in its mode. None when nobody knows.
func (r *running) remarks(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, controlPatience)
	defer cancel()
	var s engine.Status
	if err := r.control(ctx, engine.CallStatus, nil, &s); err != nil {
		return nil
	}
	var all []string
	if s.Refused != "" {
		all = append(all, "the last reload failed: "+s.Refused)
	}
	if s.ModeNote != "" {
		all = append(all, s.Mode+": "+s.ModeNote)
	}
	return all
}

// without says why the supervisor does not answer.
func (r *running) without(err error) string {
	if r.supervised && !errors.Is(err, app.ErrNotRunning) {
		return fmt.Sprintf("ww dev (pid %d) does not answer; this is what the components say", r.owner.PID)
	}
	since := ""
	if at, err := r.app.LastSeen(); err == nil {
		since = " since " + took(time.Since(at))
	}
	return fmt.Sprintf("no supervisor%s: nothing is restarted; to look after it again: ww dev %s", since, r.o.File)
}

func notRunning(o appOptions) error {
	return &exitError{exitNotRunning, fmt.Errorf("%s is not running; start it with: ww dev %s", o.File, o.File)}
}

// unready lists what is not ready, in the words of ww ps. Of an instance that is being replaced one generation has to be
// ready; what somebody stopped is not waited for.
func unready(rows []engine.Row, supervised bool) []string {
	type place struct {
		name    string
		ordinal int
	}
	ready := map[place]bool{}
	for _, r := range rows {
		if r.State == state.Ready || r.State == state.Active || supervised && r.State == state.Stopped {
			ready[place{r.Name, r.Ordinal}] = true
		}
	}
	var names []string
	for _, r := range rows {
		if !ready[place{r.Name, r.Ordinal}] {
			names = append(names, fmt.Sprintf("%s (%s)", r.Name, r.State))
		}
	}
	return names
}

// refusal turns the errors of a turn into exit statuses.
func refusal(err error) int {
	var gone *turn.GoneError
	var refused *turn.RefusedError
	switch {
	case errors.As(err, &gone) && gone.Accepted:
		return exitPending
	case errors.As(err, &gone):
		return exitNotRunning
	case errors.As(err, &refused) && refused.Code == bus.Draining:
		return exitFailed
	}
	return exitFailed
}

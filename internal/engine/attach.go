package engine

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

const (
	attachedLook = 500 * time.Millisecond // between two looks at an app that somebody else supervises
	attachedWait = 2 * time.Second        // for its supervisor to answer
)

// ErrAppEnded says that nothing of an attached app is left.
var ErrAppEnded = errors.New("the app has ended")

// Attach joins an app that another process supervises. The faces work as on one's own: turns go to the app's inputs,
// orders to its supervisor. Serve it with RunAttached; its end ends nothing.
func Attach(ctx context.Context, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{o: o, began: time.Now(), attached: true}
	e.down, e.hurry = make(chan struct{}), make(chan struct{})
	e.living, e.end = context.WithCancel(context.WithoutCancel(ctx))
	e.current.Store(o.Project)
	d, err := o.App.Desired()
	if err != nil {
		return nil, err
	}
	e.wants = &wants{app: o.App, d: d}
	if e.dir, err = o.App.RunDir(); err != nil {
		return nil, err
	}
	e.seat, err = localbus.Join(ctx, localbus.Options{Dir: e.dir, App: o.App.ID, Component: "attach", Role: localbus.RoleClient, Log: o.Log})
	if err != nil {
		return nil, err
	}
	e.turns = &turn.Client{Bus: e.seat}
	e.hub = newHub(state.State{
		App: o.Project.Name, File: o.App.File, Dir: o.App.State, Session: turn.NewSession(), StartedAt: e.began, Generation: d.Generation,
	})
	if err := e.glance(ctx); err != nil {
		_ = e.seat.Close() // nothing was asked
		return nil, err
	}
	return e, nil
}

// RunAttached keeps the picture of an attached app until ctx ends or nothing of the app is left, which is ErrAppEnded.
func (e *Engine) RunAttached(ctx context.Context) error {
	defer e.seat.Close() //nolint:errcheck // a client has nothing to lose
	defer e.hub.close()
	defer e.end()
	hints := localbus.Watch(ctx, e.dir)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
		case <-time.After(attachedLook):
		}
		if err := e.glance(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// glance brings the picture up to date: by the supervisor, or by the components when there is none.
func (e *Engine) glance(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, attachedWait)
	defer cancel()
	var st Status
	err := e.control(asking, CallStatus, nil, &st)
	if err == nil {
		e.take(rowsAsState(st), st, true)
		return nil
	}
	looking, done := context.WithTimeout(ctx, attachedWait)
	defer done()
	s, err := Look(looking, e.o.App, e.dir, e.seat)
	if err != nil {
		return err
	}
	for i := range s.Components { // the picture keeps the last sign of life of those that do not answer
		if c := &s.Components[i]; c.PIDs.Runner != 0 && c.HeartbeatAt.IsZero() {
			c.HeartbeatAt = e.began // there was none since we look
		}
	}
	for _, c := range s.Components {
		if c.PIDs.Runner != 0 {
			e.take(s.Components, Status{Ready: true, StartedAt: e.began, ReadyMS: 1}, false)
			return nil
		}
	}
	return ErrAppEnded
}

// take emits what is new in a look.
func (e *Engine) take(now []state.Component, st Status, supervised bool) {
	old := e.Picture()
	var news []state.Event
	if old.Supervisor != supervised {
		news = append(news, state.Supervised{Present: supervised})
	}
	for _, c := range old.Components {
		if !hasInstance(now, c.Name, c.Instance) {
			news = append(news, state.ComponentRemoved{Name: c.Name, Instance: c.Instance})
		}
	}
	for _, c := range now {
		news = append(news, state.ComponentChanged{Component: c})
	}
	for _, b := range st.Beats {
		news = append(news, state.Heartbeat{Name: b.Name, Instance: b.Instance, At: time.Now().Add(-time.Duration(b.AgeMS) * time.Millisecond), Health: b.Health})
	}
	if supervised {
		news = append(news, saidOfFiles(old, st)...)
	}
	if st.Ready && !old.Ready {
		news = append(news, state.AppReady{At: old.StartedAt.Add(time.Duration(st.ReadyMS) * time.Millisecond)})
	}
	if len(st.Faults)+len(old.Faults) > 0 {
		news = append(news, state.Faulted{List: st.Faults})
	}
	if st.Stopping && !old.Stopping {
		news = append(news, state.Stopping{})
	}
	if d, err := e.o.App.Desired(); err == nil && d.Generation != old.Generation {
		if p, problems := e.o.Project.Again(e.o.App.File); !problems.HasErrors() { // what it is connected like now
			e.use(p)
		}
		news = append(news, state.Reloaded{Generation: d.Generation})
	}
	e.hub.emit(news...)
}

// saidOfFiles is what a supervisor has said of reloads and of the files since the last look.
func saidOfFiles(old state.State, st Status) (news []state.Event) {
	if st.Mode != "" && (st.Mode != old.Mode || st.ModeNote != old.ModeNote) {
		news = append(news, state.ModeChanged{Mode: st.Mode, Note: st.ModeNote})
	}
	if st.Plan != old.Plan {
		news = append(news, state.Planned{Plan: st.Plan})
	}
	if st.Notice != old.Notice {
		news = append(news, state.Notice{Text: st.Notice})
	}
	if len(st.Problems)+len(old.Diagnostics) > 0 && !reflect.DeepEqual(st.Problems, old.Diagnostics) {
		news = append(news, state.Diagnosed{List: st.Problems, Sources: st.Sources})
	}
	return news
}

func hasInstance(all []state.Component, name, instance string) bool {
	for _, c := range all {
		if c.Name == name && c.Instance == instance {
			return true
		}
	}
	return false
}

// rowsAsState is what a supervisor says of its components, as a picture has it.
func rowsAsState(st Status) []state.Component {
	now := time.Now()
	all := make([]state.Component, 0, len(st.Rows))
	for _, r := range st.Rows {
		c := state.Component{
			Name: r.Name, Instance: r.Instance, Ordinal: r.Ordinal, Kind: r.Kind, Type: r.Type, State: r.State, PIDs: r.PIDs,
			Generation: r.Generation, Restarts: r.Restarts, InFlight: r.Load.InFlight, Max: r.Load.Max, SuccessRate: r.SuccessRate,
			Reason: r.Reason, Exit: r.Exit, LastDeath: r.LastDeath,
			Usage: state.Usage{CPU: r.CPU, Memory: r.PSS, Threads: r.Threads, Files: r.Files, Processes: r.Processes},
		}
		if r.HeartbeatAgeMS >= 0 {
			c.HeartbeatAt = now.Add(-time.Duration(r.HeartbeatAgeMS) * time.Millisecond)
		}
		if r.NextStartMS > 0 {
			c.NextStart = now.Add(time.Duration(r.NextStartMS) * time.Millisecond)
		}
		all = append(all, c)
	}
	return all
}

// control asks the supervisor of an attached app.
func (e *Engine) control(ctx context.Context, typ string, body []byte, answer any) error {
	recs, err := localbus.RecordsOf(e.dir, controlName)
	if err != nil {
		return err
	}
	for _, r := range recs {
		if !r.Alive || r.Role != localbus.RoleControl {
			continue
		}
		m, err := e.seat.CallInstance(ctx, r.Instance, event.Message{Header: event.Header{Type: typ}, Body: body}, nil)
		if err != nil || answer == nil {
			return err
		}
		return json.Unmarshal(m.Body, answer)
	}
	return app.ErrNotRunning
}

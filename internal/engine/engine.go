// Package engine runs a project on this machine: it is the only package that knows the others.
//
// [Open] takes the app's lock, ends what a killed supervisor left and joins the bus; [Engine.Run] starts every
// component, watches them and stops them in order. Nothing here is in the way of a message: components find and call
// each other, and go on doing so when the engine is stopped or killed.
//
// One goroutine (fleet.go) owns what is known of the components. It learns from the supervisor, from the records that
// the runners publish and from their answers to pings; what changes leaves as [state.Event] values through the hub, in
// which every reader has a mailbox of its own.
package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/metrics"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/trust"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/internal/usage"
	"github.com/woodwork-lang/ww/internal/watch"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// Options say what to run, and how.
type Options struct {
	Project  *project.Project
	App      app.App // from app.Identify
	Env      func(string) (string, bool)
	Environ  []string // of the components
	Detached bool     // the components go on without us
	Resume   bool     // what is left over goes on however old it is
	Watched  bool     // a person looks at it, so that loads are asked for more often
	Timing   Timing
	Replay   *component.Replay // turns are answered from a recording; nil: everything runs
	Seed     *uint32           // of what is chance, where it can be told; nil: it is chance
	Version  string
	Debug    *component.Debug // a Python file that a person debugs; nil: none
	// Trusted says why commands that a reload would start for the first time may not be started; nil: all may.
	Trusted func(p *project.Project, asks []trust.Command) error
	Log     *slog.Logger // nil: nothing is logged
	// Say tells the person one line before there is a face.
	Say func(string)
}

// Engine runs one project. Make one with Open, call Run once.
type Engine struct {
	o     Options
	told  Timing // as the run was told, without defaults
	lock  *app.Lock
	dir   string // of the sockets
	nonce string // marks every process of the app, also those that an earlier supervisor started
	began time.Time
	heirs []heir
	// attached: another process supervises the app; only the seat, the hub and what is wanted are there.
	attached bool
	seating
	parts
	ends
	// changes has room for one: whoever put something there may change what runs.
	changes  chan struct{}
	content  content // touched only by who may change what runs
	rolls    rolls
	practice chaos
}

// content is what the files were when they were read last.
type content struct {
	files  map[string]string // that the app runs: hashes by path
	broken string            // that could not be run: not tried again before something changes
	taken  string            // that the last reload took, whatever went back to its last generation since
	tried  []string          // the files that the last attempt needed
}

// seating is the engine's place among the components.
type seating struct {
	seat  *localbus.Peer
	turns *turn.Client
	ask   asker
}

// parts are what the engine is made of.
type parts struct {
	current atomic.Pointer[project.Project]
	news    chan struct{}          // has room for one: there is another project
	refused atomic.Pointer[string] // why the files as they are now are not what runs
	wants   *wants
	os      *supervisor.OS
	sup     *supervisor.Supervisor
	starts  *starter
	hub     *hub
	fleet   *fleet
	watcher *watch.Watcher
	meter   usage.Meter
	set     *metrics.Set // what the supervisor counts of its components
	tally   *tally       // where its numbers and theirs are kept
}

// ends are the ways in which a run comes to its end.
type ends struct {
	living context.Context // ends when nothing of the app is alive
	end    context.CancelFunc
	down   chan struct{} // closed when somebody asks for the end over the bus
	downed sync.Once
	hurry  chan struct{} // closed when the person does not want to wait
	hurrys sync.Once
	// undrained: turns may be left that have no end.
	undrained bool
}

// Open takes everything that a run needs and that can be refused: the lock, the directories, a seat on the bus. With an
// error nothing is left behind. *app.HeldError says that the app runs already, *localbus.DirError that its sockets have
// no place.
func Open(ctx context.Context, o Options) (_ *Engine, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	told := o.Timing
	o.Timing = o.Timing.withDefaults()
	e := &Engine{o: o, told: told, nonce: strings.ToLower(rand.Text()), began: time.Now(), changes: make(chan struct{}, 1)}
	e.news = make(chan struct{}, 1)
	e.down, e.hurry = make(chan struct{}), make(chan struct{})
	e.living, e.end = context.WithCancel(context.WithoutCancel(ctx))
	e.current.Store(o.Project)
	if e.o.App, err = o.App.Open(o.Env); err != nil {
		return nil, err
	}
	if e.o.App.Note != "" {
		o.Say(e.o.App.Note)
	}
	if e.lock, err = e.o.App.Lock(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.close(e.lock.Last)
		}
	}()
	if err = e.settle(ctx); err != nil {
		return nil, err
	}
	return e, e.assemble(ctx)
}

// settle finds the place of the sockets, keeps of an earlier run what is to be adopted and ends the rest.
func (e *Engine) settle(ctx context.Context) error {
	if err := e.inherit(ctx); err != nil {
		return err
	}
	if err := e.lock.Write(app.Owner{PID: os.Getpid(), Start: e.began, Nonce: e.nonce}); err != nil {
		return err
	}
	return e.o.App.SetRunDir(e.dir)
}

func missing(dir string) bool {
	_, err := os.Stat(dir)
	return errors.Is(err, fs.ErrNotExist)
}

// project is what runs now.
func (e *Engine) project() *project.Project { return e.current.Load() }

// use makes p what runs now.
func (e *Engine) use(p *project.Project) {
	was := e.current.Swap(p)
	if mode, note := Mode(p), ModeNote(p); e.hub != nil && was != nil && (mode != Mode(was) || note != ModeNote(was)) {
		e.hub.emit(state.ModeChanged{Mode: mode, Note: note})
	}
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// assemble makes the parts. Nothing is started yet.
func (e *Engine) assemble(ctx context.Context) (err error) {
	if e.os, err = supervisor.NewOS(supervisor.OSOptions{Tag: e.nonce, OwnOrphans: e.adopts()}); err != nil {
		return err
	}
	e.starts = newStarter(e.os)
	e.sup = supervisor.New(supervisor.Options{Starter: e.starts})
	e.starts.ending = e.sup.Ending
	e.hub, e.set = newHub(e.picture()), metrics.New()
	e.tally = newTally(e.o.App.State)
	e.fleet = newFleet(e)
	e.watcher = watch.New(watch.Options{Settle: e.o.Timing.Settle, Warn: e.notice})
	e.seat, err = localbus.Join(ctx, localbus.Options{
		Dir: e.dir, App: e.o.App.ID, Component: controlName, Role: localbus.RoleControl,
		Receiver: (*control)(e), Log: e.o.Log,
	})
	if err != nil {
		return err
	}
	e.turns = &turn.Client{Bus: e.seat}
	e.openTally(len(e.heirs) > 0)
	return e.seat.Announce(localbus.Record{State: localbus.StateReady, Version: e.o.Version, RegisteredAt: e.began})
}

// adopts makes this process the one that inherits what the components leave behind, so that it can end it. As process 1
// it inherits everybody's orphans anyway, and must not touch them.
func (e *Engine) adopts() bool {
	if os.Getpid() == 1 {
		return false
	}
	err := supervisor.Subreaper()
	if err != nil {
		e.o.Log.Debug("not a subreaper; strays are found by their mark", "error", err)
	}
	return err == nil
}

// picture is what is known before anything runs.
func (e *Engine) picture() state.State {
	s := state.State{
		App: e.o.Project.Name, File: e.o.App.File, Dir: e.o.App.State, Session: turn.NewSession(),
		StartedAt: e.began, Generation: e.wants.now().Generation, Supervisor: true, Mode: Mode(e.o.Project), ModeNote: ModeNote(e.o.Project),
	}
	for _, c := range e.o.Project.Components {
		s.Apply(state.ComponentChanged{Component: state.Component{Name: c.Name, Kind: c.Kind, Type: c.Type, State: state.Starting, Generation: s.Generation, SuccessRate: 1}})
	}
	return s
}

// close gives back what Open took, and writes down whose processes may be left: nobody's after an orderly end.
func (e *Engine) close(left app.Owner) {
	e.end()
	if e.seat != nil {
		_ = e.seat.Close() // its files go with the run directory
	}
	if e.os != nil {
		e.os.Close()
	}
	_ = e.lock.Write(left) // an old owner misleads nobody: who holds the lock is asked first
	_ = e.lock.Close()     // the process ends, or there was an error that counts more
}

// Picture is what is known now.
func (e *Engine) Picture() state.State { return e.hub.picture() }

// Subscribe implements tui.Backend.
func (e *Engine) Subscribe(ctx context.Context) (state.State, <-chan []state.Event) {
	return e.hub.subscribe(ctx)
}

// Behind is the names of the components that an input's turns may reach.
func (e *Engine) Behind(input string) []string { return e.project().Chain(input) }

// Logs is the directory of the components' log files.
func (e *Engine) Logs() string { return e.o.App.Logs() }

// Down is closed when somebody asks over the bus that the app ends.
func (e *Engine) Down() <-chan struct{} { return e.down }

// Hurry is the second Ctrl-C: everything is killed at once.
func (e *Engine) Hurry() {
	e.hurrys.Do(func() {
		close(e.hurry)
		if !e.attached {
			e.sup.KillAll()
		}
	})
}

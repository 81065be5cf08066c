package engine

import (
	"encoding/json"
	"path/filepath"
	"runtime"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// firstGeneration is what a fresh start runs.
const firstGeneration = 1

// Place is where a component runs.
type Place struct {
	App    app.App
	RunDir string
	Tag    string
}

// Lower turns a component of a project into what its runner needs.
func Lower(p *project.Project, c project.Component, at Place) component.Spec {
	spec := component.Spec{
		V: component.SpecVersion,
		App: component.App{
			ID: at.App.ID, Name: p.Name, File: at.App.File, Dir: at.App.Dir,
			StateDir: at.App.State, RunDir: at.RunDir, Tag: at.Tag,
			Recording: recording(p.Settings), SessionTTL: sessionTTL(p.Settings),
		},
		Name: c.Name, Kind: c.Kind, Type: c.Type,
		Instance: localbus.NewInstance(c.Name), Generation: firstGeneration,
		Config: c.Config, To: []component.Target{}, Acceptor: accepts(c), Innocent: true,
	}
	for _, name := range c.To {
		next, _ := p.Component(name)
		spec.To = append(spec.To, component.Target{Name: name, Kind: next.Kind})
	}
	return spec
}

func recording(settings map[string]any) string {
	how, _ := settings["recording"].(string)
	return how
}

func sessionTTL(settings map[string]any) time.Duration {
	s, _ := settings["session_ttl"].(float64)
	return time.Duration(s * float64(time.Second))
}

// accepts reports whether a component takes turns from faces.
func accepts(c project.Component) bool { return c.Kind == "input" }

// specs is every component of the project as its runner sees it.
func (e *Engine) specs() map[string]component.Spec {
	specs := make(map[string]component.Spec, len(e.o.Project.Components))
	secrets := e.o.Project.Secrets(e.o.Environ)
	for _, c := range e.o.Project.Components {
		s := Lower(e.o.Project, c, Place{App: e.o.App, RunDir: e.dir, Tag: e.nonce})
		s.Detached, s.Timing, s.Secrets = e.o.Detached, e.o.Timing.Timing, secrets
		specs[c.Name] = s
	}
	return specs
}

// process is the component as the supervisor sees it. The configuration is added at each start.
func (e *Engine) process(c project.Component) supervisor.Spec {
	return supervisor.Spec{
		Name: c.Name,
		Path: Executable(),
		Argv: []string{"ww", "component", c.Name},
		Dir:  e.o.App.Dir,
		Env:  e.o.Environ,
		// A runner outlives the supervisor on purpose; its lifeline tells it when to end.
		KillWithUs: false,
		LogPath:    filepath.Join(e.o.App.Logs(), c.Name+".log"),
		Policy:     supervisor.Policy{Grace: e.o.Timing.Grace, ReadyTimeout: e.o.Timing.Ready},
	}
}

// Executable is this program, also when its file was deleted: go run does that to a detached app.
func Executable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	return ownPath()
}

// desired is what is wanted of the app from now on.
func desired(o Options) app.Desired {
	p := o.Project
	d := app.Desired{Generation: firstGeneration, Name: p.Name, File: o.App.File, Hash: p.Hash, Detached: o.Detached}
	for _, c := range p.Components {
		d.Components = append(d.Components, app.Wanted{Name: c.Name, Kind: c.Kind, Type: c.Type, Replicas: 1, Acceptor: accepts(c), To: c.To})
	}
	return d
}

func encode(s component.Spec) ([]byte, error) { return json.Marshal(s) }

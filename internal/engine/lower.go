package engine

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/httpinput"
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
	c = p.Given(c)
	hops, _ := c.Int("max_hops")
	spec := component.Spec{
		V: component.SpecVersion,
		App: component.App{
			ID: at.App.ID, Name: p.Name, File: at.App.File, Dir: at.App.Dir,
			StateDir: at.App.State, RunDir: at.RunDir, Tag: at.Tag,
			Recording: recording(p.Settings), SessionTTL: sessionTTL(p.Settings),
		},
		Name: c.Name, Kind: c.Kind, Type: c.Type,
		Instance: localbus.NewInstance(c.Name), Generation: firstGeneration,
		Config: c.Config, Calls: calls(p, c.Name), To: []component.Target{}, Acceptor: accepts(c), Innocent: true,
		Durability: c.Text("durability"), MaxHops: hops,
	}
	if c.Config["input_events"] != nil {
		spec.Kinds = map[string]string{}
		for _, other := range p.Components {
			spec.Kinds[other.Name] = other.Kind
		}
	}
	listen(p, c, &spec)
	if by := p.ByWay(c); len(by) > 0 {
		spec.Master, spec.Central = p.Master(), by
	}
	if spec.Acceptor {
		spec.Reach = reach(p, c)
	}
	for _, name := range c.To {
		next, _ := p.Component(name)
		spec.To = append(spec.To, component.Target{Name: name, Kind: next.Kind})
	}
	return spec
}

// manyCalls is how many calls one caller makes at a time to a component that mostly waits for others.
const manyCalls = 200

// waits reports whether components of a kind mostly wait, for a service, a tool or user code, and so do much at once.
func waits(kind string) bool {
	switch kind {
	case "agent", "llm", "api", "memory", "knowledge_base", "mcp":
		return true
	}
	return false
}

// calls is how the other components say that they are called.
func calls(p *project.Project, caller string) map[string]component.CallPolicy {
	var all map[string]component.CallPolicy
	for _, c := range p.Components {
		policy := component.PolicyOf(c.Config)
		if policy.Concurrent == 0 && waits(c.Kind) {
			policy.Concurrent = manyCalls
		}
		if c.Name == caller || policy == (component.CallPolicy{}) {
			continue
		}
		if all == nil {
			all = map[string]component.CallPolicy{}
		}
		all[c.Name] = policy
	}
	return all
}

// listen adds the hooks and pipes of the app, and the Python files that this component runs for it.
func listen(p *project.Project, c project.Component, spec *component.Spec) {
	owners := p.Owners()
	for _, door := range p.Doors() {
		for _, name := range httpinput.Told() {
			spec.Listeners = append(spec.Listeners, component.Listener{Event: name, Owner: door})
		}
	}
	if len(owners) == 0 {
		return
	}
	spec.Owners = owners
	for _, l := range p.Listeners() {
		spec.Listeners = append(spec.Listeners, component.Listener{
			Event: l.Event, Pipe: l.Pipe, File: l.File, Function: l.Function, Owner: owners[l.File],
		})
	}
	for _, file := range slices.Sorted(maps.Keys(owners)) {
		if owners[file] == c.Name {
			spec.Files = append(spec.Files, file)
		}
	}
	if len(spec.Files) > 0 {
		spec.Variables = make(map[string]string, len(p.Env))
		for name, value := range p.Env {
			spec.Variables[name] = string(value)
		}
	}
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

// spec is what the runner of a unit needs.
func (e *Engine) spec(p *project.Project, c project.Component, u unit, ordinals []int) component.Spec {
	s := Lower(p, c, Place{App: e.o.App, RunDir: e.dir, Tag: e.nonce})
	s.Ordinal, s.Generation, s.Share = u.ordinal, u.generation, ordinals
	s.App.Resume, s.App.Replay, s.App.Seed = e.o.Resume, e.o.Replay, e.o.Seed
	if !e.o.Resume && len(e.heirs) == 0 {
		s.App.StaleBefore = e.began.Add(-e.o.Timing.Stale)
	}
	if e.o.Debug != nil && slices.Contains(s.Files, e.o.Debug.File) {
		s.Debug = e.o.Debug
	}
	s.Detached, s.Timing, s.Secrets = e.o.Detached, e.timing(c).Timing, p.Secrets(e.o.Environ)
	return s
}

// process is a unit as the supervisor sees it. The configuration is added at each start.
func (e *Engine) process(c project.Component, u unit, d duty) supervisor.Spec {
	return supervisor.Spec{
		Name: u.String(),
		Path: Executable(),
		Argv: []string{"ww", "component", u.shown()},
		Dir:  e.o.App.Dir,
		Env:  e.o.Environ,
		// A runner outlives the supervisor on purpose; its lifeline tells it when to end.
		KillWithUs: false,
		LogPath:    filepath.Join(e.o.App.Logs(), c.Name+".log"),
		Policy:     e.policy(c, d),
	}
}

// policy is how the instances of a component are restarted. One that does not serve is not.
func (e *Engine) policy(c project.Component, d duty) supervisor.Policy {
	t := e.timing(c)
	p := supervisor.Policy{Grace: t.Grace, ReadyTimeout: t.Ready}
	switch how := c.Text("restart"); {
	case d != serving || how == "never":
		p.Never = true
	case how == "always":
		p.Always = true
	}
	return p
}

// timing is that of a component: what the run was told counts more than what the file says.
func (e *Engine) timing(c project.Component) Timing {
	t, told := e.o.Timing, e.told
	c = e.project().Given(c)
	set := func(field *time.Duration, told time.Duration, key string) {
		if d, ok := c.Duration(key); ok && d > 0 && told == 0 {
			*field = d
		}
	}
	set(&t.Ready, told.Ready, "ready_timeout")
	set(&t.Drain, told.Drain, "drain_timeout")
	set(&t.TurnTimeout, told.TurnTimeout, "turn_timeout")
	set(&t.Delivery, told.Delivery, "delivery_ttl")
	set(&t.Heartbeat, told.Heartbeat, "heartbeat_interval")
	set(&t.HangAfter, told.HangAfter, "hang_after")
	set(&t.Silent, told.Silent, "component_timeout")
	set(&t.Lease, told.Lease, "component_ttl")
	return t
}

// Executable is this program, also when its file was deleted: go run does that to a detached app.
func Executable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	return ownPath()
}

func encode(s component.Spec) ([]byte, error) { return json.Marshal(s) }

// timingOf is timing of the component with this name.
func (e *Engine) timingOf(name string) Timing {
	c, _ := e.project().Component(name)
	return e.timing(c)
}

// defaultCleanup is how often what the dead have left is swept.
const defaultCleanup = time.Minute

func cleanup(settings map[string]any) time.Duration {
	if s, _ := settings["cleanup_interval"].(float64); s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	return defaultCleanup
}

// reach is every component that a turn of an input may pass, nearest first.
func reach(p *project.Project, input project.Component) []string {
	seen := map[string]bool{input.Name: true}
	var all []string
	for next := input.To; len(next) > 0; {
		var after []string
		for _, name := range next {
			c, ok := p.Component(name)
			if !ok || seen[name] {
				continue
			}
			seen[name] = true
			all, after = append(all, name), append(after, c.To...)
		}
		next = after
	}
	return all
}

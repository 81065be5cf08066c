// Package httpinput is `input api`: an HTTP and WebSocket door to the app. docs/reference/input_api.md is for whoever
// knocks.
package httpinput

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/handover"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/property"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

const (
	defaultPort = 8000
	defaultHost = "127.0.0.1"
	inputPath   = "/input"
)

// Told are the events that a door passes on to those who are connected.
func Told() []string {
	return []string{
		events.InputReceived, events.AgentResponse, events.Thought, events.Action, events.ToolCall, events.Observation,
		events.StepComplete, events.AgentError,
	}
}

// settings are the properties of a door.
type settings struct {
	host     string
	port     int
	endpoint string // of the WebSocket
	token    string // empty: nobody is asked for one
	origins  []string
	routes   map[string]string // path of a POST to the component that answers it
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	var s settings
	var errHost, errPort, errEndpoint, errToken, errOrigins, errRoutes error
	s.host, errHost = v.Text("host", defaultHost)
	s.port, errPort = v.Int("port", defaultPort)
	s.endpoint, errEndpoint = v.Text("endpoint", inputPath)
	s.token, errToken = v.Text("token", "")
	s.origins, errOrigins = v.Texts("allow_origins")
	s.routes, errRoutes = routes(v)
	if err := errors.Join(errHost, errPort, errEndpoint, errToken, errOrigins, errRoutes); err != nil {
		return nil, err
	}
	switch {
	case s.port > 65535:
		return nil, errNoPort(s.port)
	case s.token == "" && !loopback(s.host):
		return nil, errOpen(s.host)
	}
	s.endpoint = "/" + strings.TrimLeft(s.endpoint, "/")
	return &door{settings: s, name: spec.Name, sockets: map[*socket]bool{}}, nil
}

// routes reads the paths and the components that they name.
func routes(v property.Values) (map[string]string, error) {
	dict, err := v.Dictionary("routes")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for path, to := range dict {
		name, ok := to.(string)
		if !ok || name == "" {
			return nil, errRoute(path)
		}
		all["/"+strings.TrimLeft(path, "/")] = name
	}
	return all, nil
}

// A door is one instance.
type door struct {
	settings
	name     string
	env      component.Env
	listener *handover.Listener
	server   *http.Server
	ctx      context.Context // of what waits for turns
	cancel   context.CancelFunc
	serving  sync.WaitGroup
	coming   arrivals
	accepted chan struct{} // closed: no connection comes any more, and the server knows of all

	mu      sync.Mutex
	sockets map[*socket]bool
	closed  bool
	told    int // events that were passed on
	turns   int
}

func (d *door) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	d.env = env
	address := net.JoinHostPort(d.host, strconv.Itoa(d.port))
	l, err := handover.Listen(ctx, handover.Share{
		Dir: shared(env.Spec.App.RunDir), Component: d.name, Instance: env.Spec.Instance, Address: address,
	})
	if err != nil {
		return component.Traits{}, errListen(d.port, address, err)
	}
	d.listener = l
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.server = &http.Server{
		Handler: d.guarded(d.mux()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	d.coming.watch(d.server)
	d.accepted = make(chan struct{})
	d.serving.Go(func() {
		defer close(d.accepted)
		if err := d.server.Serve(l.Listener); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			env.Fatal(1, fmt.Errorf("the door on %s: %w", l.Addr(), err))
		}
	})
	how := "open"
	if l.Given {
		how = "handed over"
	}
	env.Log.Info("listening", "url", "http://"+l.Addr().String()+inputPath, "socket", how, "token", d.token != "")
	return component.Traits{Inline: true, Capabilities: []string{"text", "http", "websocket"}}, nil
}

// shared is where the instances find each other; an app without a run directory shares nothing.
func shared(runDir string) string {
	if runDir == "" {
		return ""
	}
	return filepath.Join(runDir, "d")
}

// Handle passes the text on untouched.
func (d *door) Handle(_ context.Context, t component.Task) (component.Result, error) {
	return component.Result{ContentType: t.ContentType, Body: t.Body}, nil
}

// Answer takes the events of the app.
func (d *door) Answer(_ context.Context, q component.Question) (component.Result, error) {
	if q.Type != events.TypeHook {
		return component.Result{}, fmt.Errorf("%s (input api) does not answer %s", d.name, q.Type)
	}
	var e events.Delivery
	if err := json.Unmarshal(q.Body, &e); err != nil {
		return component.Result{}, err
	}
	d.tell(e)
	return component.Result{ContentType: tool.Text}, nil
}

// How long requests that wait for a turn may go on when the door closes.
const (
	lastQuestions = 250 * time.Millisecond // to arrive, on connections that were accepted
	lastAnswers   = 2 * time.Second
	lastWords     = time.Second // to say that it does
)

func (d *door) Close(ctx context.Context) error {
	if d.server == nil {
		return nil
	}
	d.mu.Lock()
	d.closed = true
	open := slices.Collect(maps.Keys(d.sockets))
	d.mu.Unlock()
	for _, s := range open {
		s.leave()
	}
	closed := ignoreClosed(d.listener.Close())
	<-d.accepted // before the server counts its connections: one that was accepted just now is among them
	d.heard(ctx)
	patient, cancel := context.WithTimeout(ctx, lastAnswers)
	defer cancel()
	err := d.server.Shutdown(patient)
	d.cancel()
	if err != nil { // the rest is told that its turn goes on without it
		err = nil
		again, cancel := context.WithTimeout(ctx, lastWords)
		defer cancel()
		if d.server.Shutdown(again) != nil {
			err = d.server.Close() // connections on which nothing was asked yet
		}
	}
	d.serving.Wait()
	return errors.Join(err, closed)
}

// heard returns when what was being asked is in a handler.
func (d *door) heard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastQuestions)
	defer cancel()
	d.coming.wait(ctx)
}

// ignoreClosed: the server has closed the socket, and the offer of it is what was left.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

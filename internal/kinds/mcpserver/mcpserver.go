// Package mcpserver is `mcp server`: the tools of a server that speaks the Model Context Protocol, as tools of agents. The
// server is a process below this component, or somewhere behind an address.
package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

const (
	// alive is how often a caller hears that a call still runs; within a short limit, three times.
	alive = 5 * time.Second
	// firstWait is how long the component waits for its server before it is ready without it.
	firstWait = 10 * time.Second
	// describeWait is how long an agent that asks for the tools waits for a server that starts.
	describeWait = 5 * time.Second
	concurrent   = 200
)

type server struct {
	config config
	spec   component.Spec
	env    component.Env
	tell   *events.Teller
	keeper *keeper
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	c, err := read(spec)
	if err != nil {
		return nil, err
	}
	return &server{config: c, spec: spec}, nil
}

// Start connects. A command that cannot be started fails the start; a server that does not answer yet is tried again
// beside the work, and the tools say so meanwhile.
func (s *server) Start(ctx context.Context, env component.Env) (component.Traits, error) {
	if err := script.Subreaper(); err != nil {
		env.Log.Warn("orphans of the server cannot be adopted", "error", err)
	}
	s.env, s.tell = env, events.New(env)
	s.keeper = newKeeper(s.config, s.spec, env, s.emit)
	ctx, cancel := context.WithTimeout(ctx, firstWait)
	defer cancel()
	_, err := s.keeper.session(ctx)
	if start := (*script.StartError)(nil); errors.As(err, &start) {
		return component.Traits{}, start
	}
	if err != nil {
		env.Log.Warn("the MCP server is not there yet", "server", s.config.shown(), "error", err)
	}
	return component.Traits{SideEffects: true, MaxConcurrent: concurrent, Capabilities: []string{"functions", "mcp"}}, nil
}

// Handle calls a tool in a chain: the text is a call as agents write it, as JSON.
func (s *server) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	return s.call(ctx, events.Turn{ID: t.Turn, Session: t.Session, Acceptor: t.Acceptor, Ask: t.Ask}, tool.ParseCall(t.Body))
}

// Answer implements component.Answerer.
func (s *server) Answer(ctx context.Context, q component.Question) (component.Result, error) {
	done := make(chan struct{})
	defer close(done)
	if q.Chunk != nil {
		go func() {
			tick := time.NewTicker(max(time.Millisecond, min(alive, s.config.timeout/3)))
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					q.Chunk("")
				case <-done:
					return
				}
			}
		}()
	}
	return s.call(ctx, events.Turn{ID: q.Turn, Session: q.Session, Acceptor: q.Acceptor, Ask: q.Ask}, tool.ParseCall(q.Body))
}

func (s *server) call(ctx context.Context, turn events.Turn, c tool.Call) (component.Result, error) {
	wait, cancel := context.WithTimeout(ctx, s.config.timeout)
	l, err := s.keeper.session(wait)
	cancel()
	if err != nil {
		return component.Result{}, errNotThere(s.config.shown(), err)
	}
	functions := l.functions()
	if !slices.ContainsFunc(functions, func(f tool.Function) bool { return f.Name == c.Action }) {
		return tool.UnknownFunction(c.Action, functions), nil
	}
	return l.call(ctx, turn, c)
}

// Describe implements component.Describer.
func (s *server) Describe(ctx context.Context) (component.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, describeWait)
	defer cancel()
	l, err := s.keeper.session(ctx)
	if err != nil {
		return tool.Description{Type: "mcp_server", Problem: errNotThere(s.config.shown(), err).Error()}.Result()
	}
	return l.description().Result()
}

// emit tells an event: whoever watches the bus hears of it, and hooks.
func (s *server) emit(session, name string, fields map[string]any) {
	if s.env.Emit != nil {
		if raw, err := json.Marshal(fields); err == nil {
			s.env.Emit(session, name, raw)
		}
	}
	if !s.tell.Wanted(name) {
		return
	}
	if _, err := s.tell.Hear(session, name, fields); err != nil {
		s.env.Log.Warn("an event was not told", "event", name, "error", err)
	}
}

func (s *server) Close(ctx context.Context) error {
	if s.keeper != nil {
		s.keeper.close(ctx)
	}
	if s.tell != nil {
		s.tell.Close(ctx)
	}
	return nil
}

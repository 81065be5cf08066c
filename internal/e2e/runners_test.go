package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// runners is an app without a supervisor: the test starts every component itself, gives the orders that a supervisor
// would give, and kills what it likes.
type runners struct {
	*project
	app  string
	dir  string // run directory
	seat *localbus.Peer
	line *os.File // whose end is the supervisor's death
	held *os.File
	up   map[string]*exec.Cmd // by instance
}

func newRunners(t *testing.T) *runners {
	t.Helper()
	p := newProject(t, hello)
	t.Setenv("WW_RUN_DIR", p.run)
	r := &runners{project: p, app: "0123abcd", up: map[string]*exec.Cmd{}}
	if err := os.MkdirAll(filepath.Join(p.dir, ".ww", r.app, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.dir, err = localbus.OpenRunDir(r.app); err != nil {
		t.Fatal(err)
	}
	if r.held, r.line, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range r.up {
			_ = c.Process.Kill()
			_ = c.Wait() // killed: it has no status to look at
		}
		r.held.Close()
		r.line.Close()
	})
	r.seat, err = localbus.Join(t.Context(), localbus.Options{Dir: r.dir, App: r.app, Component: "ww", Role: localbus.RoleControl})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.seat.Close() })
	return r
}

// spec is a component as a supervisor would lower it.
func (r *runners) spec(name string, to ...string) component.Spec {
	s := component.Spec{
		V: component.SpecVersion, Name: name, Instance: localbus.NewInstance(name), Generation: 1, Innocent: true,
		App: component.App{
			ID: r.app, Name: "main", File: filepath.Join(r.project.dir, "main.ww"), Dir: r.project.dir,
			StateDir: filepath.Join(r.project.dir, ".ww", r.app), RunDir: r.dir,
		},
		Timing: component.Timing{
			Heartbeat: 200 * time.Millisecond, RefuseAfter: 300 * time.Millisecond, KillAfter: 600 * time.Millisecond,
			Takeover: 500 * time.Millisecond, Drain: 2 * time.Second,
		},
	}
	for _, next := range to {
		s.To = append(s.To, component.Target{Name: next})
	}
	switch name {
	case "you":
		s.Kind, s.Type, s.Acceptor = "input", "command_line", true
	case "brain":
		s.Kind, s.Type, s.Config = "llm", "scripted", map[string]any{"script": "brain.script"}
	default:
		s.Kind, s.Type = "output", "console"
	}
	return s
}

// launch starts a component and waits until its record says that it is ready.
func (r *runners) launch(s component.Spec) component.Spec {
	r.t.Helper()
	config := filepath.Join(r.project.run, s.Instance)
	b, err := json.Marshal(s)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(config, b, 0o600); err != nil {
		r.t.Fatal(err)
	}
	f, err := os.Open(config)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	c := r.command("component", s.Name)
	c.ExtraFiles = []*os.File{f, r.held}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.up[s.Instance] = c
	r.until(s.Instance+" is ready", func() bool { return r.record(s.Instance).State == localbus.StateReady })
	return s
}

func (r *runners) record(instance string) localbus.Record {
	rec, err := localbus.ReadRecord(r.dir, instance)
	if err != nil {
		return localbus.Record{}
	}
	return rec
}

// dies kills an instance and waits for its end.
func (r *runners) dies(instance string) {
	r.t.Helper()
	c := r.up[instance]
	r.kill(c.Process.Pid, syscall.SIGKILL)
	_ = c.Wait()
	delete(r.up, instance)
}

// order sends a share to an instance.
func (r *runners) order(instance string, s event.Share) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	b, err := json.Marshal(s)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.seat.CallInstance(ctx, instance, event.Message{Header: event.Header{Type: event.TypeShare}, Body: b}, nil); err != nil {
		r.t.Fatal(err)
	}
}

// partitions waits until an instance holds exactly these.
func (r *runners) partitions(instance string, want []int) {
	r.t.Helper()
	r.until(instance+" holds what it should", func() bool { return slices.Equal(r.record(instance).Partitions, want) })
}

// ask submits a turn and returns its end.
func (r *runners) ask(session, text string) event.End {
	r.t.Helper()
	return <-r.asking(session, text)
}

func (r *runners) asking(session, text string) <-chan event.End {
	done := make(chan event.End, 1)
	go func() {
		ctx, cancel := context.WithTimeout(r.t.Context(), patience)
		defer cancel()
		c := turn.Client{Bus: r.seat}
		end, err := c.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: "you"}, turn.Follow{})
		if err != nil {
			end.Error = err.Error()
		}
		done <- end
	}()
	return done
}

// stopAll asks every runner to end and waits for it.
func (r *runners) stopAll() {
	r.t.Helper()
	for _, c := range r.up {
		r.kill(c.Process.Pid, syscall.SIGTERM)
	}
	for inst, c := range r.up {
		_ = c.Wait() // its status says that it was asked
		delete(r.up, inst)
	}
}

// logged reports whether a component's log has a word.
func (r *runners) logged(name, word string) bool {
	b, err := os.ReadFile(filepath.Join(r.project.dir, ".ww", r.app, "logs", name+".log"))
	return err == nil && bytes.Contains(b, []byte(word))
}

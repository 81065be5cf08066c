package localbus

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// vitalsPatience is how long an instance may take to say how it is. One that hangs is still found.
const vitalsPatience = time.Second

// Registry is the registry of this app as this peer sees it: records say who there is, leases who lives, PINGs how they
// are. A client can only ask.
func (p *Peer) Registry() bus.Registry { return registry{p} }

type registry struct{ p *Peer }

// life is what an instance says of itself.
type life struct {
	mu     sync.Mutex
	said   *Record     // nil: nothing, or it was taken back
	seen   os.FileInfo // of the record, when it was found to be right; guarded by mu
	vitals bus.Vitals
	faults *fault.Set // set once, before anything is said
}

// health answers a PING for peers that have no answer of their own: what the last heartbeat said.
func (l *life) health() event.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := event.Health{InFlight: l.vitals.CurrentLoad, Max: l.vitals.MaxConcurrent, SuccessRate: l.vitals.SuccessRate, AvgServiceMS: 1000 * l.vitals.AvgProcessingTime}
	if l.said != nil {
		h.State = l.said.State
	}
	if h.State == StateReady && h.InFlight > 0 {
		h.State = string(bus.StateActive)
	}
	return h
}

// say writes a record, if its state may follow the one before.
func (l *life) say(dir string, r Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said != nil && l.said.State != r.State {
		if from, to := bus.State(l.said.State), bus.State(r.State); !from.May(to) {
			return &bus.TransitionError{ID: r.Instance, From: from, To: to}
		}
	}
	if err := writeRecord(dir, &r, l.faults); err != nil {
		return err
	}
	l.said = &r
	l.faults.At(fault.RecordAfter)
	return nil
}

// Register implements bus.Registrar. The processes that an instance has started are announced by Announce and stay.
func (r registry) Register(c bus.ComponentInfo) error {
	rec := Record{
		Kind: c.Kind, Type: c.Type, Ordinal: c.Ordinal, State: string(c.State), Reason: c.Reason, Standby: c.Standby,
		Partitions: c.SessionAffinity, Version: c.Version, Node: c.Node,
		Traits: Traits{
			Capabilities: c.Capabilities, InputEvents: c.InputEvents, OutputEvents: c.OutputEvents,
			Resources: c.Resources, MaxConcurrent: c.MaxConcurrent,
		},
	}
	l := &r.p.life
	l.mu.Lock()
	if l.said != nil {
		rec.Processes, rec.Restarts, rec.RegisteredAt = l.said.Processes, l.said.Restarts, l.said.RegisteredAt
	}
	l.mu.Unlock()
	return r.p.Announce(rec)
}

// Heartbeat implements bus.Registrar.
func (r registry) Heartbeat(v bus.Vitals) error {
	l := &r.p.life
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		return bus.ErrUnknown
	}
	l.vitals = v
	_, err := os.Lstat(recordPath(r.p.opts.Dir, r.p.opts.Instance))
	if errors.Is(err, fs.ErrNotExist) {
		return writeRecord(r.p.opts.Dir, l.said, l.faults)
	}
	return err
}

// Deregister implements bus.Registrar. The lease and the socket stay: they go with the peer.
func (r registry) Deregister() error {
	l := &r.p.life
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = nil
	if err := os.Remove(recordPath(r.p.opts.Dir, r.p.opts.Instance)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Get implements bus.Directory.
func (r registry) Get(ctx context.Context, id string) (bus.ComponentInfo, error) {
	if !validInstance(id) {
		return bus.ComponentInfo{}, bus.ErrUnknown
	}
	rec, err := ReadRecord(r.p.opts.Dir, id)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && (!rec.Alive || rec.Role != RoleComponent):
		return bus.ComponentInfo{}, bus.ErrUnknown
	case err != nil:
		return bus.ComponentInfo{}, err
	}
	c := rec.Info(r.p.opts.Dir)
	r.ask(ctx, &c)
	return c, ctx.Err()
}

// Discover implements bus.Directory.
func (r registry) Discover(ctx context.Context, q bus.Query) ([]bus.ComponentInfo, error) {
	found, err := r.look(q)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() { r.ask(ctx, &found[i]) })
	}
	wg.Wait()
	return found, ctx.Err()
}

// look reads the records of those who live and fit.
func (r registry) look(q bus.Query) ([]bus.ComponentInfo, error) {
	read := func() ([]Record, error) { return Records(r.p.opts.Dir) }
	if q.Name != "" {
		read = func() ([]Record, error) { return RecordsOf(r.p.opts.Dir, q.Name) }
	}
	recs, err := read()
	if err != nil {
		return nil, err
	}
	var list []bus.ComponentInfo
	for i := range recs {
		if recs[i].Alive && recs[i].Role == RoleComponent {
			list = append(list, recs[i].Info(r.p.opts.Dir))
		}
	}
	return q.Select(list), nil
}

// ask lets an instance say how it is. Of one that does not answer only its record is known.
func (r registry) ask(ctx context.Context, c *bus.ComponentInfo) {
	ctx, cancel := context.WithTimeout(ctx, vitalsPatience)
	defer cancel()
	h, err := r.p.Ping(ctx, c.ID)
	if err != nil {
		return
	}
	c.LastHeartbeat = time.Now()
	c.Vitals = bus.Vitals{
		AvgProcessingTime: h.AvgServiceMS / 1000, SuccessRate: h.SuccessRate, CurrentLoad: h.InFlight, MaxConcurrent: max(h.Max, c.MaxConcurrent),
	}
	if c.State == bus.StateReady && h.InFlight > 0 {
		c.State = bus.StateActive
	}
}

// Info is the record in the words of a registry, without what only a PING tells.
func (r *Record) Info(dir string) bus.ComponentInfo {
	return bus.ComponentInfo{
		Identity: bus.Identity{ID: r.Instance, Ordinal: r.Ordinal, Name: r.Component, Kind: r.Kind, Type: r.Type, Generation: r.Generation},
		State:    bus.State(r.State), Reason: r.Reason,
		Skills:          bus.Skills{Capabilities: r.Capabilities, InputEvents: r.InputEvents, OutputEvents: r.OutputEvents, Resources: r.Resources},
		SessionAffinity: r.Partitions, RegisteredAt: r.RegisteredAt, Standby: r.Standby,
		Place: bus.Place{
			ProcessID: r.PID, ContainerID: r.ContainerID, Version: r.Version, Node: r.Node,
			Endpoint: "unix://" + filepath.Join(instancesDir(dir), r.Socket),
		},
		Vitals: bus.Vitals{SuccessRate: 1, MaxConcurrent: r.MaxConcurrent},
	}
}

func recordPath(dir, instance string) string {
	return filepath.Join(instancesDir(dir), instance+".json")
}

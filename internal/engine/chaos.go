package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/state"
)

// CallChaos orders a practice fault, ends them, or asks for them: a ChaosOrder → []state.Fault, those that are on.
const CallChaos = event.TypeControl + "chaos"

// ChaosOrder is the body of CallChaos.
type ChaosOrder struct {
	Do        string        `json:"do"`                  // kill, hang, slow, drop; stop; list
	Component string        `json:"component,omitempty"` // stop: only its faults; empty: all
	From      string        `json:"from,omitempty"`      // only what this component sends to it
	By        time.Duration `json:"by,omitempty"`        // how much slower; 0: SlowBy
	For       time.Duration `json:"for,omitempty"`       // how long; 0: FaultFor
}

// How long a practice fault lasts and how slow a slow one is, when nobody says; and the most.
const (
	FaultFor     = 30 * time.Second
	SlowBy       = 2 * time.Second
	MostFaultFor = 10 * time.Minute
)

// chaos is the practice faults that are on. Each ends by itself: in the process that has it, which knows its end, and here,
// where it is shown. A process that is started again has none.
type chaos struct {
	mu   sync.Mutex
	on   []state.Fault
	hit  map[string]bool // the instances that have them; what took their place does not
	wake *time.Timer
}

// Chaos implements tui.Backend: it orders a practice fault with the usual length, or ends those of a component.
func (e *Engine) Chaos(ctx context.Context, do, name, from string) error {
	_, err := e.chaosOrder(ctx, ChaosOrder{Do: do, Component: name, From: from})
	return err
}

func (e *Engine) chaosOrder(ctx context.Context, o ChaosOrder) ([]state.Fault, error) {
	if e.attached {
		body, err := json.Marshal(o)
		if err != nil {
			return nil, err
		}
		var on []state.Fault
		return on, e.control(ctx, CallChaos, body, &on)
	}
	if err := o.check(e); err != nil {
		return nil, err
	}
	switch o.Do {
	case "list":
	case "stop":
		return e.endFaults(ctx, func(f state.Fault) bool { return o.Component == "" || f.Component == o.Component })
	case "kill":
		return e.practice.now(), e.arm(ctx, o.Component, []fault.Order{{At: fault.Now, Do: fault.KillGroup}})
	default:
		return e.beginFault(ctx, o)
	}
	return e.practice.now(), nil
}

func (o ChaosOrder) check(e *Engine) error {
	switch {
	case !slices.Contains([]string{"kill", "hang", "slow", "drop", "stop", "list"}, o.Do):
		return noFault(o.Do)
	case o.By < 0 || o.For < 0 || o.For > MostFaultFor:
		return errFaultLength
	case o.From != "" && o.Do == "kill":
		return errKillEdge
	}
	for _, name := range []string{o.Component, o.From} {
		if name == "" {
			continue
		}
		if _, ok := e.wants.component(name); !ok {
			return noComponent(name, e.wants.now())
		}
	}
	if o.Component == "" && o.Do != "stop" && o.Do != "list" {
		return noComponent("", e.wants.now())
	}
	return nil
}

// beginFault adds a fault to those that its component has. One of the same sort takes the place of the old one.
func (e *Engine) beginFault(ctx context.Context, o ChaosOrder) ([]state.Fault, error) {
	f := state.Fault{Do: o.Do, Component: o.Component, From: o.From, Until: time.Now().Add(cmp.Or(o.For, FaultFor))}
	if f.Do == "slow" {
		f.By = cmp.Or(o.By, SlowBy)
	}
	c := &e.practice
	c.mu.Lock()
	c.on = slices.DeleteFunc(c.on, func(x state.Fault) bool { return x.Do == f.Do && x.Component == f.Component && x.From == f.From })
	c.on = append(c.on, f)
	orders := c.orders(o.Component)
	c.mu.Unlock()
	if err := e.arm(ctx, o.Component, orders); err != nil {
		_, _ = e.endFaults(ctx, func(x state.Fault) bool { return x == f }) // it never began
		return nil, err
	}
	e.look()
	return c.now(), nil
}

// endFaults takes back the faults that are chosen.
func (e *Engine) endFaults(ctx context.Context, which func(state.Fault) bool) ([]state.Fault, error) {
	c := &e.practice
	c.mu.Lock()
	touched := map[string][]fault.Order{}
	for _, f := range c.on {
		if which(f) {
			touched[f.Component] = nil
		}
	}
	c.on = slices.DeleteFunc(c.on, which)
	for name := range touched {
		touched[name] = c.orders(name)
	}
	c.mu.Unlock()
	e.look()
	var failed error
	for name, orders := range touched {
		if err := e.arm(ctx, name, orders); err != nil {
			failed = err // it ends by itself, later
		}
	}
	return c.now(), failed
}

// orders is the faults of a component as its process knows them; mu is held.
func (c *chaos) orders(name string) []fault.Order {
	var all []fault.Order
	for _, f := range c.on {
		if f.Component != name {
			continue
		}
		o := fault.Order{At: fault.HandleBefore, Times: -1, From: f.From, Until: f.Until}
		switch f.Do {
		case "drop":
			o.At, o.Do = fault.Receive, fault.Drop
		case "hang":
			o.Do = fault.Hang
		default:
			o.Do, o.For = fault.Delay, f.By
		}
		all = append(all, o)
		if f.Do != "drop" { // calls do not pass where messages are handled
			o.At = fault.AnswerBefore
			all = append(all, o)
		}
	}
	return all
}

func (c *chaos) now() []state.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]state.Fault{}, c.on...)
}

// arm hands orders to every instance of a component.
func (e *Engine) arm(ctx context.Context, name string, orders []fault.Order) error {
	body, err := json.Marshal(append([]fault.Order{}, orders...))
	if err != nil {
		return err
	}
	found := false
	for _, r := range e.Picture().Components {
		if r.Name != name || r.PIDs.Runner == 0 || r.Instance == "" {
			continue
		}
		found = true
		_, err = e.seat.CallInstance(ctx, r.Instance, event.Message{Header: event.Header{Type: event.TypeFault}, Body: body}, nil)
		if err != nil && !(len(orders) == 1 && orders[0].At == fault.Now) { // it could not say so any more
			return err
		}
		e.practice.mark(r.Instance)
	}
	if !found {
		return noProcess(name)
	}
	return nil
}

func (c *chaos) mark(instance string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hit == nil {
		c.hit = map[string]bool{}
	}
	c.hit[instance] = true
}

// faultLook is how often it is looked whether a fault is over.
const faultLook = 500 * time.Millisecond

// look forgets what is over: its time, or every process that had it. It tells the readers, and comes back while something
// is on.
func (e *Engine) look() {
	c := &e.practice
	living := map[string]bool{}
	for _, r := range e.Picture().Components {
		living[r.Name] = living[r.Name] || c.has(r.Instance)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.on = slices.DeleteFunc(c.on, func(f state.Fault) bool { return !now.Before(f.Until) || !living[f.Component] })
	e.hub.emit(state.Faulted{List: slices.Clone(c.on)})
	if c.wake != nil {
		c.wake.Stop()
	}
	if len(c.on) > 0 && e.living.Err() == nil {
		c.wake = time.AfterFunc(faultLook, e.look)
	}
}

func (c *chaos) has(instance string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hit[instance]
}

// chaosFor answers CallChaos.
func (e *Engine) chaosFor(req bus.Request) {
	var o ChaosOrder
	err := json.Unmarshal(req.Message().Body, &o)
	var on []state.Fault
	if err == nil {
		on, err = e.chaosOrder(req.Context(), o)
	}
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	reply(req, on)
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// CallFault orders what is to go wrong at a component; its body is a Faults.
const CallFault = event.TypeControl + "fault"

// Faults are orders for the seams of one component.
type Faults struct {
	Component string        `json:"component"`
	Orders    []fault.Order `json:"orders"` // none: nothing more goes wrong
	NextStart bool          `json:"next_start,omitempty"`
}

// orderFaults hands orders on: to the running instance, or to the next one with its configuration.
func (e *Engine) orderFaults(req bus.Request) {
	var f Faults
	if err := json.Unmarshal(req.Message().Body, &f); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	if err := e.giveFaults(req.Context(), f); err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	reply(req, struct{}{})
}

func (e *Engine) giveFaults(ctx context.Context, f Faults) error {
	if err := fault.New().Arm(f.Orders); err != nil {
		return err
	}
	if f.NextStart {
		return e.starts.faults(f.Component, f.Orders)
	}
	body, err := json.Marshal(f.Orders)
	if err != nil {
		return err
	}
	_, err = e.seat.Call(ctx, f.Component, event.Message{Header: event.Header{Type: event.TypeFault}, Body: body}, nil)
	return err
}

// faults keeps orders for the next start of a component, and for no other.
func (s *starter) faults(name string, orders []fault.Order) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.specs[name]
	if !ok {
		return fmt.Errorf("no component is called %q", name)
	}
	c.Faults = orders
	s.specs[name] = c
	return nil
}

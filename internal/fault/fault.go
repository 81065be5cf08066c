// Package fault is the seams at which a running component can be made to fail: killed, held up, refused by its disk, cut
// off.
//
// A [Point] is a named place in the program; [Table] lists them all. Nothing happens at a point unless an [Order] was
// given for it: with the component's configuration at its start, or over the bus while it runs. There is no other way in:
// neither a variable of the environment nor a flag can break a component.
//
// While there is no order a point costs one atomic load.
package fault

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Set is the seams of one process. A nil *Set is one that nobody can give orders to.
type Set struct {
	orders atomic.Pointer[orders] // nil: there are none
	die    func(group bool)       // a test's; nil: SIGKILL
}

// orders are what was ordered last.
type orders struct {
	over chan struct{} // closed when others take their place

	mu  sync.Mutex
	all []pending
}

// pending is an order with what is left of it.
type pending struct {
	Order
	skip, left int
}

// ErrDrop tells the place of a point that it is to end its connection.
var ErrDrop = errors.New("a fault was ordered: the connection is dropped")

// New returns a set without orders.
func New() *Set { return &Set{} }

// Arm replaces the orders; with none of them every point is harmless again. After an error the old ones stand.
func (s *Set) Arm(os []Order) error {
	for i := range os {
		if err := os[i].check(); err != nil {
			return err
		}
	}
	if len(os) == 0 {
		s.replace(nil)
		return nil
	}
	n := &orders{over: make(chan struct{}), all: make([]pending, len(os))}
	for i, o := range os {
		n.all[i] = pending{Order: o, skip: o.Skip, left: max(1, o.Times)}
		if o.Times < 0 {
			n.all[i].left = -1
		}
	}
	s.replace(n)
	return nil
}

func (s *Set) replace(n *orders) {
	if old := s.orders.Swap(n); old != nil {
		close(old.over)
	}
}

// Strike carries out what was ordered for now. It may not return.
func (s *Set) Strike() {
	if s.On() {
		_ = s.act(Now, "") // it cannot be a drop
	}
}

// On says whether there are orders at all, for those who have to work to know at which point they are.
func (s *Set) On() bool { return s != nil && s.orders.Load() != nil }

// At is a point that cannot fail: it may end the process, or take its time.
func (s *Set) At(p Point) { s.AtFrom(p, "") }

// AtFrom is At where it is known which component sent what is worked on.
func (s *Set) AtFrom(p Point, from string) {
	if s.On() {
		_ = s.act(p, from) // a drop is refused at these points when it is ordered
	}
}

// Cut is a point of a connection: besides what [Set.At] may do it may return ErrDrop.
func (s *Set) Cut(p Point, from string) error {
	if !s.On() {
		return nil
	}
	return s.act(p, from)
}

// Drops is Cut for a pass that no other order counts.
func (s *Set) Drops(p Point, from string) bool {
	if !s.On() {
		return false
	}
	_, _, ok := s.take(p, from, Drop)
	return ok
}

// Wait is AtFrom for orders that have an end alone.
func (s *Set) Wait(p Point, from string) {
	if n := s.orders.Load(); n == nil || !n.ending() {
		return
	}
	s.AtFrom(p, from)
}

// ending says that every order has an end.
func (n *orders) ending() bool {
	for i := range n.all {
		if n.all[i].Until.IsZero() {
			return false
		}
	}
	return true
}

func (s *Set) act(p Point, from string) error {
	o, over, ok := s.take(p, from, "")
	if !ok {
		return nil
	}
	if o.Do == Drop {
		return ErrDrop
	}
	s.do(&o, over)
	return nil
}

// Disk is a point before an operation on a file, and says how many of the size bytes pass and which error comes back.
func (s *Set) Disk(p Point, size int) (pass int, err error) {
	if !s.On() {
		return size, nil
	}
	o, over, ok := s.take(p, "", "")
	if !ok {
		return size, nil
	}
	if o.Do == Fail {
		return size * o.Part / 100, errnos[o.Error]
	}
	s.do(&o, over)
	return size, nil
}

// take finds the order for this pass of a point, of one action when one is named. over is closed when it does not stand
// any more.
func (s *Set) take(p Point, from string, only Action) (o Order, over <-chan struct{}, ok bool) {
	n := s.orders.Load()
	if n == nil {
		return Order{}, nil, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.all {
		o := &n.all[i]
		switch {
		case o.At != p || o.left == 0 || only != "" && o.Do != only:
		case o.From != "" && o.From != from:
		case !o.Until.IsZero() && !time.Now().Before(o.Until):
		case o.skip > 0:
			o.skip--
		default:
			if o.left > 0 {
				o.left--
			}
			return o.Order, n.over, true
		}
	}
	return Order{}, nil, false
}

func (s *Set) do(o *Order, over <-chan struct{}) {
	switch o.Do {
	case Kill, KillGroup:
		if s.die != nil {
			s.die(o.Do == KillGroup)
			return
		}
		kill(o.Do == KillGroup)
	case Delay:
		o.wait(o.For, over)
	case Hang:
		if o.Until.IsZero() {
			select {}
		}
		o.wait(time.Until(o.Until), over)
	case Fail, Drop: // has no meaning here
	}
}

// wait takes its time. An order that has an end ends what waits for it, too.
func (o *Order) wait(d time.Duration, over <-chan struct{}) {
	if o.Until.IsZero() {
		over = nil
	}
	select {
	case <-time.After(d):
	case <-over:
	}
}

// kill does not return: nothing of the process may come after the point.
func kill(group bool) {
	pid := os.Getpid()
	if pg := syscall.Getpgrp(); group && pg > 1 {
		_ = syscall.Kill(-pg, syscall.SIGKILL) // the process itself is killed below
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // a process may always kill itself
	select {}
}

package component

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/journal"
)

// The instances of a component share its sixteen partitions (R2). Which one a partition belongs to is a function of the
// ordinals that are wanted and there, the same one in every process; the lock in the partition's directory is what makes
// it true. So nobody hands anything to anybody: who should not have a partition lets go of it when none of its turns
// runs, who should have it tries until the lock is free, and what is not in the journal did not happen.

// The pauses between two looks at what is owned.
const (
	lookSoon = 20 * time.Millisecond  // a partition is awaited, or waits for the end of its turns
	lookPeer = 250 * time.Millisecond // there are siblings, whose death nobody tells
)

// Sibling is another living instance of the same component.
type Sibling struct {
	Ordinal, Generation int
	Ready               bool // it serves: READY and not standing by
}

// share is what this instance should own.
type share struct {
	mu       sync.Mutex
	ordinals []int // that are wanted, with our own
	serve    bool
	missing  map[int]time.Time // since when a wanted sibling does not serve
	look     chan struct{}     // something may have changed
	looking  sync.Mutex        // held by a look: one that began before a new division must not undo it
	told     event.Share       // what the record says: partitions and whether we serve
}

func (s *share) init(spec Spec, now time.Time) {
	s.ordinals, s.serve = withSelf(spec.Share, spec.Ordinal), !spec.Standby
	s.look = make(chan struct{}, 1)
	s.missing = map[int]time.Time{}
	for _, o := range s.ordinals {
		s.missing[o] = now // siblings that start beside us have as long to appear as to come back
	}
}

func withSelf(ordinals []int, self int) []int {
	if !slices.Contains(ordinals, self) {
		ordinals = append(slices.Clone(ordinals), self)
	}
	return ordinals
}

// replace takes a new division and reports whether this instance begins to serve.
func (s *share) replace(o event.Share, self int, now time.Time) (begins bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := withSelf(o.Ordinals, self)
	for _, n := range next {
		if !slices.Contains(s.ordinals, n) {
			s.missing[n] = now
		}
	}
	begins = o.Serve && !s.serve
	s.ordinals, s.serve = next, o.Serve
	return begins
}

func (s *share) wake() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

func (s *share) serving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.serve
}

// alone says that no other instance has a part in this component.
func (s *share) alone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ordinals) == 1
}

// mine is the partitions that should be ours, given the siblings that serve now. One that went away keeps its own for
// takeover: its next start is likely quicker than that.
func (s *share) mine(self int, there []int, takeover time.Duration, now time.Time) (own [delivery.Partitions]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.serve {
		return own
	}
	owners := make([]int, 0, len(s.ordinals))
	for _, o := range s.ordinals {
		switch {
		case o == self || slices.Contains(there, o):
			delete(s.missing, o)
		case s.missing[o].IsZero():
			s.missing[o] = now
		case now.Sub(s.missing[o]) >= takeover:
			continue
		}
		owners = append(owners, o)
	}
	slices.Sort(owners)
	for p := range own {
		own[p] = owners[bus.Owner(p, owners)] == self
	}
	return own
}

// keep makes what is owned follow what should be, until ctx ends.
func (r *Runner) keep(ctx context.Context) {
	for {
		var again <-chan time.Time
		if d := r.look(); d > 0 {
			again = time.After(d)
		}
		select {
		case <-ctx.Done():
			return
		case <-r.share.look:
		case <-again:
		}
	}
}

// look opens and closes partitions and says when to look again; 0: when told to.
func (r *Runner) look() time.Duration {
	r.share.looking.Lock()
	defer r.share.looking.Unlock()
	own := r.share.mine(r.spec.Ordinal, r.serving(), r.spec.Timing.Takeover, time.Now())
	pause := time.Duration(0)
	if !r.share.alone() {
		pause = lookPeer
	}
	opened := false
	for n, in := range r.inboxes {
		switch {
		case own[n] && !in.held():
			if r.recovered.Load() && r.takeUp(in) { // suspects run alone: nothing new comes beside them
				opened = true
			} else {
				pause = lookSoon
			}
		case own[n]:
			in.stay()
		case in.held() && !in.leave():
			pause = lookSoon
		}
	}
	if opened && r.recorder != nil {
		r.recorder.Flush() // the replay is over
	}
	r.announceHeld()
	return pause
}

// serving is the ordinals of the siblings that serve with our generation.
func (r *Runner) serving() []int {
	if r.share.alone() {
		return nil
	}
	var there []int
	for _, s := range r.seat.Siblings() {
		if s.Ready && s.Generation == r.spec.Generation {
			there = append(there, s.Ordinal)
		}
	}
	return there
}

// takeUp opens a partition that somebody else had; false when it is not free yet. Its suspects are not to blame here:
// nobody knows how their runner died, and they do not run alone.
func (r *Runner) takeUp(in *inbox) bool {
	if err := in.open(); err != nil {
		if !errors.Is(err, journal.ErrLocked) {
			r.log.Error("cannot open a partition", "partition", in.n, "error", err)
		}
		return false
	}
	r.log.Debug("partition taken", "partition", in.n)
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Recover(now) })
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects {
		var all delivery.Effects
		for {
			e, ok := p.NextSuspect(false, now)
			if !ok {
				return all
			}
			for range e.Starts {
				r.slots.force()
			}
			all.Join(e)
		}
	})
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Pump(now) })
	return true
}

// announceHeld replaces the record when what it says of partitions has changed.
func (r *Runner) announceHeld() {
	held := r.held()
	r.share.mu.Lock()
	same := r.share.told.Serve == r.share.serve && slices.Equal(r.share.told.Ordinals, held)
	r.share.mu.Unlock()
	if !same {
		r.announceLogged("")
	}
}

// tell is what the record is about to say.
func (s *share) tell(held []int) (standby bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = event.Share{Ordinals: held, Serve: s.serve}
	return !s.serve
}

// held is the partitions that are open here.
func (r *Runner) held() []int {
	var open []int
	for n, in := range r.inboxes {
		if in.held() {
			open = append(open, n)
		}
	}
	return open
}

// owes is the components for which something is on its way from here, sorted.
func (r *Runner) owes() []string {
	to := map[string]bool{}
	for _, in := range r.inboxes {
		in.mu.Lock()
		if in.journal != nil {
			in.part.Owes(to)
		}
		in.mu.Unlock()
	}
	return slices.Sorted(maps.Keys(to))
}

// divide answers component.share.
func (r *Runner) divide(req bus.Request, m event.Message) {
	var s event.Share
	if err := json.Unmarshal(m.Body, &s); err != nil {
		req.Fail(bus.Refused, "a share names ordinals: "+err.Error())
		return
	}
	if r.share.replace(s, r.spec.Ordinal, time.Now()) {
		r.tellReady()
	}
	if s.Serve {
		r.share.wake()
		r.replyHeld(req)
		return
	}
	go func() { // the answer says that nothing new is started here
		r.look()
		r.share.wake()
		r.replyHeld(req)
	}()
}

func (r *Runner) replyHeld(req bus.Request) {
	held := r.held()
	if held == nil {
		held = []int{}
	}
	replyJSON(req, event.Held{Partitions: held})
}

// held says whether the partition is open here.
func (in *inbox) held() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.journal != nil
}

// leave gives the partition back when nothing of it runs; until then it takes messages and starts none. It reports
// whether the partition is given back.
func (in *inbox) leave() bool {
	in.mu.Lock()
	in.leaving = true
	if in.journal != nil && in.part.Running() {
		in.mu.Unlock()
		return false
	}
	in.r.at(fault.ReleaseBefore)
	in.closeLocked()
	in.mu.Unlock()
	in.r.at(fault.ReleaseAfter)
	in.r.follow.release(in.n)
	in.r.questions.release(in.n)
	in.r.log.Debug("partition given back", "partition", in.n)
	return true
}

// stay takes leave back.
func (in *inbox) stay() {
	in.mu.Lock()
	was := in.leaving
	in.leaving = false
	in.mu.Unlock()
	if was {
		in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Pump(now) })
	}
}

// admit takes a slot for a turn of this partition. The caller holds mu.
func (in *inbox) admit() bool { return !in.leaving && in.r.slots.take() }

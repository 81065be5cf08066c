package localbus

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
)

// recheck is how often the directory is looked at while a component is in use.
const recheck = 250 * time.Millisecond

// target is what is known about the instances of one component.
type target struct {
	mu        sync.Mutex
	recs      []Record  // that can be talked to, best first
	holders   []Record  // that do not serve any more, or not yet, but still hold partitions
	readAt    time.Time // zero: read again
	checkedAt time.Time
	dirTime   time.Time // modification time of the directory at readAt
	reason    string    // why recs is empty
}

func (p *Peer) targetOf(component string) *target {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.targets[component]
	if t == nil {
		t = &target{}
		p.targets[component] = t
	}
	return t
}

// resolveAgain makes the next use of a component read its records.
func (p *Peer) resolveAgain(component string) {
	t := p.targetOf(component)
	t.mu.Lock()
	t.readAt = time.Time{}
	t.mu.Unlock()
}

// candidates are the instances of a component that can be talked to, and why there is none.
func (p *Peer) candidates(component string) (choice, string) {
	t := p.targetOf(component)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.readAt.IsZero() || now.Sub(t.checkedAt) > recheck && t.changed(p.opts.Dir) {
		t.read(p.opts.Dir, component, now)
	}
	return choice{t.recs, t.holders}, t.reason
}

// choice is the instances that a message may go to. It is not changed once it was made.
type choice struct {
	serving []Record // best first
	holders []Record // that only finish what their partitions have
}

func (c choice) none() bool { return len(c.serving) == 0 && len(c.holders) == 0 }

func (c choice) one() bool { return len(c.serving)+len(c.holders) == 1 }

// changed says whether a record may have changed since it was read. A change in the same tick of the file system's
// clock as the reading would go unseen, so young directories are read again.
func (t *target) changed(dir string) bool {
	t.checkedAt = time.Now()
	st, err := os.Stat(instancesDir(dir))
	return err != nil || !st.ModTime().Equal(t.dirTime) || t.readAt.Sub(t.dirTime) < 50*time.Millisecond
}

func (t *target) read(dir, component string, now time.Time) {
	t.readAt, t.checkedAt = now, now
	if st, err := os.Stat(instancesDir(dir)); err == nil {
		t.dirTime = st.ModTime() // before the reading: what comes later is seen as a change
	}
	all, err := RecordsOf(dir, component)
	t.recs, t.holders, t.reason = rank(all)
	if err != nil {
		t.reason = err.Error()
	}
}

func (c choice) any() Record {
	if len(c.serving) > 0 {
		return c.serving[0]
	}
	return c.holders[0]
}

// rank orders the instances that can be talked to: the ready ones of the newest generation, by ordinal; when there is
// none, those that are shutting down, which still take what belongs to running turns. Holders are others that have
// partitions open: until they give one back, nobody else can take its messages.
func rank(all []Record) (recs, holders []Record, reason string) {
	reason = "no such component is running"
	newest := 0
	for _, r := range all {
		if r.Alive && r.State == StateReady && !r.Standby {
			newest = max(newest, r.Generation)
		}
	}
	var draining []Record
	for _, r := range all {
		switch {
		case r.State == StateFailed:
			reason = "it failed: " + cmp.Or(r.Reason, "no reason given")
		case !r.Alive:
			reason = "it is not running"
		case r.State == StateReady && r.Generation == newest && !r.Standby:
			recs = append(recs, r)
		case r.State == StateReady && len(r.Partitions) > 0:
			holders = append(holders, r)
		case r.State == StateReady && r.Standby:
			reason = "it stands by"
		case r.State == StateShuttingDown:
			draining = append(draining, r)
		case r.State == StateInitializing:
			reason = "it is starting"
		}
	}
	if len(recs) == 0 {
		recs = draining
	} else {
		holders = append(holders, slices.DeleteFunc(draining, func(r Record) bool { return len(r.Partitions) == 0 })...)
	}
	slices.SortFunc(recs, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.Instance, b.Instance))
	})
	return recs, holders, reason
}

// pick chooses the instance for a message: whoever has the session's partition, or its owner, or, without a session,
// the instance with the fewest open messages of ours.
func (p *Peer) pick(c choice, session string) Record {
	if c.one() {
		return c.any()
	}
	if session == "" {
		return p.idlest(c)
	}
	part := bus.PartitionOf(session)
	for _, list := range [][]Record{c.holders, c.serving} {
		for i := range list {
			if slices.Contains(list[i].Partitions, part) {
				return list[i]
			}
		}
	}
	if len(c.serving) == 0 {
		return c.any()
	}
	ordinals := make([]int, len(c.serving))
	for i := range c.serving {
		ordinals[i] = c.serving[i].Ordinal
	}
	return c.serving[bus.Owner(part, ordinals)]
}

func (p *Peer) idlest(c choice) Record {
	list := c.serving
	if len(list) == 0 {
		list = c.holders
	}
	best, least := list[0], -1
	for _, r := range list {
		load := 0
		if d := p.openTo(r.Instance); d != nil {
			load = d.load()
		}
		if least < 0 || load < least {
			best, least = r, load
		}
	}
	return best
}

// routeNow finds an open connection for a message without waiting.
func (p *Peer) routeNow(to, session string) *dialed {
	recs, _ := p.candidates(to)
	if recs.none() {
		return nil
	}
	if d := p.openTo(p.pick(recs, session).Instance); d != nil && !d.isClosed() {
		return d
	}
	return nil
}

// route finds a connection for a message. It waits until the component is ready, as long as ctx and TargetWait allow.
func (p *Peer) route(ctx context.Context, to, session string) (*dialed, error) {
	if d := p.routeNow(to, session); d != nil {
		return d, nil
	}
	began := time.Now()
	d, err := p.search(ctx, to, session)
	if p.opts.Searched != nil {
		p.opts.Searched(to, time.Since(began), err == nil)
	}
	return d, err
}

// search finds an instance and connects to it.
func (p *Peer) search(ctx context.Context, to, session string) (*dialed, error) {
	wait, cancel := context.WithTimeout(ctx, p.opts.TargetWait)
	defer cancel()
	watch := p.hints.join(p)
	defer watch.leave()
	for {
		found, err := p.routeOnce(wait, to, session)
		if err == nil && found.conn != nil {
			return found.conn, nil
		}
		if err != nil {
			return nil, err
		}
		if why := p.opts.Unwanted(to); why != "" {
			return nil, noTarget(to, why)
		}
		select {
		case <-watch.c:
		case <-time.After(20 * time.Millisecond): // a lease says nothing when it is taken, a socket neither
		case <-p.ctx.Done():
			return nil, ErrClosed
		case <-wait.Done():
			if ctx.Err() != nil {
				return nil, ctxError(ctx, to)
			}
			return nil, noTarget(to, found.why)
		}
		p.resolveAgain(to)
	}
}

// attempt is what one look for a connection found.
type attempt struct {
	conn *dialed
	why  string
}

func (p *Peer) routeOnce(ctx context.Context, to, session string) (attempt, error) {
	recs, why := p.candidates(to)
	if recs.none() {
		return attempt{why: why}, nil
	}
	d, err := p.connTo(ctx, p.pick(recs, session).Instance)
	switch {
	case err == nil:
		return attempt{conn: d}, nil
	case errors.Is(err, ErrClosed):
		return attempt{}, err
	case final(err):
		return attempt{}, noTarget(to, err.Error())
	case absent(err):
		return attempt{why: "it is not running"}, nil
	}
	return attempt{why: err.Error()}, nil
}

package component

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/journal"
	"github.com/woodwork-lang/ww/internal/sched"
)

// appendRetry is how long a runner waits before it tries to write to a full disk again.
const appendRetry = 250 * time.Millisecond

// inbox is one partition with its journal. The mutex orders appends: what is sent or started is on disk before.
type inbox struct {
	r  *Runner
	n  int
	mu sync.Mutex
	// all below is guarded by mu
	part     *delivery.Partition
	journal  *journal.Journal
	arena    []byte
	recs     []journal.Record
	clocked  bool // the journal knows of this life how its clock stands
	timer    *time.Timer
	wake     time.Time
	lost     atomic.Int64 // of the recorder, when we last looked; not guarded
	sessions knownSessions
	routes   sessionRoutes
	leaving  bool // it goes to another instance when nothing of it runs

	line line // has a mutex of its own
}

// openInboxes opens the partitions that are ours as far as we know. What another instance still holds comes later.
// Where each waits for the disk they wait together.
func (r *Runner) openInboxes() error {
	own := r.share.mine(r.spec.Ordinal, nil, r.spec.Timing.Takeover, time.Now())
	var (
		all  sync.WaitGroup
		errs [delivery.Partitions]error
	)
	for i := range r.inboxes {
		in := &inbox{r: r, n: i}
		r.inboxes[i] = in
		switch {
		case !own[i]:
		case r.toDisk():
			all.Go(func() { errs[i] = in.open() })
		default:
			errs[i] = in.open()
		}
	}
	all.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, journal.ErrLocked) {
			return err
		}
	}
	return nil
}

// setInline tells the machines that the kind, which is known only once it has started, works inline.
func (r *Runner) setInline() {
	if !r.traits.Inline {
		return
	}
	for _, in := range r.inboxes {
		in.mu.Lock()
		if in.journal != nil {
			in.part.SetInline(r.inline, r.traits.Proxy)
		}
		in.mu.Unlock()
	}
}

func (r *Runner) closeInboxes() {
	for _, in := range r.inboxes {
		if in != nil {
			in.close()
		}
	}
}

// open takes the partition. It fails with journal.ErrLocked as long as somebody else has it.
func (in *inbox) open() error {
	in.r.at(fault.PartitionBefore)
	in.mu.Lock()
	defer in.mu.Unlock()
	dir := filepath.Join(in.r.spec.App.StateDir, "j", in.r.spec.Name, fmt.Sprintf("%02d", in.n))
	j, report, err := journal.Open(dir, journal.Options{
		LockWait: in.patience(), Fault: in.r.diskFault(), Disk: in.r.spec.Durability == DurabilityDisk,
	})
	if err != nil {
		return fmt.Errorf("partition %02d: %w", in.n, err)
	}
	in.journal, in.leaving, in.wake, in.timer = j, false, time.Time{}, nil
	in.sessions, in.clocked = knownSessions{}, false
	for _, bad := range report.Bad {
		in.r.log.Warn("journal record skipped", "partition", in.n, "what", bad.String())
	}
	if err := in.restore(); err != nil {
		in.journal = nil
		return errors.Join(err, j.Close())
	}
	in.r.at(fault.PartitionAfter)
	return nil
}

// patience is how long a lock is asked for: a runner that runs already asks again later.
func (in *inbox) patience() time.Duration {
	if in.r.seat != nil {
		return -1
	}
	return 0
}

// restore builds the machine from the journal. The caller holds mu.
func (in *inbox) restore() error {
	c := in.r.config()
	c.Admit = in.admit
	in.part = delivery.New(c)
	now, times := in.r.clock.now(), reckoning{c: &in.r.clock}
	return in.journal.Replay(in.decoded(func(d delivery.Record) error {
		if d.Head.Session != "" && in.r.spec.Acceptor {
			in.sessions.add(d.Head.Session)
		}
		in.record([]delivery.Record{d}, true)
		times.take(&d)
		return in.part.Restore(d, now)
	}))
}

// decoded passes over what it does not understand.
func (in *inbox) decoded(fn func(delivery.Record) error) func(journal.Record) error {
	return func(rec journal.Record) error {
		d, err := delivery.Decode(rec.Kind, slices.Clone(rec.Payload))
		if err != nil {
			in.r.log.Warn("journal record not understood", "partition", in.n, "error", err)
			return nil
		}
		return fn(d)
	}
}

func (r *Runner) config() delivery.Config {
	to := make([]string, len(r.spec.To))
	for i, t := range r.spec.To {
		to[i] = t.Name
	}
	limits := delivery.DefaultLimits()
	limits.TurnTimeout, limits.DeliveryTTL = r.spec.Timing.TurnTimeout, r.spec.Timing.Delivery
	if r.spec.MaxHops > 0 {
		limits.MaxHops = r.spec.MaxHops
	}
	c := delivery.Config{
		Component: r.spec.Name, Instance: r.spec.Instance, Generation: r.spec.Generation,
		To: to, Acceptor: r.spec.Acceptor, Limits: limits,
		Master: r.spec.Master, Central: r.central, HandsOn: r.traits.Proxy,
		NewBase: func() string { return strings.ToLower(rand.Text()[:10]) },
		Accepts: r.takes, StaleBefore: r.spec.App.StaleBefore, Renew: r.spec.App.Resume && r.spec.Restarts == 0,
	}
	if r.traits.Inline {
		c.Inline = r.inline
	}
	return c
}

func (in *inbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closeLocked()
}

func (in *inbox) closeLocked() {
	if in.journal == nil {
		return
	}
	if in.timer != nil {
		in.timer.Stop()
	}
	if e := in.part.Flush(); len(e.Records) > 0 {
		if err := in.append(e.Records); err != nil {
			in.r.log.Warn("journal", "error", err) // a lost SENT costs one resend
		}
	}
	in.recorded(in.journal)
	if err := in.journal.Close(); err != nil {
		in.r.log.Warn("closing the journal", "partition", in.n, "error", err)
	}
	in.journal = nil
	in.r.slots.waiting(in.n, false)
}

// commit appends and hands the messages to their links, in order. The caller holds mu.
func (in *inbox) commit(e *delivery.Effects) error {
	if err := in.append(e.Records); err != nil {
		in.undo(e, err)
		return err
	}
	if bus, ok := in.r.seat.(together); ok && len(e.Sends) > 1 {
		bus.Together(func() { in.send(e.Sends) })
	} else {
		in.send(e.Sends)
	}
	in.arm(e.Wake)
	in.r.slots.waiting(in.n, in.part.Waiting() && !in.leaving)
	return nil
}

// together is a bus that may let several messages leave in one write.
type together interface {
	Together(send func())
}

func (in *inbox) send(all []delivery.Parcel) {
	for _, m := range all {
		in.r.sending(&m.Message, fault.SendBefore, fault.ReportBefore)
		in.r.seat.Link(m.Subject).Send(m.Message, in.settled(m))
		in.r.sending(&m.Message, fault.SendAfter, fault.ReportAfter)
	}
}

// undo goes back to what the journal says after a failed append; what is running goes on. The caller holds mu.
func (in *inbox) undo(e *delivery.Effects, cause error) {
	in.r.log.Error("journal append failed", "partition", in.n, "error", cause)
	for range e.Starts {
		in.r.slots.release()
	}
	old := in.part
	if err := in.restore(); err != nil {
		in.r.fail(ExitFailed, err)
		return
	}
	again := in.part.Adopt(old, in.r.clock.now())
	in.arm(again.Wake.Add(appendRetry))
}

func (in *inbox) append(recs []delivery.Record) error {
	if len(recs) == 0 {
		return nil
	}
	vital := slices.ContainsFunc(recs, func(r delivery.Record) bool { return r.Vital() })
	if !in.clocked {
		recs = append([]delivery.Record{in.r.clock.record()}, recs...)
	}
	in.arena, in.recs = in.arena[:0], in.recs[:0]
	ends := make([]int, 0, 8)
	now := in.r.clock.now().UnixMilli()
	for i := range recs {
		recs[i].At = now
		in.arena = recs[i].AppendPayload(in.arena)
		ends = append(ends, len(in.arena))
	}
	at := 0
	for i, end := range ends {
		in.recs = append(in.recs, journal.Record{Kind: byte(recs[i].Kind), Payload: in.arena[at:end]})
		at = end
	}
	in.r.appending(recs, fault.Before)
	store := in.journal.Append
	if !vital {
		store = in.journal.AppendLazy
	}
	due, err := store(in.recs...)
	if err != nil {
		return err
	}
	in.clocked = true
	in.r.appending(recs, fault.After)
	in.record(recs, false) // before a checkpoint forgets it
	in.count(recs)
	if due {
		in.checkpoint()
	}
	return nil
}

// checkpoint begins a new segment with the state of the machine; the older ones go. Nobody waits for it: it is made of a copy
// of the state, and written, while turns go on, and they are written behind it. The caller holds mu.
func (in *inbox) checkpoint() {
	in.r.at(fault.CheckpointDue)
	snap := append([]delivery.Record{in.r.clock.record()}, in.part.Snapshot()...)
	now, j := in.r.clock.now().UnixMilli(), in.journal
	records := func() []journal.Record {
		in.recorded(j) // before what it reads is gone
		return encoded(snap, now)
	}
	written := func(err error) {
		if err != nil {
			in.r.log.Warn("journal checkpoint", "partition", in.n, "error", err) // the old segments still hold everything
		}
		in.r.at(fault.Checkpointed)
	}
	if err := j.CheckpointLater(records, written); err != nil {
		written(err)
	}
}

// encoded are the records of a checkpoint that is made at now, in milliseconds.
func encoded(snap []delivery.Record, now int64) []journal.Record {
	const header = 384 // of a usual END, with its hops
	room := 0
	for i := range snap {
		room += header + len(snap[i].Head.Body)
	}
	recs, ends, arena := make([]journal.Record, len(snap)), make([]int, len(snap)), make([]byte, 0, room)
	for i := range snap {
		if i%16 == 15 {
			sched.Yield() // turns go on beside
		}
		if snap[i].Kind != delivery.Dead { // a letter keeps the time at which it was set aside
			snap[i].At = now
		}
		arena = snap[i].AppendPayload(arena)
		ends[i] = len(arena)
	}
	at := 0
	for i, end := range ends {
		recs[i] = journal.Record{Kind: byte(snap[i].Kind), Payload: arena[at:end]}
		at = end
	}
	return recs
}

// arm makes sure that Tick runs by then. The caller holds mu.
func (in *inbox) arm(at time.Time) {
	if at.IsZero() || (!in.wake.IsZero() && !at.Before(in.wake)) {
		return
	}
	in.wake = at
	d := min(max(0, at.Sub(in.r.clock.now())), glance)
	if in.timer == nil {
		in.timer = time.AfterFunc(d, in.tick)
		return
	}
	in.timer.Reset(d)
}

func (in *inbox) tick() {
	in.mu.Lock()
	in.wake = time.Time{}
	in.mu.Unlock()
	in.stepLogged(func(p *delivery.Partition, now time.Time) delivery.Effects { return p.Tick(now) })
}

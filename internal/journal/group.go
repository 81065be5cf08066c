package journal

import (
	"sync"
)

// maxUnsynced bounds what lazy appends may leave to the next sync.
const maxUnsynced = 1 << 20

// group is the shared wait for the disk. Whoever finds no sync running runs one, for everything that was written up to
// then; the others wait for it. While it runs, more is written, for the next.
type group struct {
	cond     sync.Cond
	syncing  bool
	unsynced []byte // the last len(unsynced) bytes of the tail: if their sync fails, they are written elsewhere
	acked    int    // that much of unsynced was promised to lazy appenders
	batch    *batch // whose end those wait for who have written since the running sync began
}

// batch is the fate that several appends share.
type batch struct {
	joined bool
	done   bool
	err    error
}

func (g *group) init(mu *sync.Mutex) {
	g.cond.L = mu
	g.batch = &batch{}
}

func (g *group) join() *batch {
	g.batch.joined = true
	return g.batch
}

// waiting says whether unsynced ends in bytes that somebody waits for.
func (g *group) waiting() bool { return len(g.unsynced) > g.acked }

// finish ends the current batch and begins another.
func (g *group) finish(err error) {
	if g.batch.joined {
		g.batch.end(err)
		g.batch = &batch{}
	}
	g.cond.Broadcast()
}

func (b *batch) end(err error) { b.done, b.err = true, err }

// drop forgets the first n bytes of unsynced: they are on the disk.
func (g *group) drop(n int) {
	g.unsynced = g.unsynced[:copy(g.unsynced, g.unsynced[n:])]
	g.acked = max(0, g.acked-n)
	if len(g.unsynced) == 0 && cap(g.unsynced) > keepScratch {
		g.unsynced = nil
	}
}

// wait returns when b's fate is known, and makes it known if nobody else is about to.
func (j *Journal) wait(b *batch) error {
	for !b.done {
		if j.group.syncing {
			j.group.cond.Wait()
			continue
		}
		j.lead()
	}
	return b.err
}

// settle brings everything to the disk that is not there.
func (j *Journal) settle() error {
	if !j.opts.Disk {
		return nil
	}
	for j.group.syncing {
		j.group.cond.Wait()
	}
	if len(j.group.unsynced) == 0 {
		return nil
	}
	return j.wait(j.group.join())
}

// lead runs one sync, with mu released meanwhile.
func (j *Journal) lead() {
	g := &j.group
	mine, n, f := g.batch, len(g.unsynced), j.tail.f
	g.batch, g.syncing = &batch{}, true
	j.mu.Unlock()
	err := j.disk.sync(f)
	j.mu.Lock()
	g.syncing = false
	if err == nil {
		g.drop(n)
		mine.end(nil)
		g.cond.Broadcast()
		return
	}
	err = j.rewrite()
	mine.end(err)
	g.finish(err)
}

// rewrite saves what a failed sync has left in doubt. The system has marked those pages as clean, so that a second sync
// of the file would succeed and mean nothing: the file is given up and the bytes go into a new one.
func (j *Journal) rewrite() error {
	j.tail.spent = true
	err := j.roll(nil)
	if err == nil {
		return nil
	}
	g := &j.group
	taken := int64(len(g.unsynced) - g.acked)
	g.unsynced = g.unsynced[:g.acked]
	j.tail.off -= taken
	j.size.total -= taken
	j.cut() //nolint:errcheck // the file takes no more appends; a reader before the next roll may see more than we promised
	return err
}

package journal

import (
	"errors"
	"slices"

	"github.com/woodwork-lang/ww/internal/sched"
)

// aside is a checkpoint that is being written beside the journal while appends go on.
type aside struct {
	head  head
	later []Record // appended since it began, with payloads of their own
}

// CheckpointLater is [Journal.Checkpoint] for those who cannot wait for the disk: it returns at once. What records returns
// says all that was appended up to now; it is called in another goroutine, because to encode a state of megabytes takes
// milliseconds, and before anything is replaced. What is appended meanwhile is written behind it, so that a crash leaves the
// old records or the new ones, as always. then is called with how it went, in that goroutine. While one is under way none is
// Due. One that is overtaken by a new segment is given up, and the next one is written at once.
func (j *Journal) CheckpointLater(records func() []Record, then func(error)) error {
	j.mu.Lock()
	switch {
	case j.done:
		j.mu.Unlock()
		return ErrClosed
	case j.aside != nil:
		j.mu.Unlock()
		return nil
	case j.overtaken:
		j.overtaken = false
		j.mu.Unlock()
		then(j.Checkpoint(records()...))
		return nil
	}
	a := &aside{head: head{number: j.next, mark: newMark()}}
	j.next++ // a name is used once, whatever becomes of it
	j.aside = a
	j.beside.Go(func() {
		err := j.writeAside(a, records())
		if errors.Is(err, errOvertaken) || errors.Is(err, ErrClosed) {
			err = nil // the old records stand
		}
		then(err)
	})
	j.mu.Unlock()
	return nil
}

// alsoAside remembers what was appended while a checkpoint is written. The caller holds mu.
func (j *Journal) alsoAside(recs []Record) {
	if j.aside == nil {
		return
	}
	for _, r := range recs {
		j.aside.later = append(j.aside.later, Record{Kind: r.Kind, Payload: append([]byte(nil), r.Payload...)})
	}
}

// writeAside writes a checkpoint and lets it replace everything before it.
func (j *Journal) writeAside(a *aside, recs []Record) error {
	tmp := segPath(j.dir, a.head.number, tmpExt)
	f, n, err := j.createAside(a.head, tmp, recs)
	j.mu.Lock()
	var old []segment
	if old, err = j.replaceBy(a, f, n, err); err != nil && f != nil {
		f.Close()
		j.disk.remove(tmp) //nolint:errcheck // the next owner does it
	}
	j.mu.Unlock()
	j.shed(old)
	return err
}

// createAside writes recs into a file that nobody looks at yet, and returns its length.
func (j *Journal) createAside(h head, tmp string, recs []Record) (*file, int64, error) {
	need, err := framesLen(recs)
	if err != nil {
		return nil, 0, err
	}
	b := h.appendTo(make([]byte, 0, headLen+need))
	for part := range slices.Chunk(recs, 16) {
		b = appendFrames(b, int64(len(b)), h.mark, part)
		sched.Yield() // appends go on beside
	}
	f, err := j.disk.create(tmp)
	if err != nil {
		return nil, 0, err
	}
	if err = j.disk.write(f, b); err == nil {
		err = j.disk.sync(f)
	}
	return f, int64(len(b)), err
}

// replaceBy makes f, which holds n bytes of a checkpoint, the journal, and returns the segments that it replaces. The caller
// holds mu.
func (j *Journal) replaceBy(a *aside, f *file, n int64, err error) ([]segment, error) {
	for j.group.syncing {
		j.group.cond.Wait()
	}
	j.aside = nil
	defer j.group.cond.Broadcast()
	switch {
	case j.done:
		return nil, ErrClosed
	case err == nil && j.next != a.head.number+1:
		j.overtaken = true
		return nil, errOvertaken
	}
	if err == nil {
		err = j.catchUp(a, f, &n)
	}
	if err != nil {
		j.size.retry = j.size.total + retryAfter
		return nil, err
	}
	old := j.segs
	j.segs = nil
	j.take(f, a.head, n)
	j.size = size{total: n, base: n}
	return old, nil
}

// catchUp adds what was appended meanwhile, and gives the segment its name.
func (j *Journal) catchUp(a *aside, f *file, n *int64) error {
	if more := appendFrames(nil, *n, a.head.mark, a.later); len(more) > 0 {
		if err := j.disk.write(f, more); err != nil {
			return err
		}
		*n += int64(len(more))
		if j.opts.Disk {
			if err := j.disk.sync(f); err != nil {
				return err
			}
		}
	}
	if err := j.publish(a.head, segPath(j.dir, a.head.number, tmpExt)); err != nil {
		return err
	}
	f.path = segPath(j.dir, a.head.number, segExt)
	return nil
}

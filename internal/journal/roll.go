package journal

import "math/rand/v2"

// retryAfter is how much is appended before a checkpoint that failed is due again.
const retryAfter = 256 << 10

// roll begins a new segment that goes on from the tail: with what of the tail is not on the disk, then recs.
func (j *Journal) roll(recs []Record) error {
	g := &j.group
	h := head{number: j.next, mark: newMark()}
	if len(j.segs) > 0 {
		h.prev, h.prevLen = j.last().number, j.tail.off-int64(len(g.unsynced))
	}
	b := h.appendTo(nil)
	b = reframe(b, g.unsynced, headLen, h.mark)
	b = appendFrames(b, int64(len(b)), h.mark, recs)
	f, err := j.begin(h, b)
	if err != nil {
		return err
	}
	if len(j.segs) > 0 {
		j.last().limit = h.prevLen
	}
	j.size.total += int64(len(b) - len(g.unsynced))
	j.take(f, h, int64(len(b)))
	return nil
}

// Checkpoint replaces everything before it by recs, at one instant: a crash leaves the old records or the new ones. Those
// who call it must see to it that recs say all that appends still under way say. Other segments are then deleted.
func (j *Journal) Checkpoint(recs ...Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.group.syncing || j.aside != nil {
		j.group.cond.Wait()
	}
	if j.done {
		return ErrClosed
	}
	if _, err := framesLen(recs); err != nil {
		return err
	}
	h := head{number: j.next, mark: newMark()}
	b := appendFrames(h.appendTo(nil), headLen, h.mark, recs)
	f, err := j.begin(h, b)
	if err != nil {
		j.size.retry = j.size.total + retryAfter
		return err
	}
	old := j.segs
	j.segs = nil
	j.take(f, h, int64(len(b)))
	j.size = size{total: int64(len(b)), base: int64(len(b))}
	for _, s := range old {
		j.disk.remove(segPath(j.dir, s.number, segExt)) //nolint:errcheck // the next owner does it
	}
	return nil
}

// Due says whether a checkpoint would pay: the journal has grown by half a segment, and has at least doubled, since the
// last one.
func (j *Journal) Due() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.due()
}

func (j *Journal) due() bool {
	s := &j.size
	return j.aside == nil && s.total >= s.retry && s.total-s.base >= max(j.opts.SegmentSize/2, s.base)
}

// newMark draws a mark that no payload can know.
func newMark() uint32 { return rand.Uint32() | markBits }

// take makes f the tail. Everything before it is settled.
func (j *Journal) take(f *file, h head, n int64) {
	if j.tail.f != nil {
		j.tail.f.Close()
	}
	j.tail = tail{f: f, off: n}
	j.segs = append(j.segs, segment{head: h, intact: 2})
	j.group.drop(len(j.group.unsynced))
	j.group.finish(nil)
}

// begin writes a whole segment under a temporary name and gives it its own when it is complete. What replaces older
// segments, and with Disk every segment, is on the disk before it gets its name.
func (j *Journal) begin(h head, b []byte) (*file, error) {
	j.next++ // a name is used once, whatever becomes of it
	tmp := segPath(j.dir, h.number, tmpExt)
	f, err := j.disk.create(tmp)
	if err != nil {
		return nil, err
	}
	err = j.disk.write(f, b)
	if err == nil && (j.opts.Disk || h.prev == 0 && len(j.segs) > 0) {
		err = j.disk.sync(f)
	}
	if err != nil {
		f.Close()
		j.disk.remove(tmp) //nolint:errcheck // the next owner does it
		return nil, err
	}
	if err := j.publish(h, tmp); err != nil {
		f.Close()
		return nil, err
	}
	f.path = segPath(j.dir, h.number, segExt)
	return f, nil
}

// publish gives a complete segment its name. When that fails, the name may be there all the same, and a next owner may
// take the segment for the newest: so nothing may be appended to the tail any more, only to a segment after both.
func (j *Journal) publish(h head, tmp string) error {
	seg := segPath(j.dir, h.number, segExt)
	err := j.disk.rename(tmp, seg)
	if err == nil && j.opts.Disk {
		err = j.disk.syncDir(j.dir)
	}
	if err == nil {
		return nil
	}
	j.tail.spent = true
	j.disk.remove(tmp) //nolint:errcheck // see above
	j.disk.remove(seg) //nolint:errcheck // see above
	return err
}

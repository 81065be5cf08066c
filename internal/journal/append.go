package journal

// keepScratch bounds what an idle journal holds; a process has up to 16 of them per inbox.
const keepScratch = 32 << 10

// Append stores recs in one write. With [Options.Disk] it returns when they are on the disk; appends of other
// goroutines share the wait. After an error none of them is stored, and a later Append may succeed. It also says whether
// a checkpoint is [Journal.Due].
func (j *Journal) Append(recs ...Record) (due bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.add(recs); err != nil {
		return false, err
	}
	err = j.arrive()
	return j.due(), err
}

// AppendLazy stores recs as Append does, but does not wait for the disk: the next Append, Sync or Close brings them
// there. It is for records whose loss at a power cut costs only work. Without [Options.Disk] it is Append.
func (j *Journal) AppendLazy(recs ...Record) (due bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	behind := j.group.waiting()
	if err := j.add(recs); err != nil {
		return false, err
	}
	if behind || len(j.group.unsynced) >= maxUnsynced { // "stored" must not be said when what stands before may fail
		err = j.arrive()
		return j.due(), err
	}
	j.group.acked = len(j.group.unsynced)
	return j.due(), nil
}

// arrive returns when what was just added is as safe as the options want it.
func (j *Journal) arrive() error {
	if len(j.group.unsynced) == 0 { // durability is not asked for, or a new segment has it
		return nil
	}
	return j.wait(j.group.join())
}

// Sync brings everything that was appended to the disk, whatever the options say.
func (j *Journal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.done {
		return ErrClosed
	}
	if j.opts.Disk {
		return j.settle()
	}
	if j.tail.f == nil {
		return nil
	}
	err := j.disk.sync(j.tail.f)
	if err == nil {
		err = j.disk.syncDir(j.dir)
	}
	j.tail.spent = j.tail.spent || err != nil
	return err
}

// add writes recs behind the tail, or as the beginning of a new segment.
func (j *Journal) add(recs []Record) error {
	if j.done {
		return ErrClosed
	}
	n, err := framesLen(recs)
	if err != nil || n == 0 {
		return err
	}
	for j.mustRoll(n) {
		if j.group.syncing {
			j.group.cond.Wait()
			continue
		}
		return j.roll(recs)
	}
	return j.write(recs)
}

// mustRoll says whether n more bytes need a new segment.
func (j *Journal) mustRoll(n int64) bool {
	t := &j.tail
	return t.f == nil || t.spent || t.off > headLen && t.off+n > j.opts.SegmentSize
}

func (j *Journal) write(recs []Record) error {
	t := &j.tail
	if t.dirty {
		if err := j.cut(); err != nil {
			return err
		}
	}
	b := appendFrames(j.buf[:0], t.off, j.last().mark, recs)
	if cap(b) <= keepScratch {
		j.buf = b
	}
	if err := j.disk.write(t.f, b); err != nil {
		t.dirty = true
		j.cut() //nolint:errcheck // stays dirty, the next append tries again before it writes
		return err
	}
	t.off += int64(len(b))
	j.size.total += int64(len(b))
	if j.opts.Disk {
		j.group.unsynced = append(j.group.unsynced, b...)
	}
	j.alsoAside(recs)
	return nil
}

// cut takes back what stands behind the last record that counts.
func (j *Journal) cut() error {
	if err := j.disk.truncate(j.tail.f, j.tail.off); err != nil {
		return err
	}
	j.tail.dirty = false
	return nil
}

func (j *Journal) last() *segment { return &j.segs[len(j.segs)-1] }

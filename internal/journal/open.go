package journal

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// makeDir makes dir exist, under Disk also after a power cut.
func makeDir(d disk, dir string, durable bool) error {
	if err := os.Mkdir(dir, 0o700); !durable && (err == nil || os.IsExist(err)) { // the usual case, without a look at the parents
		return nil
	}
	parents := []string{filepath.Dir(dir)}
	for p := parents[0]; !exists(p) && p != filepath.Dir(p); p = filepath.Dir(p) {
		parents = append(parents, filepath.Dir(p))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	if !durable {
		return nil
	}
	for _, p := range parents {
		if err := d.syncDir(p); err != nil {
			return err
		}
	}
	return nil
}

// recover finds out what the last owner left and makes it fit to be appended to.
func (j *Journal) recover(rep *Report) error {
	entries, err := list(j.dir) // once: a component opens sixteen of them, and usually there is nothing
	if err != nil {
		return err
	}
	j.sweepTemps(entries)
	all, files, err := inspectThese(j.dir, numbers(entries, segExt))
	defer func() { closeAll(files) }()
	if err != nil {
		return err
	}
	j.segs = liveChain(all, rep)
	j.setAside(all)
	for i := range j.segs {
		if err := j.recoverSegment(i, files[indexOf(all, j.segs[i].number)], rep); err != nil {
			return err
		}
	}
	if n := len(all); n > 0 {
		j.next = all[n-1].number + 1
	}
	return j.syncRecovered()
}

// sweepTemps removes segments that were never finished.
func (j *Journal) sweepTemps(entries []os.DirEntry) {
	for _, n := range numbers(entries, tmpExt) {
		j.disk.remove(segPath(j.dir, n, tmpExt)) //nolint:errcheck // tried again by the next owner
	}
}

// setAside takes away what does not count: segments without a readable byte are kept under another name for whoever
// wants to look, the others were replaced. What cannot be taken away is no harm, it is not in the chain.
func (j *Journal) setAside(all []segment) {
	for _, s := range all {
		path := segPath(j.dir, s.number, segExt)
		switch {
		case s.dead && s.size <= headLen:
			j.disk.remove(path) //nolint:errcheck // see above
		case s.dead:
			j.disk.rename(path, segPath(j.dir, s.number, badExt)) //nolint:errcheck // see above
		case indexOf(j.segs, s.number) < 0:
			j.disk.remove(path) //nolint:errcheck // see above
		}
	}
}

func indexOf(segs []segment, number uint32) int {
	for i := range segs {
		if segs[i].number == number {
			return i
		}
	}
	return -1
}

// recoverSegment reads the segment at place i of the chain. The last one becomes the tail.
func (j *Journal) recoverSegment(i int, f *os.File, rep *Report) error {
	s := &j.segs[i]
	good, err := s.read(f, rep, nil)
	if err != nil {
		return err
	}
	last := i == len(j.segs)-1
	rep.tail(*s, good, last)
	j.size.total += good
	if !last {
		return nil
	}
	w, err := os.OpenFile(f.Name(), os.O_WRONLY|os.O_APPEND|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	j.tail = tail{f: &file{File: w, path: f.Name()}, off: good, dirty: good < s.size, spent: s.intact == 0}
	if j.tail.dirty {
		j.cut() //nolint:errcheck // stays dirty, the first append tries again before it writes
	}
	return nil
}

// syncRecovered makes sure, under Disk, that what was found is on the disk before anybody acts on it: the owner before
// may have died between its write and its sync.
func (j *Journal) syncRecovered() error {
	if !j.opts.Disk {
		return nil
	}
	if j.tail.f != nil {
		if err := j.disk.sync(j.tail.f); err != nil {
			return err
		}
	}
	return j.disk.syncDir(j.dir)
}

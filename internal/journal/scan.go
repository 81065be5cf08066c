package journal

import (
	"bytes"
	"fmt"
	"os"
)

// Report is what a journal looked like.
type Report struct {
	Segments int
	Records  int
	Bytes    int64
	Torn     int64 // bytes behind the last intact record: a record that was being written, or a damaged last one
	Bad      []Bad // what is damaged besides
}

// Bad is a stretch of a journal that cannot be read. The records around it are intact.
type Bad struct {
	Segment uint32
	Offset  int64
	Length  int64
	Reason  string
}

func (b Bad) String() string {
	return fmt.Sprintf("%08d%s at %d: %d bytes lost, %s", b.Segment, segExt, b.Offset, b.Length, b.Reason)
}

// OK says whether nothing is damaged. A torn tail is no damage: its owner died while writing.
func (r *Report) OK() bool { return len(r.Bad) == 0 }

func (r *Report) bad(segment uint32, off, n int64, reason string) {
	r.Bad = append(r.Bad, Bad{Segment: segment, Offset: off, Length: n, Reason: reason})
}

// snapshot is the live chain with its files open, so that a checkpoint by the owner cannot take them away.
type snapshot struct {
	segs  []segment
	files []*os.File // parallel to segs
}

const scanTries = 20

// Scan reads the journal in dir without owning it and without changing anything. With a live owner it sees what was
// complete when it looked: a tail that is being written is in Torn. fn may keep the payload.
func Scan(dir string, fn func(Record) error) (Report, error) {
	for try := 1; ; try++ {
		var rep Report
		snap, err := takeSnapshot(dir, &rep)
		if isGone(err) && try < scanTries && exists(dir) {
			continue // the owner made a checkpoint between our look and our open
		}
		if err != nil {
			return rep, err
		}
		err = snap.replay(&rep, fn)
		closeAll(snap.files)
		return rep, err
	}
}

func exists(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

func takeSnapshot(dir string, rep *Report) (*snapshot, error) {
	all, files, err := inspectAll(dir)
	defer func() { closeAll(files) }()
	if err != nil {
		return nil, err
	}
	snap := &snapshot{segs: liveChain(all, rep)}
	for _, s := range snap.segs {
		for i := range all {
			if all[i].number == s.number {
				snap.files = append(snap.files, files[i])
				files[i] = nil // closing nil is harmless
			}
		}
	}
	return snap, nil
}

// inspectAll opens every segment of dir.
func inspectAll(dir string) (all []segment, files []*os.File, err error) {
	ns, err := names(dir, segExt)
	if err != nil {
		return nil, nil, err
	}
	return inspectThese(dir, ns)
}

func inspectThese(dir string, ns []uint32) (all []segment, files []*os.File, err error) {
	for _, n := range ns {
		f, err := openSegment(dir, n)
		if err != nil {
			return nil, files, err
		}
		files = append(files, f)
		s, err := inspect(f, n)
		if err != nil {
			return nil, files, err
		}
		all = append(all, s)
	}
	return all, files, nil
}

// replay hands every record to fn, oldest first.
func (s *snapshot) replay(rep *Report, fn func(Record) error) error {
	for i, seg := range s.segs {
		good, err := seg.read(s.files[i], rep, func(b []byte) error {
			return fn(Record{Kind: b[12], Payload: bytes.Clone(b[frameLen:])})
		})
		if err != nil {
			return err
		}
		rep.tail(seg, good, i == len(s.segs)-1)
	}
	return nil
}

// dead accounts for a segment that counts and has nothing to read. The newest may have been torn in its head.
func (r *Report) dead(s segment, newest bool) {
	if newest && s.size <= headLen {
		r.Torn += s.size
		return
	}
	r.bad(s.number, 0, s.size, "segment is unreadable")
}

// tail accounts for the bytes behind the last intact record of a segment.
func (r *Report) tail(s segment, good int64, last bool) {
	switch {
	case good >= s.limit:
	case last:
		r.Torn += s.limit - good
	default:
		r.bad(s.number, good, s.limit-good, "record is damaged")
	}
}

package bench

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/woodwork-lang/ww/internal/bench/raw"
	"github.com/woodwork-lang/ww/internal/journal"
)

// writers is how many append at once in the row of the group commit.
const writers = 16

// openJournal makes the pairs of the area "journal": a record of 1 KiB, beside a plain file.
func openJournal(_ context.Context, _ Self, dir string) ([]Pair, func() error, error) {
	var undo cleanup
	var pairs []Pair
	for _, c := range []struct {
		name, baseline string
		disk           bool
		group          int
		goal           float64
		text           string
	}{
		{"append of 1 KiB to a journal, process durability", "write(2) of as many bytes to a plain file", false, 1, 2, "p50 ≤ 2 × the plain file"},
		{"append of 1 KiB to a journal, disk durability", "write(2) and fdatasync(2) of a plain file", true, 1, 1.5, "p50 ≤ 1.5 × the plain file"},
		{"append of 1 KiB, disk durability, a record of 16 writers at once", "write(2) and fdatasync(2) of a plain file", true, writers, 1, "p50 ≤ 1 × the plain file"},
	} {
		p, err := journalPair(filepath.Join(dir, c.name[:6]+string(rune('a'+len(pairs)))), c.disk, c.group, &undo)
		if err != nil {
			return nil, nil, errors.Join(err, undo.run())
		}
		p.Name, p.Baseline, p.Goal, p.GoalText = c.name, c.baseline, c.goal, c.text
		pairs = append(pairs, p)
	}
	return pairs, undo.run, nil
}

func journalPair(path string, disk bool, group int, undo *cleanup) (Pair, error) {
	f, err := raw.CreateFile(path+".raw", bodySize, disk)
	if err != nil {
		return Pair{}, err
	}
	undo.add(f.Close)
	j, _, err := journal.Open(path, journal.Options{Disk: disk})
	if err != nil {
		return Pair{}, err
	}
	undo.add(j.Close)
	rec := journal.Record{Kind: 1, Payload: make([]byte, bodySize)}
	once := func() error {
		due, err := j.Append(rec)
		if err == nil && due {
			err = j.Checkpoint()
		}
		return err
	}
	if group == 1 {
		return Pair{Ours: once, Raw: f.Append}, nil
	}
	return Pair{Ours: func() error { return atOnce(group, once) }, Raw: func() error {
		for range group {
			if err := f.Append(); err != nil {
				return err
			}
		}
		return nil
	}, Each: group}, nil
}

// atOnce does something n times at once.
func atOnce(n int, once Side) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = once() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

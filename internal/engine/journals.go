package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/journal"
)

// JournalsDir is the directory of the journals inside a state directory: a directory a component, one a partition.
const JournalsDir = "j"

// ReadJournals reads every record of an app's journals, component by component. What cannot be read is left out: ww
// doctor tells of it.
func ReadJournals(state string, fn func(component string, r *delivery.Record) error) error {
	components, err := os.ReadDir(filepath.Join(state, JournalsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range components {
		err := readInbox(state, c.Name(), func(r *delivery.Record) error { return fn(c.Name(), r) })
		if err != nil {
			return err
		}
	}
	return nil
}

// ReadSession reads the records of a session as ReadJournals does. They are all in one partition.
func ReadSession(state, session string, fn func(component string, r *delivery.Record) error) error {
	components, err := os.ReadDir(filepath.Join(state, JournalsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range components {
		err := ReadSessionOf(state, c.Name(), session, func(r *delivery.Record) error { return fn(c.Name(), r) })
		if err != nil {
			return err
		}
	}
	return nil
}

// ReadSessionOf reads the records of a session in the journals of one component.
func ReadSessionOf(state, component, session string, fn func(r *delivery.Record) error) error {
	return readPartition(state, component, delivery.PartitionOf(session), func(r *delivery.Record) error {
		if r.Head.Session != session {
			return nil
		}
		return fn(r)
	})
}

// readInbox reads the journals of one component.
func readInbox(state, component string, fn func(r *delivery.Record) error) error {
	for n := range delivery.Partitions {
		if err := readPartition(state, component, n, fn); err != nil {
			return err
		}
	}
	return nil
}

func readPartition(state, component string, n int, fn func(r *delivery.Record) error) error {
	dir := filepath.Join(state, JournalsDir, component, fmt.Sprintf("%02d", n))
	_, err := journal.Scan(dir, func(rec journal.Record) error {
		r, err := delivery.Decode(rec.Kind, rec.Payload)
		if err != nil {
			return nil //nolint:nilerr // a damaged record: the ones beside it still count
		}
		return fn(&r)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

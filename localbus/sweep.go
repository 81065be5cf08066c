package localbus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Sweep removes the files of the dead. Before that, dead is called with the record of each, still under the lock of
// the directory: whatever processes the instance left behind can be ended first. An error of dead keeps the files.
func Sweep(dir string, dead func(Record) error) error {
	l, err := lockDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer l.unlock()
	entries, err := os.ReadDir(instancesDir(dir))
	if err != nil {
		return err
	}
	var failed []error
	seen := map[string]bool{}
	for _, e := range entries {
		inst := instanceOf(e.Name())
		if inst == "" || seen[inst] {
			continue
		}
		seen[inst] = true
		failed = append(failed, sweepOne(dir, inst, dead))
	}
	return errors.Join(failed...)
}

// sweepOne removes the files of an instance if it is dead. Until they are gone it keeps hold of the lease, as somebody who
// asks does: otherwise an instance that has just opened its lease and not yet taken it would lose it to us.
func sweepOne(dir, inst string, dead func(Record) error) error {
	f, err := os.Open(leasePath(dir, inst))
	if err == nil {
		defer f.Close()
		err = flock(f, unix.LOCK_SH|unix.LOCK_NB)
	}
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil // it lives
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if rec, err := readRecord(dir, inst); err == nil && dead != nil {
		if err := dead(rec); err != nil {
			return err
		}
	}
	return removeInstance(dir, inst)
}

// instanceOf is the instance that a file in i/ belongs to; "" for files that are none of ours.
func instanceOf(name string) string {
	name = strings.TrimPrefix(name, ".t-")
	for _, ext := range []string{".lock", ".json", ".s"} {
		if inst, ok := strings.CutSuffix(name, ext); ok && validInstance(inst) {
			return inst
		}
	}
	return ""
}

// removeInstance removes the files of one instance, the lock last. The caller holds the lock of the directory.
func removeInstance(dir, inst string) error {
	i := instancesDir(dir)
	var failed []error
	for _, name := range []string{".t-" + inst + ".s", ".t-" + inst + ".json", inst + ".s", inst + ".json", inst + ".lock"} {
		if err := os.Remove(filepath.Join(i, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

package localbus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
		if inst == "" || seen[inst] || Alive(dir, inst) {
			continue
		}
		seen[inst] = true
		if rec, err := ReadRecord(dir, inst); err == nil && dead != nil {
			if err := dead(rec); err != nil {
				failed = append(failed, err)
				continue
			}
		}
		failed = append(failed, removeInstance(dir, inst))
	}
	return errors.Join(failed...)
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

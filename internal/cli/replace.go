package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// replaceFile puts a new text in the place of an old one: whoever reads the file meanwhile sees one of the two, whole. A
// symbolic link stays one; the file it leads to is replaced. Permissions stay. A file that has changed since it was read,
// or that may not be written, is left alone.
func replaceFile(name string, was, now []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // renaming over it would not ask for this permission
	if err != nil {
		return err
	}
	info, err := f.Stat()
	f.Close()
	if err != nil {
		return err
	}
	temp, err := writeBeside(path, now, info)
	if err != nil {
		return err
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, was) {
		return errors.Join(changedMeanwhile(name), os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// writeBeside writes a file in the directory of another one, with its permissions and, where that is allowed, its owner.
func writeBeside(path string, data []byte, like os.FileInfo) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if stat, ok := like.Sys().(*syscall.Stat_t); ok && err == nil && os.Getuid() == 0 {
		err = f.Chown(int(stat.Uid), int(stat.Gid))
	}
	if err == nil {
		err = f.Chmod(like.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Open creates the app's state directory, or another one when the project cannot be written or locked. It returns the app
// with the directory that is in use.
func (a App) Open(env func(string) (string, bool)) (App, error) { return a.open(env, excludes) }

func (a App) open(env func(string) (string, bool), excludes func(dir string) bool) (App, error) {
	note, err := a.create(env, excludes)
	if err == nil {
		a.Note = note
		return a, nil
	}
	why := "cannot be written"
	switch {
	case errors.Is(err, errLoose):
		why = "is where a lock keeps nobody out"
	case !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS):
		return a, err
	}
	other, ok := fallbackState(a.ID, env)
	if !ok {
		return a, unwritable(a.State, err)
	}
	a.Note = a.State + " " + why + ", so the state of this app is in " + other
	a.State = other
	_, err = a.create(env, excludes)
	return a, err
}

// create makes what is not there; the note is for the person.
func (a App) create(env func(string) (string, bool), excludes func(dir string) bool) (note string, err error) {
	if err := os.MkdirAll(filepath.Dir(filepath.Dir(a.State)), 0o700); err != nil {
		return "", err
	}
	if err := ownDir(filepath.Dir(a.State)); err != nil {
		return "", err
	}
	if !excludes(filepath.Dir(a.State)) {
		return "", fmt.Errorf("%s: %w", filepath.Dir(a.State), errLoose)
	}
	if info, err := os.Lstat(a.State); err == nil && !info.IsDir() {
		return "", notADirectory(a.State)
	}
	if note, err = a.vouch(env); err != nil {
		return "", err
	}
	for _, dir := range []string{filepath.Dir(a.State), a.State, a.Logs()} {
		if err := ownDir(dir); err != nil {
			return "", err
		}
	}
	if filepath.Base(filepath.Dir(a.State)) == ".ww" {
		return note, a.furnish()
	}
	return note, nil
}

// ownDir makes a private directory, or checks that an existing one is.
func ownDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return notADirectory(path)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
		return notOurs(path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(path, 0o700)
	}
	return nil
}

// furnish hides `.ww` from git and leaves people a way to the logs.
func (a App) furnish() error {
	ww := filepath.Dir(a.State)
	ignore := filepath.Join(ww, ".gitignore")
	if !exists(ignore) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o600); err != nil {
			return err
		}
	}
	link, want := filepath.Join(ww, LogsDir), filepath.Join(a.ID, LogsDir)
	if now, err := os.Readlink(link); err == nil && now != want {
		_ = os.Remove(link) // an older app's; what cannot be removed stays
	}
	if err := os.Symlink(want, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// SetRunDir writes down where the app's sockets are.
func (a App) SetRunDir(dir string) error { return replaceFile(a.path(runName), []byte(dir+"\n")) }

// RunDir is where the app's sockets are, as the last supervisor wrote it. ErrNotRunning when there never was one.
func (a App) RunDir() (string, error) {
	b, err := readOwn(a.path(runName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotRunning
	}
	if err != nil {
		return "", err
	}
	for i, c := range b {
		if c == '\n' {
			b = b[:i]
			break
		}
	}
	if len(b) == 0 {
		return "", ErrNotRunning
	}
	return string(b), nil
}

func (a App) path(name string) string { return filepath.Join(a.State, name) }

// readOwn reads a file that is ours; a link in its place leads nowhere.
func readOwn(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, data []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

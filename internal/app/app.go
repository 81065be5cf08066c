// Package app says which app a .ww file is, where it keeps its state on this machine, and who runs it.
//
// An app is the real path of its file together with an instance name. Everything about it is found from there, by
// every ww command alike: `.ww/<id>/LOCK` is held by the one supervisor and says who that is, `.ww/<id>/run` names the
// directory of its sockets, `.ww/<id>/desired.json` says what is wanted. Whether somebody holds the lock is the
// truth; what is written in it may be old.
package app

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// DefaultFile is the file that a command means when it names none.
const DefaultFile = "main.ww"

// DefaultInstance is the instance that a command means when it names none.
const DefaultInstance = "main"

// The names inside a state directory.
const (
	lockName    = "LOCK"
	runName     = "run"
	desiredName = "desired.json"
)

// LogsDir is the name of the directory of log files inside a state directory.
const LogsDir = "logs"

// App is one app on this machine.
type App struct {
	ID       string // 8 hex digits
	File     string // real path of its .ww file
	Dir      string // directory of File: base of every path, working directory of every child
	Instance string
	State    string // directory of its state
	Note     string // one line for the person when State is not where it usually is
}

// Identify finds out which app a file is. The file must exist; nothing is created.
func Identify(file, instance string, env func(string) (string, bool)) (App, error) {
	return identify(file, instance, env, excludes)
}

func identify(file, instance string, env func(string) (string, bool), excludes func(dir string) bool) (App, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return App{}, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return App{}, fileError(file, err)
	}
	if instance == "" {
		instance = DefaultInstance
	}
	sum := sha256.Sum256([]byte(real + "\x00" + instance))
	a := App{ID: hex.EncodeToString(sum[:4]), File: real, Dir: filepath.Dir(real), Instance: instance}
	a.State = filepath.Join(a.Dir, ".ww", a.ID)
	if other, ok := fallbackState(a.ID, env); ok && exists(other) && (!exists(a.State) || !excludes(filepath.Dir(a.State))) {
		a.State = other
	}
	return a, nil
}

// fallbackState is where the state lies when the project cannot be written.
func fallbackState(id string, env func(string) (string, bool)) (string, bool) {
	base, ok := StateHome(env)
	return filepath.Join(base, id), ok
}

// StateHome is the directory of what ww keeps outside of projects; false when the environment names no home.
func StateHome(env func(string) (string, bool)) (string, bool) {
	if dir, ok := env("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "ww"), true
	}
	if home, ok := env("HOME"); ok && filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "ww"), true
	}
	return "", false
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Logs is the directory of the app's log files.
func (a App) Logs() string { return filepath.Join(a.State, LogsDir) }

// ShownLogs is the same directory as a person is told: by the short way, when that leads there.
func (a App) ShownLogs() string {
	short := filepath.Join(filepath.Dir(a.State), LogsDir)
	if to, err := os.Readlink(short); err == nil && to == filepath.Join(a.ID, LogsDir) {
		return short
	}
	return a.Logs()
}

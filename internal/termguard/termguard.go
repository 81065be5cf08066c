// Package termguard keeps the terminal libraries from asking the terminal anything before main runs.
//
// bubbletea v1 asks the terminal for its colours in an init function: in every command, terminal UI or not, and on a
// terminal that does not answer it waits five seconds. With TERM=dumb it does not ask. Go initialises packages that
// are ready in the order of their import paths, so this package must import nothing but os, and the path of its module
// must sort before golang.org/x/sys/unix, on which the terminal libraries wait.
package termguard

import "os"

// saved is written before anything else runs, and never again.
var saved, present = os.LookupEnv("TERM") //nolint:gochecknoglobals // there is nobody to hand it over: main has not begun

func init() { //nolint:gochecknoinits // the only point in time that is early enough
	_ = os.Setenv("TERM", "dumb") // fails only on a name with a NUL or '='
}

// Restore gives TERM back its value. main calls it first.
func Restore() {
	if present {
		_ = os.Setenv("TERM", saved)
		return
	}
	_ = os.Unsetenv("TERM")
}

//go:build !linux

package engine

import "os"

func ownPath() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// treeTicks is not known here, so that nothing is ever taken for hung.
func treeTicks(int) (ticks uint64, ok bool) { return 0, false }

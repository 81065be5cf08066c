//go:build !linux

package script

import "os"

func ownExecutable() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

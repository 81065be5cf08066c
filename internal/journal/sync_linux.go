package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData brings a file's bytes and its length to the disk; its times may lag behind.
func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err != unix.EINTR {
			return err
		}
	}
}

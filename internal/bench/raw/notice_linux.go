package raw

import (
	"io"

	"golang.org/x/sys/unix"
)

// Notice writes a byte to out whenever a file is renamed into a directory, until out is closed: the least that somebody
// who waits for news of a directory has to do.
func Notice(dir string, ready io.Closer, out io.Writer) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_MOVED_TO); err != nil {
		return err
	}
	if err := ready.Close(); err != nil {
		return err
	}
	b := make([]byte, 4096)
	for {
		if _, err := unix.Read(fd, b); err != nil && err != unix.EINTR {
			return err
		}
		if _, err := out.Write(b[:1]); err != nil {
			return endOf(err)
		}
	}
}

package raw

import "golang.org/x/sys/unix"

func syncData(fd int) error { return unix.Fdatasync(fd) }

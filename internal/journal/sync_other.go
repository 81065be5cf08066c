//go:build !linux

package journal

import "os"

// syncData brings a file to the disk. On macOS this is F_FULLFSYNC: plain fsync stops at the drive's cache there.
func syncData(f *os.File) error { return f.Sync() }

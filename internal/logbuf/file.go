package logbuf

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// suffix of the current file; older ones have a number behind it, 1 being the youngest.
const suffix = ".log"

func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
}

func (l *Log) addLocked(now time.Time, stream string, part Part, text []byte) {
	l.batch = appendLine(l.batch, now, stream, l.options.Instance, part, text)
	l.lines++
	if len(l.batch) >= batchBytes {
		l.flushLocked(now)
	}
}

// flushLocked writes the batch with one write(2), so that lines of several processes do not mix.
func (l *Log) flushLocked(now time.Time) {
	if l.lines == 0 {
		return
	}
	l.turnOverLocked(int64(len(l.batch)))
	if err := l.confessLocked(now); err != nil {
		l.loseLocked(uint64(l.lines), err) // what has no room for a note has none for lines
	} else if n, err := l.write(l.file, l.batch); n < len(l.batch) {
		l.torn = n > 0 && l.batch[n-1] != '\n'
		l.loseLocked(uint64(l.lines-bytes.Count(l.batch[:n], []byte{'\n'})), err)
	}
	l.batch, l.lines = l.batch[:0], 0
	if cap(l.batch) > 2*batchBytes {
		l.batch = nil
	}
}

// confessLocked says how many lines are missing, before the next one that is not.
func (l *Log) confessLocked(now time.Time) error {
	if l.unsaid == 0 {
		return nil
	}
	var note []byte
	if l.torn {
		note = append(note, '\n')
	}
	note = appendLine(note, now, StreamWW, l.options.Instance, Whole, lostNote(l.unsaid))
	n, err := l.write(l.file, note)
	switch {
	case n == len(note):
		l.unsaid, l.torn = 0, false
		return nil
	case n > 0:
		l.torn = note[n-1] != '\n'
	}
	return err
}

func (l *Log) loseLocked(lines uint64, err error) {
	if l.unsaid == 0 && l.options.OnLoss != nil {
		l.options.OnLoss(lossError(l.path, err))
	}
	l.unsaid += lines
	l.lost.Add(lines)
}

// turnOverLocked sees to it that the file has room for more and is still the one that the path names.
func (l *Log) turnOverLocked(more int64) {
	now, err := os.Lstat(l.path)
	ours, oursErr := l.file.Stat()
	switch {
	case oursErr != nil:
	case err != nil || !os.SameFile(now, ours):
		l.reopenLocked() // another instance has put it aside, or somebody deleted it
	case ours.Size() > 0 && ours.Size()+more > l.options.MaxBytes:
		l.rotateLocked(ours)
	}
}

func (l *Log) reopenLocked() {
	f, err := openFile(l.path)
	if err != nil {
		return // the old one is better than none
	}
	l.file.Close()
	l.file, l.torn = f, false
	if l.options.Rotated != nil {
		l.options.Rotated(f)
	}
}

// rotateLocked puts the file aside by renaming it. The lock is on the file that goes, so that of several instances
// one does it; the current file is renamed last, so that after a crash at any point no file is lost and the next
// rotation finds the same order.
func (l *Log) rotateLocked(ours os.FileInfo) {
	fd := int(l.file.Fd())
	if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return // somebody is at it
	}
	if !l.putAsideLocked(ours) {
		_ = unix.Flock(fd, unix.LOCK_UN)
		return
	}
	l.reopenLocked() // and closing the old one unlocks it
}

func (l *Log) putAsideLocked(ours os.FileInfo) bool {
	if now, err := os.Lstat(l.path); err != nil || !os.SameFile(now, ours) {
		return false
	}
	if l.options.Keep < 2 {
		return os.Remove(l.path) == nil
	}
	for i := l.options.Keep - 2; i >= 1; i-- {
		_ = os.Rename(numbered(l.path, i), numbered(l.path, i+1)) // a gap in the numbers is no error
	}
	return os.Rename(l.path, numbered(l.path, 1)) == nil
}

func numbered(path string, i int) string {
	if i == 0 {
		return path
	}
	return path + "." + strconv.Itoa(i)
}

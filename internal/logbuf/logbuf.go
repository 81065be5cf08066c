// Package logbuf keeps what each component printed: one file of lines, written by the process that read them and read
// by whoever is curious.
//
// Between the two stands only the file. A writer never waits for a reader, a reader that falls behind costs nobody
// anything, and what a killed writer had handed to the kernel is there. docs/reference/logs.md describes the format.
package logbuf

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// StreamWW is the stream of lines that ww itself adds to a log.
const StreamWW = "ww"

// Options say whose lines a [Log] takes. Zero fields take the defaults named below.
type Options struct {
	Component string // names the file, <component>.log
	Instance  string // who writes: several instances may share a file

	MaxBytes int64         // a file this large is put aside, 10 MiB
	Keep     int           // files that are kept, the current one included, 5
	MaxLine  int           // longer lines are cut, 64 KiB
	Patience time.Duration // how long the rest of a line is waited for, 2 s

	Mask    func([]byte) []byte // hides secrets in a line before it is written; may return its argument
	OnLoss  func(error)         // called once when lines begin to be lost
	Rotated func(*os.File)      // the file is a new one: a process that has the old one as its stderr wants to know
}

func (o Options) filled() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 10 << 20
	}
	if o.Keep == 0 {
		o.Keep = 5
	}
	if o.MaxLine == 0 {
		o.MaxLine = 64 << 10
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Second
	}
	if o.Mask == nil {
		o.Mask = func(b []byte) []byte { return b }
	}
	return o
}

// Log writes the file of one component. It may be used by many goroutines, and the file by many processes.
type Log struct {
	options Options
	path    string
	lost    atomic.Uint64
	write   func(*os.File, []byte) (int, error) // a seam for full disks

	mu      sync.Mutex // guards what follows, and every Writer of this log
	file    *os.File
	batch   []byte // lines that wait for the one write of this call
	lines   int    // how many
	torn    bool   // the file ends within a line
	unsaid  uint64 // lost lines that the file does not mention yet
	closed  bool
	writers []*Writer
}

// Open opens the log of o.Component in dir, which must exist.
func Open(dir string, o Options) (*Log, error) {
	if err := checkNames(o); err != nil {
		return nil, err
	}
	l := &Log{options: o.filled(), path: filepath.Join(dir, o.Component+suffix), write: (*os.File).Write}
	var err error
	if l.file, err = openFile(l.path); err != nil {
		return nil, err
	}
	return l, nil
}

func checkNames(o Options) error {
	if o.Component == "" || strings.ContainsAny(o.Component, "/\x00") || o.Component[0] == '.' {
		return badName("component", o.Component)
	}
	if !word(o.Instance) {
		return badName("instance", o.Instance)
	}
	return nil
}

// word reports whether s can stand between the spaces of a line's head.
func word(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// Stream returns a writer for one stream of the component: stdout, stderr, or ww's own. The name is one word of
// letters and digits.
func (l *Log) Stream(name string) *Writer {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &Writer{log: l, stream: name}
	l.writers = append(l.writers, w)
	return w
}

// Lost returns how many lines could not be written: the disk was full, or worse.
func (l *Log) Lost() uint64 { return l.lost.Load() }

// Close writes what is left of every stream and closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return os.ErrClosed
	}
	now := time.Now()
	for _, w := range l.writers {
		w.endLocked(now)
	}
	l.flushLocked(now)
	l.closed = true
	return l.file.Close()
}

package recording

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// DirName is the directory of the lines of an app below its state directory.
const DirName = "recording"

// Options say where the lines are kept and how much of them. Zero fields take defaults.
type Options struct {
	Dir      string
	Instance string           // names the files
	Made     func() Component // the first line of each; called when the first one is made
	Mask     func([]byte) []byte
	MaxBytes int64         // of all files of the app; default 50 MB
	MaxAge   time.Duration // default 7 days
	Segment  int64         // bytes of one file; default 1 MiB
	Waiting  int64         // bytes that may wait to be written; default 8 MiB
	Log      *slog.Logger
}

const (
	defaultBytes   = 50 << 20
	defaultAge     = 7 * 24 * time.Hour
	defaultSegment = 1 << 20
	defaultWaiting = 8 << 20
	// company is how long a line waits for others: a busy component writes once for many.
	company = 20 * time.Millisecond
	ext     = ".jsonl"
)

// Tape writes the lines of one component. Its methods may be called from many goroutines and never wait for the disk.
type Tape struct {
	o       Options
	mu      sync.Mutex
	queue   []Entry
	waiting int64
	lost    int
	armed   bool
	timer   *time.Timer
	writing sync.Mutex // one write at a time; held without mu
	file    *os.File
	size    int64
	number  int
	made    *Component
	asked   atomic.Bool
	warned  bool
	closed  bool
}

// NewTape makes a tape. Nothing is on the disk before its first line.
func NewTape(o Options) *Tape {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultBytes
	}
	if o.MaxAge <= 0 {
		o.MaxAge = defaultAge
	}
	if o.Segment <= 0 {
		o.Segment = defaultSegment
	}
	if o.Waiting <= 0 {
		o.Waiting = defaultWaiting
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Mask == nil {
		o.Mask = func(b []byte) []byte { return b }
	}
	return &Tape{o: o}
}

// Called takes a call m and its answer. failure is why there is none.
func (t *Tape) Called(m, reply event.Message, failure string, at time.Time, took time.Duration) {
	if m.Turn == "" {
		return
	}
	e := Entry{
		Kind: KindCall, Turn: m.Turn, Session: m.Session, ID: m.ID, At: at.UTC(), Component: m.Source, To: m.Subject, Type: m.Type,
		RequestType: m.DataContentType, Request: m.Body, TookUS: took.Microseconds(),
	}
	if failure != "" {
		e.Error = failure
	} else {
		e.AnswerType, e.Answer, e.Fallback = reply.DataContentType, reply.Body, reply.Fallback
	}
	t.put(e)
}

// Handled takes the work of a component on the message m of a turn's way.
func (t *Tape) Handled(m event.Message, component, contentType string, body []byte, failure string, at time.Time, took time.Duration) {
	t.put(Entry{
		Kind: KindHop, Turn: m.Turn, Session: m.Session, At: at.UTC(), Component: component, Branch: m.Branch,
		RequestType: m.DataContentType, Request: m.Body, AnswerType: contentType, Answer: body, Error: failure, TookUS: took.Microseconds(),
	})
}

// Asked says that the component answers others, or hands on for them: what it is made of is written, once, though it has nothing to tell.
func (t *Tape) Asked() {
	if t.asked.Swap(true) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.arm()
}

func (t *Tape) put(e Entry) {
	size := int64(len(e.Request) + len(e.Answer) + 256)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.waiting+size > t.o.Waiting {
		t.lost++
		return
	}
	t.queue = append(t.queue, e)
	t.waiting += size
	t.arm()
}

// arm has what waits written in a moment.
func (t *Tape) arm() {
	if t.armed || t.closed {
		return
	}
	t.armed = true
	if t.timer == nil {
		t.timer = time.AfterFunc(company, t.Flush)
		return
	}
	t.timer.Reset(company)
}

// Flush writes what waits.
func (t *Tape) Flush() {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.mu.Lock()
	queue, lost := t.queue, t.lost
	t.queue, t.waiting, t.lost, t.armed = nil, 0, 0, false
	t.mu.Unlock()
	if len(queue) == 0 && lost == 0 && (t.file != nil || !t.asked.Load()) {
		return
	}
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for i := range queue {
		queue[i].Request, queue[i].Answer = t.o.Mask(queue[i].Request), t.o.Mask(queue[i].Answer)
		queue[i].Error = string(t.o.Mask([]byte(queue[i].Error)))
		_ = lines.Encode(queue[i]) // plain data, to memory
	}
	if lost > 0 {
		_ = lines.Encode(gap{KindGap, lost})
	}
	if err := t.write(b.Bytes()); err != nil && !t.warned {
		t.warned = true
		t.o.Log.Warn("turns are not recorded", "error", err)
	}
}

// Close writes what waits and ends the tape.
func (t *Tape) Close() {
	t.mu.Lock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	t.mu.Unlock()
	t.Flush()
	if t.file != nil {
		_ = t.file.Close() // it was written as far as it could be
	}
}

func (t *Tape) write(b []byte) error {
	if t.file != nil && (t.size > t.o.Segment || gone(t.file)) {
		_ = t.file.Close() // the next one tells
		t.file = nil
	}
	if t.file == nil {
		if err := t.open(); err != nil {
			return err
		}
	}
	n, err := t.file.Write(b)
	t.size += int64(n)
	return err
}

// gone reports whether a file was removed: another component keeps the bound, too.
func gone(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}

func (t *Tape) open() error {
	if err := os.MkdirAll(t.o.Dir, 0o700); err != nil {
		return err
	}
	prune(t.o)
	for {
		t.number++
		path := filepath.Join(t.o.Dir, t.o.Instance+"-"+strconv.Itoa(t.number)+ext)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		if t.made == nil {
			made := t.o.Made()
			made.At = time.Now().UTC()
			t.made = &made
		}
		made, err := json.Marshal(t.made)
		if err != nil {
			return err
		}
		n, err := f.Write(append(made, '\n'))
		t.file, t.size = f, int64(n)
		return err
	}
}

// prune removes the oldest files until the bounds hold.
func prune(o Options) {
	type stored struct {
		path string
		size int64
		used time.Time
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return
	}
	var all []stored
	total := o.Segment // the file that is about to be
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), ext) {
			continue
		}
		all = append(all, stored{filepath.Join(o.Dir, e.Name()), info.Size(), info.ModTime()})
		total += info.Size()
	}
	slices.SortFunc(all, func(a, b stored) int { return a.used.Compare(b.used) })
	old := time.Now().Add(-o.MaxAge)
	for _, s := range all {
		if total <= o.MaxBytes && !s.used.Before(old) {
			return
		}
		if os.Remove(s.path) == nil {
			total -= s.size
		}
	}
}

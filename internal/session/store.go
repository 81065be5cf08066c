package session

import (
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// Options say where the sessions are kept and how much of them. Zero fields take defaults.
type Options struct {
	Dir      string        // made if need be
	TTL      time.Duration // of a session that is not used; default DefaultTTL
	MaxBytes int64         // of all sessions together; default 50 MB
	MaxAge   time.Duration // since the last use; default 7 days
	Queue    int           // lines that may wait for the writer; default 4096
	Bytes    int64         // bytes that may wait; default 16 MiB
	Log      *slog.Logger  // default: nothing is logged
}

// The defaults of Options.
const (
	DefaultMaxBytes = 50 << 20
	DefaultMaxAge   = 7 * 24 * time.Hour
	defaultQueue    = 4096
	defaultWaiting  = 16 << 20
)

// idleQueue is how long a queue stays allocated.
const idleQueue = 256

// maxOpen is how many files the writer keeps open.
const maxOpen = 256

func (o Options) withDefaults() Options {
	if o.TTL <= 0 {
		o.TTL = DefaultTTL
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxAge <= 0 {
		o.MaxAge = DefaultMaxAge
	}
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	if o.Bytes <= 0 {
		o.Bytes = defaultWaiting
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store writes sessions as turns are accepted and end. Its methods may be called from many goroutines.
type Store struct {
	o      Options
	mu     sync.Mutex
	more   *sync.Cond // the queue grew, or the store is closed: for the writer
	less   *sync.Cond // the queue was taken: for replays that wait
	queue  []op
	bytes  int64
	lost   int
	due    bool        // the queue is to be written now
	late   *time.Timer // makes it due when nothing else has
	armed  bool        // late is running
	closed bool
	done   chan struct{}
}

// company is how long a line waits for others at most: the two lines of a quick turn are one write, and those of quick turns
// that follow each other are, too. Each write wakes a thread, which would be in the way of the next turn. Whoever reads a
// file sooner knows from the journals what is missing in it.
const company = 25 * time.Millisecond

// op is one line to be.
type op struct {
	kind   string
	m      event.Message
	at     time.Time
	replay bool
	flush  chan struct{} // not a line: closed when everything before it is written
}

// Open starts the writer. Close it.
func Open(o Options) (*Store, error) {
	o = o.withDefaults()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	s := &Store{o: o, done: make(chan struct{})}
	s.more, s.less = sync.NewCond(&s.mu), sync.NewCond(&s.mu)
	s.late = time.AfterFunc(time.Hour, s.overdue)
	s.late.Stop()
	w := newWriter(o)
	go s.run(w)
	return s, nil
}

// Accepted takes a turn whose TURN record is in the journal; m is the submit, its Origin the acceptor. A replayed one
// may be in the file already. It never blocks unless it is a replay.
func (s *Store) Accepted(m event.Message, at time.Time, replay bool) {
	s.put(op{kind: kindTurn, m: m, at: at, replay: replay})
}

// Ended takes the END of a turn, as End.Message made it.
func (s *Store) Ended(m event.Message, at time.Time, replay bool) {
	s.put(op{kind: kindEnd, m: m, at: at, replay: replay})
}

func (s *Store) put(o op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for o.replay && s.full() && !s.closed {
		s.less.Wait()
	}
	if s.closed || s.full() {
		s.lost++
		return
	}
	s.queue = append(s.queue, o)
	s.bytes += int64(len(o.m.Body))
	switch {
	case o.replay || len(s.queue) >= s.o.Queue/2 || s.bytes >= s.o.Bytes/2:
		s.dueLocked()
	case !s.due && !s.armed:
		s.armed = true
		s.late.Reset(company)
	}
}

func (s *Store) dueLocked() {
	if !s.due {
		s.due = true
		s.more.Signal()
	}
}

// overdue is called when a line has waited long enough.
func (s *Store) overdue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	if len(s.queue) > 0 {
		s.dueLocked()
	}
}

func (s *Store) full() bool { return len(s.queue) >= s.o.Queue || s.bytes >= s.o.Bytes }

// Flush waits until everything that was taken is written, and returns how many lines were lost so far: they are in the
// journal only. Whoever is about to forget journal records replays them when this number has changed.
func (s *Store) Flush() (lost int) {
	c := make(chan struct{})
	s.mu.Lock()
	if s.closed {
		defer s.mu.Unlock()
		return s.lost
	}
	s.queue = append(s.queue, op{flush: c})
	s.dueLocked()
	s.mu.Unlock()
	<-c
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Close writes what was taken and ends the writer.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.late.Stop()
	s.more.Broadcast()
	s.less.Broadcast()
	s.mu.Unlock()
	<-s.done
	return nil
}

// run is the writer's goroutine.
func (s *Store) run(w *writer) {
	defer close(s.done)
	defer w.close()
	w.prune()
	var batch []op
	for {
		s.mu.Lock()
		for !s.due && !s.closed {
			s.more.Wait()
		}
		s.due = false
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return
		}
		batch, s.queue = s.queue, batch[:0]
		s.bytes = 0
		s.less.Broadcast()
		s.mu.Unlock()
		lost := w.batch(batch)
		s.mu.Lock()
		s.lost += lost
		s.mu.Unlock()
		for i := range batch {
			if batch[i].flush != nil {
				close(batch[i].flush)
			}
		}
		if clear(batch); cap(batch) > idleQueue { // the bodies may go
			batch = nil
		}
	}
}

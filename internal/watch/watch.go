// Package watch turns bursts of file noise into sets of changed files.
//
// A [Watcher] follows files by their directories, so that an editor that writes a new file and renames it over the old
// one is a save like any other. It waits until the files are quiet, reads what may have changed and tells only of files
// whose contents are others than before: saving the same text again, touching, or a burst of fifty saves that ends where
// it began is no change. Where the system cannot tell of changes it looks once a second.
package watch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options say how to watch. The zero value is what people want.
type Options struct {
	Settle time.Duration // files must be quiet for this long; default 60 ms
	Poll   time.Duration // between two looks where the system does not tell; default 1 s
	// Warn hears, once, that the system does not tell. Nil: nobody does.
	Warn func(text string)

	calm   time.Duration                     // how long nobody is listened to after too much noise; 0: calmAfter
	open   func() (*fsnotify.Watcher, error) // nil: the system's
	silent func(dir string) string           // names the file system when it does not tell of all changes; nil: asks the system
}

// Watcher watches files. Make one with New, call Run once.
type Watcher struct {
	o       Options
	follow  chan order
	changes chan []string
	done    chan struct{}
}

// New returns a watcher of nothing.
func New(o Options) *Watcher {
	if o.Settle <= 0 {
		o.Settle = 60 * time.Millisecond
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.calm <= 0 {
		o.calm = calmAfter
	}
	if o.open == nil {
		o.open = fsnotify.NewWatcher
	}
	if o.silent == nil {
		o.silent = silent
	}
	return &Watcher{o: o, follow: make(chan order), changes: make(chan []string), done: make(chan struct{})}
}

// Changes are the sets of files whose contents have changed: absolute paths, sorted. Sets that nobody has taken yet are
// merged. The channel is closed when Run ends.
func (w *Watcher) Changes() <-chan []string { return w.changes }

// Follow replaces what is watched: absolute paths of files, which need not exist, and of directories, which are followed
// with everything in them that .gitignore does not name. A file that was followed before and has changed since it was
// last told of is still told of. When it returns the files have been read: what is saved from then on is a change.
func (w *Watcher) Follow(paths []string) {
	o := order{paths: paths, done: make(chan struct{})}
	select {
	case w.follow <- o:
		<-o.done
	case <-w.done:
	}
}

// order is a new set of paths.
type order struct {
	paths []string
	done  chan struct{}
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	defer close(w.changes)
	defer close(w.done)
	l := &loop{w: w, known: map[string]string{}, changed: map[string]bool{}, quiet: stopped(), ears: ears{calm: stopped()}}
	l.listen()
	defer l.close()
	for {
		var out chan []string
		var set []string
		if len(l.changed) > 0 {
			out, set = w.changes, slices.Sorted(maps.Keys(l.changed))
		}
		select {
		case <-ctx.Done():
			return
		case o := <-w.follow:
			l.replace(o.paths)
			close(o.done)
		case e, ok := <-l.events():
			l.noise(e.Name, ok)
			l.bear()
		case err, ok := <-l.errors():
			l.trouble(err, ok)
		case <-l.tick():
			l.look()
		case <-l.quiet.C:
			l.look()
		case <-l.ears.calm.C:
			l.listenAgain()
		case out <- set:
			clear(l.changed)
		}
	}
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// loop is the state of a watcher. Only the goroutine of Run touches it.
type loop struct {
	w       *Watcher
	paths   []string
	known   map[string]string // contents that were told of, by file
	changed map[string]bool   // not taken yet
	notify  *fsnotify.Watcher // nil: nobody tells
	dirs    map[string]bool   // that notify tells of
	poll    *time.Ticker
	quiet   *time.Timer
	since   time.Time // of the first noise that was not looked at
	ears    ears
	missing bool // something was gone at the last look: an editor may be in the middle of a save
}

func (l *loop) listen() {
	n, err := l.w.o.open()
	if err != nil {
		l.blind(err)
		return
	}
	l.notify, l.dirs = n, map[string]bool{}
}

// blind goes on without the system's help.
func (l *loop) blind(err error) {
	if l.poll != nil {
		return
	}
	l.close()
	l.poll = time.NewTicker(l.w.o.Poll)
	l.w.o.Warn("the system does not tell of changed files (" + err.Error() + "); looking every " + l.w.o.Poll.String() + " instead")
}

func (l *loop) close() {
	if l.notify != nil {
		_ = l.notify.Close() // nothing was written to it
	}
	l.notify = nil
	if l.poll != nil {
		l.poll.Stop()
	}
	l.ears.calm.Stop()
}

func (l *loop) events() <-chan fsnotify.Event {
	if l.notify == nil {
		return nil
	}
	return l.notify.Events
}

func (l *loop) errors() <-chan error {
	if l.notify == nil {
		return nil
	}
	return l.notify.Errors
}

func (l *loop) tick() <-chan time.Time {
	if l.poll == nil {
		return nil
	}
	return l.poll.C
}

// mostSettles bounds the waiting for quiet: files that are never quiet are read all the same.
const mostSettles = 10

// noise begins, or prolongs, the waiting for quiet.
func (l *loop) noise(path string, ok bool) {
	if !ok {
		l.blind(errors.New("its watch ended"))
		return
	}
	if !l.concerns(path) {
		return
	}
	now := time.Now()
	if l.since.IsZero() {
		l.since = now
	}
	if now.Sub(l.since) < mostSettles*l.w.o.Settle {
		l.quiet.Reset(l.w.o.Settle)
	}
}

// trouble: what was lost on the way nobody knows, so everything is looked at.
func (l *loop) trouble(err error, ok bool) {
	if !ok {
		l.blind(errors.New("its watch ended"))
		return
	}
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		l.blind(err)
	}
	l.look()
}

package watch

import "time"

// Directories are watched, so the system tells of every write to what lies beside a file, too. Something that is written
// all the time would have us listen to nothing else: then nobody is listened to for a while, and the files are looked at.
const (
	tooMuch   = 500             // so many events in a second are not listened to
	calmAfter = 5 * time.Second // and then it is tried again
	noisyLook = 4               // times the settle time, between two looks meanwhile
)

// ears know how much noise there is.
type ears struct {
	heard int       // events
	since time.Time // from then on
	calm  *time.Timer
}

// bear counts an event, and stops listening when there are too many.
func (l *loop) bear() {
	if l.ears.heard == 0 {
		l.ears.since = time.Now()
	}
	if l.ears.heard++; l.ears.heard < tooMuch || l.notify == nil {
		return
	}
	l.ears.heard = 0
	if time.Since(l.ears.since) > time.Second {
		return
	}
	_ = l.notify.Close() // nothing was written to it
	l.notify = nil
	l.poll = time.NewTicker(noisyLook * l.w.o.Settle)
	l.ears.calm.Reset(l.w.o.calm)
}

// listenAgain is the end of it: what was saved meanwhile is looked for once more.
func (l *loop) listenAgain() {
	l.poll.Stop()
	l.poll = nil
	l.listen()
	l.look()
}

package session

import (
	"bytes"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// fold makes a session of the bytes of its file. It never fails: what cannot be read is counted.
type fold struct {
	s     Session
	ttl   time.Duration
	at    map[string]int // place in s.List by turn
	seen  map[key]bool
	ended bool // by hand, and not used since
	after int  // turns before the session was ended by hand
	v     int  // version; 0: its line is not there
}

func newFold(id string) *fold {
	return &fold{s: Session{Info: Info{ID: id, Chain: []string{}}}, ttl: DefaultTTL, at: map[string]int{}, seen: map[key]bool{}}
}

// bytes takes whole lines. What stands behind the last newline is being written, or was when its writer died.
func (f *fold) bytes(b []byte) {
	f.s.Bytes = int64(len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return
		}
		f.raw(b[:i])
		b = b[i+1:]
	}
}

func (f *fold) raw(b []byte) {
	l, ok := parseLine(b)
	if !ok {
		f.s.Damaged++
		return
	}
	if k := (key{l.Kind, l.Turn}); l.Turn != "" {
		if f.seen[k] {
			return
		}
		f.seen[k] = true
	}
	switch l.Kind {
	case kindSession:
		f.header(l)
	case kindTurn:
		f.turn(l)
	case kindEnd:
		f.end(l)
	case kindEnded:
		f.s.Ended, f.ended, f.after = &l.At, true, len(f.s.List)
	}
	f.touch(l.At)
}

func (f *fold) header(l line) {
	if l.Session != "" {
		f.s.ID = l.Session
	}
	if l.TTL > 0 {
		f.ttl = time.Duration(l.TTL) * time.Millisecond
	}
	f.s.Route = l.Route
	f.v = l.V
}

func (f *fold) touch(at time.Time) {
	if at.IsZero() {
		return
	}
	if f.s.Created.IsZero() || at.Before(f.s.Created) {
		f.s.Created = at
	}
	if at.After(f.s.Updated) {
		f.s.Updated = at
	}
}

// get is the turn of a line; fresh is false when the file knew it.
func (f *fold) get(id string, at time.Time) (t *Turn, fresh bool) {
	if i, ok := f.at[id]; ok {
		return &f.s.List[i], false
	}
	f.at[id] = len(f.s.List)
	f.s.List = append(f.s.List, Turn{ID: id, At: at, Status: event.StatusPending, Hops: []event.Hop{}})
	return &f.s.List[len(f.s.List)-1], true
}

func (f *fold) turn(l line) {
	t, fresh := f.get(l.Turn, l.At)
	t.At, t.Text, t.ContentType = l.At, l.Text, l.ContentType
	t.Acceptor, t.TraceParent, t.RetryOf = l.Acceptor, l.TraceParent, l.RetryOf
	f.ended = f.ended && !fresh
}

func (f *fold) end(l line) {
	m := l.message()
	end, err := event.ParseEnd(&m)
	if err != nil {
		f.s.Damaged++
		return
	}
	t, _ := f.get(l.Turn, l.At)
	t.Status, t.Answer, t.Outputs, t.Error, t.EndedAt = end.Status, end.Answer, end.Outputs, end.Error, &l.At
	t.Hops = end.Hops
	t.TookMS = tookMS(end.TookMS, l.At.Sub(t.At))
}

// tookMS prefers what the acceptor measured. Its clock begins anew when it was restarted within the turn; then the
// times of the records, which are whole milliseconds of the wall clock, know better.
func tookMS(measured float64, wall time.Duration) float64 {
	if ms := float64(wall.Milliseconds()); ms > measured+2 {
		return ms
	}
	return max(0, measured)
}

// session finishes the fold.
func (f *fold) session(now time.Time) Session {
	s := f.s
	s.Turns = len(s.List)
	for i := range s.List {
		s.List[i].Session = s.ID
		if s.List[i].EndedAt == nil {
			s.Open++
		}
		if len(s.List[i].Hops) > 0 {
			s.Chain = chain(s.List[i].Hops)
		}
	}
	s.Expires = s.Updated.Add(f.ttl)
	switch {
	case f.ended:
		s.State = Ended
	case now.After(s.Expires) && s.Open == 0:
		s.State = Expired
	default:
		s.State = Active
	}
	if !f.ended {
		s.Ended = nil
	}
	return s
}

// chain is every component that a turn passed, in order, each once. The task master only hands on: the chain is the same
// with and without it.
func chain(hops []event.Hop) []string {
	out := []string{}
	for _, h := range hops {
		if !h.HandedOn && !slices.Contains(out, h.Component) {
			out = append(out, h.Component)
		}
	}
	return out
}

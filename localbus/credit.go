package localbus

import (
	"encoding/binary"

	"github.com/woodwork-lang/ww/internal/event"
)

// A callee streams as much of an answer as its caller has given credit for; what is more waits with the callee, where
// pieces of one answer become one piece. So a caller that takes its time costs neither side more than this, and holds up
// nobody else on the connection.
const (
	streamCredit = 128 << 10 // bytes in the hands of the caller of one call
	frameCost    = 256       // what a frame counts besides its body
)

// cost is what a pushed message takes of the credit.
func cost(m *event.Message) int { return frameCost + len(m.Body) }

// grant takes a CREDIT of the caller.
func (r *request) grant(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spent -= n
	r.pushLocked()
}

// mayLocked says whether the caller has credit left. One that never spoke of credit takes anything.
func (r *request) mayLocked() bool {
	limit := r.s.remote.Credit
	return limit <= 0 || r.spent < limit
}

// credit is the CREDIT frame of a caller.
func (s *served) credit(f frame) {
	if len(f.body) != 4 {
		return
	}
	s.mu.Lock()
	r := s.open[f.stream]
	s.mu.Unlock()
	if r != nil { // else it is answered already
		r.grant(int(binary.BigEndian.Uint32(f.body)))
	}
}

// consumed counts what a call has handed on, and gives credit for it when it is worth a frame.
func (d *dialed) consumed(c *call, stream uint32, n int) {
	c.owed += n
	if c.owed < streamCredit/2 {
		return
	}
	body := binary.BigEndian.AppendUint32(nil, uint32(c.owed))
	c.owed = 0
	_ = d.out.bare(frameCredit, stream, nil, body) // a broken connection is seen by its reader
}

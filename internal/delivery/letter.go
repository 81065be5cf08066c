package delivery

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// A message that nobody can take any more, or that killed its process twice, becomes a dead letter: its DEAD record is
// kept over checkpoints until a person drops it or newer ones push it out.

// The bounds of what a partition keeps of them.
const (
	maxLetters     = 1000
	maxLetterBytes = 1 << 20 // the newest one is kept whatever its size
)

// ckptDropped is the word in Head.Type of a Ckpt record that drops the letter Head.ID.
const ckptDropped = "dropped"

// Letter is a message that was set aside, and why.
type Letter struct {
	ID      string
	At      time.Time
	Reason  string
	Message event.Message // as its component got it or could not hand it on; no TTL
}

// LetterOf reads a DEAD record of a component's journal.
func LetterOf(component string, r *Record) (Letter, bool) {
	if r.Kind != Dead || len(r.Msgs) == 0 {
		return Letter{}, false
	}
	return Letter{letterID(component, &r.Head.Header), time.UnixMilli(r.At), string(r.Head.Body), r.Msgs[0]}, true
}

// LetterDropped reads a record by which a letter was dropped.
func LetterDropped(r *Record) (id string, ok bool) {
	if r.Kind != Ckpt || r.Head.Type != ckptDropped {
		return "", false
	}
	return r.Head.ID, true
}

// letterID names a letter by the work it was, so that every reader of the journal finds the same name.
func letterID(component string, h *event.Header) string {
	s := fnv.New64a()
	for _, part := range []string{component, h.Source, h.Subject, h.Base, strconv.FormatUint(h.Seq, 10), h.Turn, h.Branch} {
		s.Write([]byte(part))
		s.Write([]byte{0})
	}
	return fmt.Sprintf("d-%012x", s.Sum64()>>16)
}

// Letters are the dead letters that are kept, oldest first.
func (p *Partition) Letters() []Letter {
	out := make([]Letter, 0, len(p.letters))
	for i := range p.letters {
		l, _ := LetterOf(p.cfg.Component, &p.letters[i])
		out = append(out, l)
	}
	return out
}

// Drop forgets a dead letter. found is false when none has this id.
func (p *Partition) Drop(id string, now time.Time) (found bool, e Effects) {
	p.now = now
	for i := range p.letters {
		h := &p.letters[i].Head.Header
		if letterID(p.cfg.Component, h) == id {
			e.record(Record{Kind: Ckpt, Head: event.Message{Header: event.Header{
				Type: ckptDropped, ID: id, Turn: h.Turn, Session: h.Session,
			}}})
			p.dropLetter(id)
			return true, e
		}
	}
	return false, e
}

// keepLetter keeps a DEAD record without the reports it sent. The driver has not told its time yet when it is new.
func (p *Partition) keepLetter(r Record) {
	if len(r.Msgs) == 0 {
		return
	}
	if r.At <= 0 {
		r.At = p.now.UnixMilli()
	}
	r.Msgs = r.Msgs[:1:1]
	p.letters = append(p.letters, r)
	size := 0
	for i := len(p.letters) - 1; i >= 0; i-- {
		size += len(p.letters[i].Msgs[0].Body)
		if kept := len(p.letters) - i; kept > maxLetters || kept > 1 && size > maxLetterBytes {
			p.letters = append([]Record(nil), p.letters[i+1:]...)
			return
		}
	}
}

func (p *Partition) dropLetter(id string) {
	kept := p.letters[:0:0]
	for i := range p.letters {
		if letterID(p.cfg.Component, &p.letters[i].Head.Header) != id {
			kept = append(kept, p.letters[i])
		}
	}
	p.letters = kept
}

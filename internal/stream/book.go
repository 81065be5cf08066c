// Package stream puts the pieces of an answer back together, whatever was lost, came twice or came late on the way.
//
// A stream is what one attempt of one hop writes; its name is turn/hop/attempt, with ~run behind it when the attempt has
// begun its text anew. A piece says of which stream it is and at which byte it stands. Texts of two attempts never mix
// (R8): a piece of a later attempt begins anew, one of an earlier attempt is refused.
package stream

import (
	"slices"
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
)

// MaxKept bounds how much of one stream is kept for whoever resumes it: its beginning.
const MaxKept = 256 << 10

// maxStreams bounds the hops of one turn whose streams are kept.
const maxStreams = 16

// Book is what is known of the streams of one turn, one of each hop. The zero value is empty.
type Book struct {
	streams []*text
}

// text is the newest stream of a hop.
type text struct {
	name
	at   int    // bytes that came
	kept []byte // the first of them, without a hole
}

// name is a stream's, taken apart.
type name struct {
	id, hop      string
	attempt, run int
}

func parse(id string) name {
	n := name{id: id, hop: id}
	slash := strings.LastIndexByte(id, '/')
	if slash < 0 {
		return n
	}
	attempt, run, _ := strings.Cut(id[slash+1:], "~")
	a, err := strconv.Atoi(attempt)
	if err != nil {
		return n
	}
	n.hop, n.attempt = id[:slash], a
	n.run, _ = strconv.Atoi(run)
	return n
}

// before says whether n is an earlier attempt than o, or an earlier run of the same one.
func (n name) before(o name) bool {
	return n.attempt < o.attempt || n.attempt == o.attempt && n.run < o.run
}

// Verdict says what became of a piece.
type Verdict uint8

// The verdicts.
const (
	Old   Verdict = iota + 1 // it says nothing new: it came before, or is of an attempt that is over
	Fresh                    // what came back is new
	Gap                      // something before it is missing: nothing was taken
)

// Take puts a piece in its place. What comes back, when it is Fresh, is the part of it that is new.
func (b *Book) Take(c event.Chunk) (event.Chunk, Verdict) {
	n := parse(c.Stream)
	t := b.of(n.hop)
	begun := false
	switch {
	case t == nil:
		t, begun = &text{name: n}, true
	case n.id == t.id:
	case n.before(t.name):
		return event.Chunk{}, Old
	default:
		t, begun = &text{name: n}, true
	}
	end := c.Offset + len(c.Text)
	switch {
	case c.Offset < 0:
		return event.Chunk{}, Old
	case c.Offset > t.at:
		return event.Chunk{}, Gap
	case end <= t.at && !begun:
		return event.Chunk{}, Old
	}
	c.Text, c.Offset = c.Text[t.at-c.Offset:], t.at
	b.put(t, begun)
	t.add(c)
	return c, Fresh
}

// Skip takes a piece although something before it is missing: that will not come any more.
func (b *Book) Skip(c event.Chunk) (event.Chunk, Verdict) {
	fresh, v := b.Take(c)
	if v != Gap {
		return fresh, v
	}
	n := parse(c.Stream)
	t := b.of(n.hop)
	if t == nil || t.id != n.id {
		t = &text{name: n}
		b.put(t, true)
	}
	t.add(c)
	return c, Fresh
}

func (t *text) add(c event.Chunk) {
	if c.Offset == len(t.kept) && len(t.kept)+len(c.Text) <= MaxKept {
		t.kept = append(t.kept, c.Text...)
	}
	t.at = c.Offset + len(c.Text)
}

func (b *Book) of(hop string) *text {
	for _, t := range b.streams {
		if t.hop == hop {
			return t
		}
	}
	return nil
}

func (b *Book) put(t *text, begun bool) {
	if !begun {
		return
	}
	b.streams = slices.DeleteFunc(b.streams, func(o *text) bool { return o.hop == t.hop })
	if len(b.streams) == maxStreams {
		b.streams = slices.Delete(b.streams, 0, 1)
	}
	b.streams = append(b.streams, t)
}

// At is how far the stream has come of which a piece would be; 0 when it is not known.
func (b *Book) At(id string) int {
	n := parse(id)
	if t := b.of(n.hop); t != nil && t.id == n.id {
		return t.at
	}
	return 0
}

// Positions say how far each stream has come: with them a stream is resumed.
func (b *Book) Positions() []event.Position {
	var out []event.Position
	for _, t := range b.streams {
		out = append(out, event.Position{Stream: t.id, Offset: t.at})
	}
	return out
}

// Since is what somebody lacks who has come as far as have says. Who has another attempt's text gets the whole of this
// one; who has a later one's gets nothing.
func (b *Book) Since(have []event.Position) []event.Chunk {
	var out []event.Chunk
	for _, t := range b.streams {
		from := 0
		for _, p := range have {
			switch n := parse(p.Stream); {
			case n.id == t.id:
				from = max(0, p.Offset)
			case n.hop == t.hop && t.before(n):
				from = len(t.kept)
			}
		}
		if from < len(t.kept) {
			out = append(out, event.Chunk{Stream: t.id, Offset: from, Text: string(t.kept[from:])})
		}
	}
	return out
}

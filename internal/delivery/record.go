package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/woodwork-lang/ww/internal/event"
)

// Partitions is how many parts an inbox has. It is written into every app's state and never changes.
const Partitions = 16

// PartitionOf names the partition of a session, the same one at every component (R2).
func PartitionOf(session string) int {
	h := fnv.New32a()
	h.Write([]byte(session))
	return int(h.Sum32() % Partitions)
}

// Kind says what a record means.
type Kind byte

// The kinds of record (R4). Their numbers are on disk.
const (
	Turn   Kind = iota + 1 // a face's text was accepted; Head is the submit
	In                     // a chain message was received; Head is the message
	Start                  // the handler is about to run; Head.Type is one of the start words
	Intent                 // a request is about to be sent
	Step                   // its result
	Out                    // the hop is done; Msgs are the outgoing messages, which have the result
	Sent                   // an outgoing message is in the next hop's journal
	Skip                   // a number of a channel that will never carry a message
	Cancel                 // the turn was cancelled
	Dead                   // the message was set aside; Head.Body is the reason
	End                    // the turn is over; Head is the end as End.Message makes it
	Ckpt                   // a mark carried over from an older segment
)

// The words in Head.Type of a Start record.
const (
	StartNormal  = "start"   // beside others
	StartAlone   = "alone"   // nothing else was running
	StartCrashed = "crashed" // written after its process died working on exactly this message
)

// The words in Head.Type of an Out record without a result; Head.Body is the reason.
const (
	outError    = "error"
	OutCanceled = "canceled" // took effect out of turn
	OutLost     = "lost"     // no result of a hop: a message was given up, and this is the report of it
)

// The words in Head.Type of a Ckpt record.
const (
	ckptIn  = "in"  // Head names a receiving channel and its high-water mark
	ckptOut = "out" // Head names a sending channel and its last number; Msgs are not yet acknowledged
)

// CkptClock is the word in Head.Type of a Ckpt record that says how the driver's clock stood: of which boot of the machine
// (Head.ID) the times after it are, and how long that had lasted (Head.Took). It means nothing to a partition.
const CkptClock = "clock"

// Record is one entry of a partition's journal.
type Record struct {
	Kind Kind
	At   int64 // when it was appended: milliseconds since 1970 on the wall clock; set by the driver
	Head event.Message
	Msgs []event.Message
}

// Vital says whether something follows from the record that must not be undone by a power cut: an acknowledgement, a message
// that is sent, a call that changes the world. The loss of any other one costs work only.
func (r *Record) Vital() bool {
	switch r.Kind {
	case Start:
		return r.Head.Type == receiptType
	case Step, Sent:
		return false
	}
	return true
}

var kindNames = [...]string{"", "TURN", "IN", "START", "INTENT", "STEP", "OUT", "SENT", "SKIP", "CANCEL", "DEAD", "END", "CKPT"}

// String is the kind as the documentation writes it.
func (k Kind) String() string {
	if int(k) < len(kindNames) && k > 0 {
		return kindNames[k]
	}
	return fmt.Sprintf("KIND(%d)", byte(k))
}

var errShort = errors.New("record is shorter than it says")

// AppendPayload appends the record's payload: i64 time of the append, u16 count of messages, then per message u16 header length, u32 body length, header
// JSON, body; integers big-endian. The first message is Head.
func (r *Record) AppendPayload(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(r.At))
	dst = binary.BigEndian.AppendUint16(dst, uint16(1+len(r.Msgs)))
	dst = appendMessage(dst, &r.Head)
	for i := range r.Msgs {
		dst = appendMessage(dst, &r.Msgs[i])
	}
	return dst
}

func appendMessage(dst []byte, m *event.Message) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0, 0)
	dst = event.AppendHeader(dst, &m.Header)
	binary.BigEndian.PutUint16(dst[at:], uint16(len(dst)-at-6))
	binary.BigEndian.PutUint32(dst[at+2:], uint32(len(m.Body)))
	return append(dst, m.Body...)
}

// Decode reads a record's payload. The bodies share memory with payload.
func Decode(kind byte, payload []byte) (Record, error) {
	r := Record{Kind: Kind(kind)}
	if len(payload) < 10 {
		return r, errShort
	}
	r.At = int64(binary.BigEndian.Uint64(payload))
	n := int(binary.BigEndian.Uint16(payload[8:]))
	payload = payload[10:]
	if n < 1 {
		return r, errShort
	}
	for i := range n {
		m, rest, err := scanMessage(payload)
		if err != nil {
			return r, fmt.Errorf("%s record: %w", r.Kind, err)
		}
		payload = rest
		if i == 0 {
			r.Head = m
			continue
		}
		r.Msgs = append(r.Msgs, m)
	}
	return r, nil
}

func scanMessage(b []byte) (event.Message, []byte, error) {
	var m event.Message
	if len(b) < 6 {
		return m, nil, errShort
	}
	h, n := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint32(b[2:]))
	b = b[6:]
	if h > len(b) || n > len(b)-h {
		return m, nil, errShort
	}
	if err := event.ScanHeader(b[:h], &m.Header); err != nil {
		return m, nil, err
	}
	m.Body = b[h : h+n : h+n]
	return m, b[h+n:], nil
}

// key names a piece of work: a turn at its acceptor, or one message of a channel.
type key struct {
	source, base string
	seq          uint64
	turn         string // only for a turn at its acceptor
}

func keyOf(k Kind, h *event.Header) key {
	if k == Turn || h.Source == "" {
		return key{turn: h.Turn}
	}
	return key{source: h.Source, base: h.Base, seq: h.Seq}
}

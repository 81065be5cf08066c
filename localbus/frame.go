package localbus

import (
	"encoding/binary"

	"github.com/woodwork-lang/ww/internal/event"
)

// The bounds of a frame, header and body together.
const (
	DefaultMaxFrame = 1 << 20
	HardMaxFrame    = 16 << 20
)

// The types of frame. A number is never reused.
type frameType uint8

const (
	frameHello     frameType = 1
	frameMsg       frameType = 2
	frameAck       frameType = 3
	frameNack      frameType = 4
	frameCredit    frameType = 5
	frameStream    frameType = 6
	frameStreamEnd frameType = 7
	frameCancel    frameType = 8
	framePing      frameType = 9
	framePong      frameType = 10
	frameGoAway    frameType = 11
)

// The flags of a frame.
const (
	flagCall  = 0x01 // MSG: the sender waits for STREAM_END or NACK
	flagEvent = 0x02 // MSG: at most once, no answer
	flagMust  = 0x80 // whoever does not know the type closes the connection instead of skipping the frame
)

// The fixed part: u32 length of all that follows it, u8 type, u8 flags, u16 header length, u32 stream id.
const (
	lengthSize = 4
	fixedSize  = 12
)

// frame is one frame as it lies in the read buffer: header and body are valid until the next read.
type frame struct {
	typ    frameType
	flags  uint8
	stream uint32
	header []byte
	body   []byte
}

// parseFrame takes one frame from the front of b. n is its size, 0 when b does not hold all of it yet; need is then
// the size that is known to be needed. Lengths are checked before anybody allocates for them.
func parseFrame(b []byte, limit int) (f frame, n, need int, err error) {
	if len(b) < lengthSize {
		return f, 0, fixedSize, nil
	}
	length := int64(binary.BigEndian.Uint32(b))
	if length < fixedSize-lengthSize {
		return f, 0, 0, errShortFrame
	}
	if length > int64(limit) {
		return f, 0, 0, errLongFrame
	}
	size := int(length) + lengthSize
	if len(b) < fixedSize {
		return f, 0, size, nil
	}
	header := int(binary.BigEndian.Uint16(b[6:]))
	if header > size-fixedSize {
		return f, 0, 0, errHeaderLength
	}
	if len(b) < size {
		return f, 0, size, nil
	}
	return frame{
		typ:    frameType(b[4]),
		flags:  b[5],
		stream: binary.BigEndian.Uint32(b[8:]),
		header: b[fixedSize : fixedSize+header],
		body:   b[fixedSize+header : size],
	}, size, 0, nil
}

// appendFixed appends the fixed part with the lengths still open; closeFrame fills them in.
func appendFixed(b []byte, t frameType, flags uint8, stream uint32) []byte {
	b = append(b, 0, 0, 0, 0, byte(t), flags, 0, 0)
	return binary.BigEndian.AppendUint32(b, stream)
}

// closeFrame fills in the lengths of the frame that starts at start and whose header ends at headerEnd.
func closeFrame(b []byte, start, headerEnd int) {
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-lengthSize))
	binary.BigEndian.PutUint16(b[start+6:], uint16(headerEnd-start-fixedSize))
}

// appendMessage appends a frame that carries a message. When the result is larger than limit or its header longer than
// a header may be, b comes back as it was with false.
func appendMessage(b []byte, t frameType, flags uint8, stream uint32, m *event.Message, limit int) ([]byte, bool) {
	start := len(b)
	b = appendFixed(b, t, flags, stream)
	b = event.AppendHeader(b, &m.Header)
	headerEnd := len(b)
	if headerEnd-start-fixedSize > event.MaxHeader || headerEnd-start-lengthSize+len(m.Body) > limit {
		return b[:start], false
	}
	b = append(b, m.Body...)
	closeFrame(b, start, headerEnd)
	return b, true
}

// appendBare appends a frame whose header is not a message's: an empty one, or a small JSON object.
func appendBare(b []byte, t frameType, flags uint8, stream uint32, header, body []byte) []byte {
	start := len(b)
	b = appendFixed(b, t, flags, stream)
	b = append(b, header...)
	headerEnd := len(b)
	b = append(b, body...)
	closeFrame(b, start, headerEnd)
	return b
}

// message copies the message out of the read buffer.
func (f frame) message() (event.Message, error) {
	var m event.Message
	if err := event.ScanHeader(f.header, &m.Header); err != nil {
		return m, err
	}
	if len(f.body) > 0 {
		m.Body = append([]byte(nil), f.body...)
	}
	return m, nil
}

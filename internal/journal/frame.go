package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// The sizes and limits of the format; docs/journal.md draws the pictures.
const (
	version  = 1
	copyLen  = 32          // one copy of a segment's head
	headLen  = 2 * copyLen // the head is written twice: one flipped bit must not cost a segment
	frameLen = 13          // mark, length, checksum, kind

	// MaxPayload is the largest payload a record may have.
	MaxPayload = 64 << 20
)

// markBits are set in every mark, so that no text in UTF-8 that is mostly ASCII, and no run of zeros, looks like one.
const markBits = 0x80808080

var magic = [4]byte{'w', 'w', 'j', 'l'}

// castagnoli is the table of the checksums. It is made once, when the first is asked for: most commands have no journal.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// head is what a segment says of itself.
type head struct {
	number  uint32
	mark    uint32 // starts every record of this segment; random, so that no payload can know it
	prev    uint32 // the segment it goes on from; 0: it stands alone and replaces all before it
	prevLen int64  // only that much of prev counts
}

func (h head) appendTo(dst []byte) []byte {
	for range 2 {
		at := len(dst)
		dst = append(dst, magic[:]...)
		dst = binary.BigEndian.AppendUint16(dst, version)
		dst = binary.BigEndian.AppendUint16(dst, 0)
		dst = binary.BigEndian.AppendUint32(dst, h.number)
		dst = binary.BigEndian.AppendUint32(dst, h.mark)
		dst = binary.BigEndian.AppendUint32(dst, h.prev)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.prevLen))
		dst = binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli()))
	}
	return dst
}

// parseHead reads the head from its first intact copy and counts the intact ones. An intact copy of another version
// is an error: a newer ww wrote it, and guessing would lose what it meant.
func parseHead(b []byte) (h head, intact int, err error) {
	for i := 0; i+copyLen <= min(len(b), headLen); i += copyLen {
		c := b[i : i+copyLen]
		if !bytes.Equal(c[:4], magic[:]) || crc32.Checksum(c[:28], castagnoli()) != binary.BigEndian.Uint32(c[28:]) {
			continue
		}
		if v := binary.BigEndian.Uint16(c[4:]); v != version {
			return h, 0, &VersionError{Version: int(v)}
		}
		intact++
		h = head{
			number:  binary.BigEndian.Uint32(c[8:]),
			mark:    binary.BigEndian.Uint32(c[12:]),
			prev:    binary.BigEndian.Uint32(c[16:]),
			prevLen: int64(binary.BigEndian.Uint64(c[20:])),
		}
	}
	return h, intact, nil
}

// appendFrames appends recs as they stand in a segment with that mark, the first of them at offset off.
func appendFrames(dst []byte, off int64, mark uint32, recs []Record) []byte {
	for i := range recs {
		n := len(dst)
		dst = appendFrame(dst, off, mark, recs[i].Kind, recs[i].Payload)
		off += int64(len(dst) - n)
	}
	return dst
}

func appendFrame(dst []byte, off int64, mark uint32, kind byte, payload []byte) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, mark)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	dst = append(dst, 0, 0, 0, 0, kind)
	dst = append(dst, payload...)
	binary.BigEndian.PutUint32(dst[at+8:], sum(off, dst[at:]))
	return dst
}

// sum is a frame's checksum: over mark, length, kind and payload, begun from the frame's offset. The offset is what
// makes a copy of a record inside some payload no record: it stands elsewhere.
func sum(off int64, frame []byte) uint32 {
	c := crc32.Update(uint32(off), castagnoli(), frame[:8])
	return crc32.Update(c, castagnoli(), frame[12:])
}

// reframe moves whole frames to another segment and offset.
func reframe(dst, frames []byte, off int64, mark uint32) []byte {
	for len(frames) > 0 {
		n := frameLen + int(binary.BigEndian.Uint32(frames[4:]))
		dst = appendFrame(dst, off, mark, frames[12], frames[frameLen:n])
		frames = frames[n:]
		off += int64(n)
	}
	return dst
}

func framesLen(recs []Record) (int64, error) {
	var n int64
	for i := range recs {
		if len(recs[i].Payload) > MaxPayload {
			return 0, ErrTooLarge
		}
		n += frameLen + int64(len(recs[i].Payload))
	}
	return n, nil
}

package knowledge

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"math"
)

// A store is one file: a line of JSON that says what it is, then records. Passages count when the record of their document
// follows them; a later document of the same path replaces an earlier one, and a dropped one takes it away. What is torn or
// wrong at the end has never been. A record:
//
//	u8 kind | u32 bytes of JSON | u32 numbers | JSON | numbers, float32 | u32 CRC-32C of all that
//
// Integers and floats are little-endian.

// head is the first line.
type head struct {
	WW      string `json:"ww"` // "knowledge"
	Version int    `json:"version"`
	Model   string `json:"model"`
}

const formatVersion = 1

// The kinds of record.
const (
	passageRecord = 'P' // a passageHead, and its vector
	fileRecord    = 'F' // a File
	dropRecord    = 'D' // a File of which only the path counts
)

type passageHead struct {
	File  string `json:"file"`
	Index int    `json:"index"`
	Text  string `json:"text"`
}

// The bounds of a record; what is beyond is damage.
const (
	maxJSON    = 64 << 20
	maxNumbers = 1 << 16
	fixedSize  = 9 // kind and the two lengths
	sumSize    = 4
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendRecord appends a record to dst.
func appendRecord(dst []byte, kind byte, v any, vector []float32) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	from := len(dst)
	dst = append(dst, kind)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(b)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(vector)))
	dst = append(dst, b...)
	for _, x := range vector {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[from:], castagnoli())), nil
}

// record is one that was read.
type record struct {
	kind    byte
	json    []byte
	vector  []byte // of float32
	at, end int64  // in the file
}

// records reads a store from a place on, up to its end or to the first record that is not whole.
type records struct {
	r  *bufio.Reader
	at int64
}

var errTorn = errors.New("a record is not whole")

func (r *records) next() (record, error) {
	fixed := make([]byte, fixedSize)
	if _, err := io.ReadFull(r.r, fixed); err != nil {
		if errors.Is(err, io.EOF) {
			return record{}, io.EOF
		}
		return record{}, errTorn
	}
	n, k := binary.LittleEndian.Uint32(fixed[1:]), binary.LittleEndian.Uint32(fixed[5:])
	if n > maxJSON || k > maxNumbers {
		return record{}, errTorn
	}
	body := make([]byte, int(n)+4*int(k)+sumSize)
	if _, err := io.ReadFull(r.r, body); err != nil {
		return record{}, errTorn
	}
	sum := crc32.Update(crc32.Checksum(fixed, castagnoli()), castagnoli(), body[:len(body)-sumSize])
	if sum != binary.LittleEndian.Uint32(body[len(body)-sumSize:]) {
		return record{}, errTorn
	}
	rec := record{kind: fixed[0], json: body[:n], vector: body[n : len(body)-sumSize], at: r.at}
	r.at += int64(fixedSize + len(body))
	rec.end = r.at
	return rec, nil
}

func dot(v []float32, b []byte) float64 {
	var sum float32
	for i, x := range v {
		sum += x * math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return float64(sum)
}

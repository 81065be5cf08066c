package event

import "encoding/json"

// maxJoined bounds the text of pieces that were joined.
const maxJoined = 64 << 10

// JoinChunks appends next to a piece of the same answer that ends where next begins. It reports false, and changes nothing,
// when they are not such pieces.
func JoinChunks(m, next *Message) bool {
	if m.Type != TypeChunk || next.Type != TypeChunk || m.Turn != next.Turn || m.Session != next.Session || next.Dropped > 0 {
		return false
	}
	if len(m.Body)+len(next.Body) > maxJoined {
		return false
	}
	var a, b Chunk
	if json.Unmarshal(m.Body, &a) != nil || json.Unmarshal(next.Body, &b) != nil {
		return false
	}
	if a.Stream != b.Stream || a.Offset+len(a.Text) != b.Offset {
		return false
	}
	a.Text += b.Text
	body, err := json.Marshal(a)
	if err != nil {
		return false
	}
	m.Body = body
	return true
}

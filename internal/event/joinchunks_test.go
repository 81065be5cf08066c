package event

import (
	"encoding/json"
	"testing"
)

func piece(stream string, offset int, text string) Message {
	return Message{Header: Header{Type: TypeChunk, Turn: "t", Session: "s"}, Body: Payload(Chunk{Stream: stream, Offset: offset, Text: text})}
}

func TestOnlyPiecesThatFollowEachOtherBecomeOne(t *testing.T) {
	m := piece("t/a/1", 0, "Hello, ")
	next := piece("t/a/1", 7, "wörld")
	if !JoinChunks(&m, &next) {
		t.Fatal("pieces that follow each other were not joined")
	}
	var c Chunk
	if err := json.Unmarshal(m.Body, &c); err != nil || c.Text != "Hello, wörld" || c.Offset != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	other := piece("t/a/1", 20, "x")
	other.Turn = "u"
	for name, n := range map[string]Message{
		"a gap": piece("t/a/1", 20, "x"), "another attempt": piece("t/a/2", 13, "x"), "another turn": other,
		"too large": piece("t/a/1", 13, string(make([]byte, maxJoined))), "no piece": {Header: Header{Type: TypeAccepted}},
	} {
		was := string(m.Body)
		if JoinChunks(&m, &n) || string(m.Body) != was {
			t.Errorf("%s was joined", name)
		}
	}
}

package stream_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/stream"
)

func piece(id string, at int, text string) event.Chunk {
	return event.Chunk{Stream: id, Offset: at, Text: text}
}

func TestPiecesComeToTheirPlace(t *testing.T) {
	tests := []struct {
		name   string
		before []event.Chunk
		c      event.Chunk
		want   stream.Verdict
		text   string
		at     int
	}{
		{"the first", nil, piece("t/a/1", 0, "ab"), stream.Fresh, "ab", 0},
		{"the next", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/1", 2, "cd"), stream.Fresh, "cd", 2},
		{"again", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/1", 0, "ab"), stream.Old, "", 0},
		{"half of it again", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/1", 1, "bc"), stream.Fresh, "c", 2},
		{"behind a hole", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/1", 3, "d"), stream.Gap, "", 0},
		{"the next attempt", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/2", 0, "x"), stream.Fresh, "x", 0},
		{"the middle of the next attempt", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/2", 2, "x"), stream.Gap, "", 0},
		{"an attempt that is over", []event.Chunk{piece("t/a/2", 0, "ab")}, piece("t/a/1", 2, "x"), stream.Old, "", 0},
		{"attempts are numbers", []event.Chunk{piece("t/a/9", 0, "ab")}, piece("t/a/10", 0, "x"), stream.Fresh, "x", 0},
		{"begun anew", []event.Chunk{piece("t/a/1", 0, "ab")}, piece("t/a/1~1", 0, ""), stream.Fresh, "", 0},
		{"before it was begun anew", []event.Chunk{piece("t/a/1~1", 0, "ab")}, piece("t/a/1", 2, "x"), stream.Old, "", 0},
		{"another hop", []event.Chunk{piece("t/a/2", 0, "ab")}, piece("t/b/1", 0, "x"), stream.Fresh, "x", 0},
		{"a negative offset", nil, piece("t/a/1", -1, "x"), stream.Old, "", 0},
		{"a name without an attempt", []event.Chunk{piece("odd", 0, "ab")}, piece("odd", 2, "c"), stream.Fresh, "c", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b stream.Book
			for _, c := range tt.before {
				b.Take(c)
			}
			got, v := b.Take(tt.c)
			if v != tt.want || got.Text != tt.text || got.Offset != tt.at {
				t.Errorf("got %q at %d, verdict %d", got.Text, got.Offset, v)
			}
		})
	}
}

func TestOnlyTheBeginningOfALongStreamIsKept(t *testing.T) {
	var b stream.Book
	half := strings.Repeat("x", stream.MaxKept/2)
	for i := range 4 {
		if _, v := b.Take(piece("t/a/1", i*len(half), half)); v != stream.Fresh {
			t.Fatalf("piece %d: verdict %d", i, v)
		}
	}
	if at := b.At("t/a/1"); at != 4*len(half) {
		t.Errorf("it has come to %d", at)
	}
	if since := b.Since(nil); len(since) != 1 || len(since[0].Text) != stream.MaxKept {
		t.Errorf("kept %d pieces", len(since))
	}
	for i := range 100 {
		b.Take(piece(fmt.Sprintf("t/h%d/1", i), 0, "x"))
	}
	if n := len(b.Positions()); n > 16 {
		t.Errorf("%d streams are kept", n)
	}
}

// fault is a rule switched off.
type fault uint8

const (
	none   fault = iota
	mixed        // pieces are put together whatever attempt they are of
	resume       // a stream is resumed at the offset of another attempt
)

// alike makes all attempts look like one.
func alike(id string) string { return id[:strings.LastIndexByte(id, '/')+1] + "1" }

// play streams several attempts of a hop over a way that loses, repeats and delays, by way of an acceptor that dies, to
// somebody whose connection breaks. It returns what was ever shown that nobody had said.
func play(seed uint64, f fault) (wrong string) {
	rng := rand.New(rand.NewPCG(seed, 1))
	said := map[string]string{} // by attempt
	var acceptor, client stream.Book
	shown, of := "", ""
	deaf := false
	show := func(c event.Chunk) {
		if deaf {
			return
		}
		if f == mixed {
			c.Stream = alike(c.Stream)
		}
		fresh, v := client.Skip(c)
		if v != stream.Fresh {
			return
		}
		if fresh.Stream != of {
			shown, of = "", fresh.Stream
		}
		if fresh.Offset == len(shown) { // a hole is shown as one
			shown += fresh.Text
		}
		whole := said[of]
		if f == mixed {
			for _, s := range said { // whichever it may be
				if strings.HasPrefix(s, shown) {
					whole = s
				}
			}
		}
		if !strings.HasPrefix(whole, shown) {
			wrong = fmt.Sprintf("shown %q, said %q", shown, whole)
		}
	}
	var late []event.Chunk
	arrive := func(c event.Chunk) {
		if f == mixed {
			c.Stream = alike(c.Stream)
		}
		fresh, v := acceptor.Take(c)
		if v == stream.Gap { // asked of who streams
			at := acceptor.At(c.Stream)
			if whole := said[c.Stream]; at <= len(whole) {
				fresh, v = acceptor.Take(piece(c.Stream, at, whole[at:]))
			}
		}
		if v == stream.Fresh {
			show(fresh)
		}
	}
	for attempt := 1; attempt <= 3; attempt++ {
		id := fmt.Sprintf("t/agent/%d", attempt)
		for range 10 + rng.IntN(20) {
			text := string(rune('a'+rng.IntN(26))) + fmt.Sprint(attempt)
			c := piece(id, len(said[id]), text)
			said[id] += text
			switch rng.IntN(10) {
			case 0: // lost
			case 1:
				late = append(late, c)
			case 2:
				arrive(c)
				arrive(c)
			case 3: // the acceptor dies
				acceptor = stream.Book{}
				arrive(c)
			case 4: // the client's connection breaks before it hears this, and it resumes
				deaf = true
				arrive(c)
				deaf = false
				have := client.Positions()
				if f == resume {
					for i := range have {
						have[i].Stream = id
					}
				}
				for _, c := range acceptor.Since(have) {
					show(c)
				}
			default:
				arrive(c)
			}
			if len(late) > 0 && rng.IntN(3) == 0 {
				arrive(late[0])
				late = late[1:]
			}
		}
	}
	last := "t/agent/3"
	arrive(piece(last, len(said[last]), ""))
	said[last] += "!"
	arrive(piece(last, len(said[last])-1, "!"))
	if wrong == "" && shown != said[last] {
		wrong = fmt.Sprintf("at last shown %q, said %q", shown, said[last])
	}
	return wrong
}

func TestWhatIsShownIsTheTextOfOneAttempt(t *testing.T) {
	for seed := range uint64(2000) {
		if bad := play(seed, none); bad != "" {
			t.Fatalf("seed %d: %s", seed, bad)
		}
	}
}

// TestR8SwitchedOffIsNoticed: a stream belongs to one attempt.
func TestR8SwitchedOffIsNoticed(t *testing.T) {
	for name, f := range map[string]fault{"attempts mix": mixed, "another attempt's offset": resume} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(300) {
				if play(seed, f) != "" {
					return
				}
			}
			t.Error("300 schedules did not notice")
		})
	}
}

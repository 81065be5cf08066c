package localbus

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/event"
)

// piecewise is a wire that hands out bytes in pieces.
type piecewise struct {
	b     []byte
	sizes []byte
	i     int
}

func (w *piecewise) Read(p []byte) (int, error) {
	if len(w.b) == 0 {
		return 0, io.EOF
	}
	n := len(w.b)
	if len(w.sizes) > 0 {
		n = min(n, 1+int(w.sizes[w.i%len(w.sizes)]))
		w.i++
	}
	n = copy(p, w.b[:n])
	w.b = w.b[n:]
	return n, nil
}

func (w *piecewise) readSoon([]byte, bool) (int, error) { return 0, nil }
func (w *piecewise) tryWrite(p []byte) (int, error)     { return len(p), nil }
func (w *piecewise) Write(p []byte) (int, error)        { return len(p), nil }
func (w *piecewise) Close() error                       { return nil }

type seenFrame struct {
	Type, Flags  uint8
	Stream       uint32
	Header, Body string
}

// readAll reads frames as a connection does, and says how it ended.
func readAll(b, sizes []byte, limit int) (frames []seenFrame, end error) {
	c := newConn(&Peer{opts: Options{MaxFrame: limit}}, &piecewise{b: b, sizes: sizes}, hello{MaxFrame: limit})
	c.batch, c.ended = func() {}, func(error) {}
	c.handle = func(f frame) error {
		frames = append(frames, seenFrame{uint8(f.typ), f.flags, f.stream, string(f.header), string(f.body)})
		return nil
	}
	for {
		if _, err := c.read(patient); err != nil {
			return frames, err
		}
	}
}

func FuzzT34ReadFrame(f *testing.F) {
	b := appendBare(nil, frameAck, 0, 1, nil, nil)
	b = appendBare(b, frameNack, 0, 2, []byte(`{"code":"BUSY"}`), nil)
	b, _ = appendMessage(b, frameMsg, flagCall, 3, &event.Message{Header: event.Header{ID: "i"}, Body: bytes.Repeat([]byte("x"), 40_000)}, DefaultMaxFrame)
	b = appendBare(b, frameCancel, 0, 3, nil, nil)
	f.Add(b, []byte{0})
	f.Add(b, []byte{255, 3})
	f.Add([]byte{255, 255, 255, 255}, []byte{})
	f.Add([]byte{0, 0, 0, 8, 2, 0, 0, 1, 0, 0, 0, 0}, []byte{2})
	f.Fuzz(func(t *testing.T, b, sizes []byte) {
		const limit = 64 << 10
		whole, wholeErr := readAll(b, nil, limit)
		pieces, piecesErr := readAll(b, sizes, limit)
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Fatalf("frames depend on how they arrive (-whole +pieces):\n%s", diff)
		}
		if wholeErr != piecesErr {
			t.Fatalf("ends depend on how they arrive: %v, %v", wholeErr, piecesErr)
		}
		var again []byte
		for _, s := range whole {
			again = appendBare(again, frameType(s.Type), s.Flags, s.Stream, []byte(s.Header), []byte(s.Body))
		}
		if !bytes.HasPrefix(b, again) {
			t.Fatal("what was read is not what was written")
		}
	})
}

func TestLargeFramesDoNotKeepTheirBuffer(t *testing.T) {
	b := appendBare(nil, frameMsg, 0, 1, nil, make([]byte, 500_000))
	b = appendBare(b, frameAck, 0, 2, nil, nil)
	c := newConn(&Peer{opts: Options{MaxFrame: DefaultMaxFrame}}, &piecewise{b: b, sizes: []byte{255}}, hello{})
	n := 0
	c.handle, c.batch, c.ended = func(frame) error { n++; return nil }, func() {}, func(error) {}
	for n < 2 {
		if _, err := c.read(patient); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.in) > firstRead {
		t.Errorf("the read buffer has %d bytes", len(c.in))
	}
}

func TestALengthAloneAllocatesNothing(t *testing.T) {
	c := newConn(&Peer{opts: Options{MaxFrame: DefaultMaxFrame}}, &piecewise{b: []byte{0x00, 0x0f, 0xff, 0xff, 2, 0}}, hello{})
	c.handle, c.batch, c.ended = func(frame) error { return nil }, func() {}, func(error) {}
	if _, err := c.read(patient); err != nil {
		t.Fatal(err)
	}
	if len(c.in) > DefaultMaxFrame+lengthSize {
		t.Errorf("the read buffer has %d bytes", len(c.in))
	}
	if _, err := readAll([]byte{0x00, 0x10, 0x00, 0x01}, nil, DefaultMaxFrame); err != errLongFrame {
		t.Errorf("one byte above the limit: %v", err)
	}
}

func FuzzT36Match(f *testing.F) {
	for _, p := range []string{"component.*", "component.>", ">", "*", "a.b.c", "", "a..b", "a.>.b", "*.*"} {
		for _, s := range []string{"component.ready", "component", "a.b.c", "", "a..b", "a.>.b", "."} {
			f.Add(p, s)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(subject) {
			return // the reference cannot tell
		}
		if got, want := Match(pattern, subject), reference(pattern, subject); got != want {
			t.Fatalf("Match(%q, %q) = %v, want %v", pattern, subject, got, want)
		}
	})
}

// reference is Match by regular expression.
func reference(pattern, subject string) bool {
	tokens := strings.Split(pattern, ".")
	for i, tok := range tokens {
		switch {
		case tok == ">" && i == len(tokens)-1:
			tokens[i] = `(?s:.+)`
		case tok == "*":
			tokens[i] = `[^.]+`
		case tok == "":
			return false
		default:
			tokens[i] = regexp.QuoteMeta(tok)
		}
	}
	re, err := regexp.Compile(`^` + strings.Join(tokens, `\.`) + `$`)
	return err == nil && re.MatchString(subject)
}

func TestRingCountsWhatItLoses(t *testing.T) {
	var r ring
	next, want := uint64(0), uint64(0)
	take := func() {
		m := r.take()
		want += uint64(m.Dropped)
		if m.Seq != want {
			t.Fatalf("got %d, want %d", m.Seq, want)
		}
		want++
	}
	for round := range 50 {
		for range round * 97 {
			r.put(event.Message{Header: event.Header{Seq: next}})
			next++
		}
		for range min(r.len(), 300) {
			take()
		}
	}
	for r.len() > 0 {
		take()
	}
	if want != next {
		t.Errorf("%d of %d are accounted for", want, next)
	}
}

package logbuf

import (
	"bytes"
	"testing"
	"time"
)

func TestLineFormat(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 4, 5, 6, 7, 89_123_999, time.FixedZone("", 3600))
	for part, want := range map[Part]string{
		Whole:   "2025-03-04T04:06:07.089123Z stdout agent-ab12  two  spaces \n",
		Cut:     "2025-03-04T04:06:07.089123Z stdout+ agent-ab12  two  spaces \n",
		Unended: "2025-03-04T04:06:07.089123Z stdout~ agent-ab12  two  spaces \n",
	} {
		got := appendLine(nil, at, "stdout", "agent-ab12", part, []byte(" two  spaces "))
		if string(got) != want {
			t.Errorf("%d: %q, want %q", part, got, want)
		}
		line, ok := ParseLine(bytes.TrimSuffix(got, []byte("\n")))
		back := Line{Time: at.UTC().Truncate(time.Microsecond), Stream: "stdout", Instance: "agent-ab12", Part: part, Text: " two  spaces "}
		if !ok || line != back {
			t.Errorf("read back %+v, %v", line, ok)
		}
	}
}

func TestForeignLinesAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "panic: runtime error", "2025-03-04T04:06:07.089123Z", "2025-03-04T04:06:07.089123Z stdout",
		"2025-03-04T04:06:07.089123Z stdout agent-ab12", "2025-13-04T04:06:07.089123Z stdout a x",
		"2025-03-04T04:06:07.089123Z  a x", "2025-03-04T04:06:07.089123Z + a x", "2025-03-04T04:06:07.089123Z stdout  x",
		"2025-03-04 04:06:07.089123Z stdout a x",
	} {
		if l, ok := ParseLine([]byte(s)); ok {
			t.Errorf("%q is %+v", s, l)
		}
	}
}

// FuzzParseLine: what is accepted is written back byte for byte.
func FuzzParseLine(f *testing.F) {
	f.Add([]byte("2025-03-04T04:06:07.089123Z stdout agent-ab12 hello"))
	f.Add([]byte("2025-03-04T04:06:07.089123Z stderr+ agent-ab12 "))
	f.Add([]byte("2025-03-04T04:06:07.089123Z ww~ a \x00\xff\r"))
	f.Add([]byte("2025-03-04T04:06:07.08912Z stdout+~ a b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.IndexByte(b, '\n') >= 0 {
			return
		}
		l, ok := ParseLine(b)
		if !ok {
			return
		}
		back := appendLine(nil, l.Time, l.Stream, l.Instance, l.Part, []byte(l.Text))
		if !bytes.Equal(back, append(bytes.Clone(b), '\n')) {
			t.Errorf("%q became %q", b, back)
		}
	})
}

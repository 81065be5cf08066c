package journal

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
)

// putSum makes a copy of a head valid.
func putSum(c []byte) { binary.BigEndian.PutUint32(c[28:], crc32.Checksum(c[:28], castagnoli())) }

// FuzzT35Recover damages a good journal: every three bytes of edits are a place and what to do there. Whatever is left,
// it opens, and what is read back is some of what was written, in order. Losing anything is reported.
func FuzzT35Recover(f *testing.F) {
	all := numbered(8)
	img := write(f, Options{SegmentSize: 150}, all)
	f.Add(uint16(0), []byte{})
	f.Add(uint16(70), []byte{0, 70, 1})
	f.Add(uint16(0), []byte{0, 10, 255, 0, 40, 255, 0, 90, 3})
	f.Add(uint16(300), []byte{1, 0, 7, 0, 64, 128})
	f.Fuzz(func(t *testing.T, cut uint16, edits []byte) {
		dir := filepath.Join(t.TempDir(), "j")
		img.lay(t, dir, "", nil)
		for ; len(edits) >= 3; edits = edits[3:] {
			damage(t, dir, int(binary.BigEndian.Uint16(edits)), edits[2])
		}
		last := segments(t, dir)[len(img)-1]
		shorten(t, last, int(cut))
		got, rep := recovered(t, dir, "fuzz")
		lost, foreign := missing(all, got)
		if foreign {
			t.Fatalf("read %q", got)
		}
		if lost > 0 && cut == 0 && rep.OK() && rep.Torn == 0 {
			t.Fatalf("%d records lost, not reported", lost)
		}
	})
}

func damage(t *testing.T, dir string, at int, x byte) {
	t.Helper()
	for _, path := range segments(t, dir) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if at >= len(b) {
			at -= len(b)
			continue
		}
		b[at] ^= x
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
}

func shorten(t *testing.T, path string, by int) {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, max(0, st.Size()-int64(by))); err != nil {
		t.Fatal(err)
	}
}

// FuzzT35Anything opens a directory in which a segment holds anything, with and without a head that makes it count.
func FuzzT35Anything(f *testing.F) {
	for _, b := range write(f, Options{}, numbered(3)) {
		f.Add(b, b[headLen:])
	}
	f.Add([]byte{}, []byte("wwjl"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		dir := t.TempDir()
		two = append(head{number: 2, mark: 0x80808080, prev: 1, prevLen: int64(len(one))}.appendTo(nil), two...)
		for name, b := range map[string][]byte{"00000001.seg": one, "00000002.seg": two} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		j, _, err := Open(dir, Options{})
		if err != nil {
			return // another version
		}
		shut(t, j)
		recovered(t, dir, "fuzz")
	})
}

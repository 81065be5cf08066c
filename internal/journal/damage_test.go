package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// image is a journal's segments as bytes.
type image map[string][]byte

func takeImage(t testing.TB, dir string) image {
	t.Helper()
	img := image{}
	for _, path := range segments(t, dir) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		img[filepath.Base(path)] = b
	}
	return img
}

// lay puts the image into an empty directory, with one segment replaced.
func (img image) lay(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for n, c := range img {
		if n == name {
			c = b
		}
		if err := os.WriteFile(filepath.Join(dir, n), c, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// write makes a journal of recs and returns it as bytes.
func write(t testing.TB, o Options, recs []Record) image {
	t.Helper()
	dir := t.TempDir()
	j, _ := open(t, dir, o)
	for i := range recs {
		add(t, j, recs[i])
	}
	shut(t, j)
	return takeImage(t, dir)
}

// missing says which of want are not in got, and whether got has anything else or another order.
func missing(want, got []Record) (lost int, foreign bool) {
	i := 0
	for _, w := range want {
		if i < len(got) && same(got[i:i+1], []Record{w}) {
			i++
			continue
		}
		lost++
	}
	return lost, i < len(got)
}

// recovered opens what is in dir, checks that Scan sees the same, that it can be appended to, and that the next owner
// reads what this one did and the appended record.
func recovered(t *testing.T, dir, what string) ([]Record, Report) {
	t.Helper()
	seen, scanned := scan(t, dir)
	j, rep := open(t, dir, Options{})
	got := replay(t, j)
	if !same(got, seen) {
		t.Fatalf("%s: Scan reads %d records, the owner %d", what, len(seen), len(got))
	}
	if scanned.OK() != rep.OK() {
		t.Fatalf("%s: Scan reports %v, the owner %v", what, scanned.Bad, rep.Bad)
	}
	fresh := rec(99, "appended after "+what)
	add(t, j, fresh)
	wantRecords(t, replay(t, j), append(got, fresh))
	shut(t, j)
	j, again := open(t, dir, Options{})
	wantRecords(t, replay(t, j), append(got, fresh))
	if again.Torn > 0 {
		t.Fatalf("%s: the tail was not cut: %+v", what, again)
	}
	shut(t, j)
	return got, rep
}

// TestReopenedAtEveryBytePrefix: a write that stopped anywhere leaves the records before it, in one segment and in the
// last of several.
func TestReopenedAtEveryBytePrefix(t *testing.T) {
	t.Parallel()
	all := numbered(9)
	for _, o := range []Options{{}, {SegmentSize: 130}} {
		img := write(t, o, all)
		last := fmt.Sprintf("%08d%s", len(img), segExt)
		dir := filepath.Join(t.TempDir(), "j")
		whole := img[last]
		before := -1
		for n := 0; n <= len(whole); n++ {
			what := fmt.Sprintf("%d of %d bytes of %s", n, len(whole), last)
			img.lay(t, dir, last, whole[:n])
			got, rep := recovered(t, dir, what)
			if !same(got, all[:len(got)]) || len(got) < before {
				t.Fatalf("%s: read %d records, %d with one byte less", what, len(got), before)
			}
			if !rep.OK() {
				t.Fatalf("%s: a torn tail is no damage: %v", what, rep.Bad)
			}
			if n < len(whole) && len(got) == len(all) {
				t.Fatalf("%s: nothing is gone", what)
			}
			before = len(got)
		}
		if before != len(all) {
			t.Fatalf("the whole file has %d records", before)
		}
	}
}

// TestAnOlderSegmentThatIsCutShortIsReported: only the newest may end anywhere.
func TestAnOlderSegmentThatIsCutShortIsReported(t *testing.T) {
	t.Parallel()
	all := numbered(9)
	img := write(t, Options{SegmentSize: 130}, all)
	dir := filepath.Join(t.TempDir(), "j")
	for n := range len(img["00000002.seg"]) {
		img.lay(t, dir, "00000002.seg", img["00000002.seg"][:n])
		got, rep := recovered(t, dir, fmt.Sprint(n, " bytes"))
		lost, foreign := missing(all, got)
		if rep.OK() || foreign || lost < 1 || lost > 3 {
			t.Fatalf("%d bytes: lost %d, foreign %v, report %+v", n, lost, foreign, rep)
		}
	}
}

// TestT18EveryFlippedBit: one wrong bit costs at most the record it is in, and is never silent.
func TestT18EveryFlippedBit(t *testing.T) {
	t.Parallel()
	all := numbered(6)
	for _, o := range []Options{{}, {SegmentSize: 130}} {
		img := write(t, o, all)
		dir := filepath.Join(t.TempDir(), "j")
		for name, whole := range img {
			for i := range whole {
				b := bytes.Clone(whole)
				b[i] ^= 1 << rand.IntN(8)
				img.lay(t, dir, name, b)
				checkFlip(t, dir, fmt.Sprintf("byte %d of %s: %#x", i, name, b[i]), all, i >= headLen)
			}
		}
	}
}

func checkFlip(t *testing.T, dir, what string, all []Record, inRecord bool) {
	t.Helper()
	got, rep := recovered(t, dir, what)
	lost, foreign := missing(all, got)
	if foreign || inRecord && lost != 1 || !inRecord && lost != 0 {
		t.Fatalf("%s: lost %d, foreign %v", what, lost, foreign)
	}
	if rep.OK() && rep.Torn == 0 {
		t.Fatalf("%s: not reported", what)
	}
}

// TestT18ALostSector: a whole sector of zeros, wherever it lies, costs the records it touches. The first one takes the
// head with it.
func TestT18ALostSector(t *testing.T) {
	t.Parallel()
	var all []Record
	for i := range 100 {
		all = append(all, rec(1, fmt.Sprintf("%d %s", i, bytes.Repeat([]byte("x"), 80))))
	}
	img := write(t, Options{}, all)
	whole := img["00000001.seg"]
	dir := filepath.Join(t.TempDir(), "j")
	for at := 0; at < len(whole); at += 512 {
		b := bytes.Clone(whole)
		clear(b[at:min(at+512, len(b))])
		img.lay(t, dir, "00000001.seg", b)
		what := fmt.Sprintf("sector at %d", at)
		got, rep := recovered(t, dir, what)
		lost, foreign := missing(all, got)
		if foreign || lost > 7 || rep.OK() && rep.Torn == 0 {
			t.Fatalf("%s: lost %d, foreign %v, %+v", what, lost, foreign, rep)
		}
	}
}

// TestACopyOfTheJournalInsideARecordIsNoRecord: somebody pastes a journal into a chat, and then a bit flips. Resync
// meets the right mark and a frame that was valid, at the wrong place.
func TestACopyOfTheJournalInsideARecordIsNoRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	add(t, j, numbered(5)...)
	paste := takeImage(t, dir)["00000001.seg"]
	all := append(numbered(5), Record{Kind: 2, Payload: paste}, rec(3, "after"))
	add(t, j, all[5:]...)
	shut(t, j)
	img := takeImage(t, dir)
	whole := img["00000001.seg"]
	at := len(paste) // where the record with the copy begins
	dir = filepath.Join(t.TempDir(), "j")
	for i := at; i < at+frameLen; i++ {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			img.lay(t, dir, "00000001.seg", b)
			checkFlip(t, dir, fmt.Sprintf("byte %d bit %d", i, bit), all, true)
		}
	}
}

// TestManyMarksDoNotConfuse: payloads full of the segment's own mark, whole and torn.
func TestManyMarksDoNotConfuse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	add(t, j, rec(1, "first"))
	mark := appendFrame(nil, 0, j.segs[0].mark, 0, nil)[:4]
	all := []Record{rec(1, "first"), {Kind: 2, Payload: bytes.Repeat(mark, 1000)}, {Kind: 3, Payload: mark[:3]}, rec(4, "last")}
	add(t, j, all[1:]...)
	shut(t, j)
	img := takeImage(t, dir)
	dir = filepath.Join(t.TempDir(), "j")
	for i := headLen; i < len(img["00000001.seg"]); i += 7 {
		b := bytes.Clone(img["00000001.seg"])
		b[i] ^= 4
		img.lay(t, dir, "00000001.seg", b)
		checkFlip(t, dir, fmt.Sprint("byte ", i), all, true)
	}
}

func TestAnotherVersionIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	img := write(t, Options{}, numbered(3))
	b := img["00000001.seg"]
	for i := range 2 { // both copies, as a newer ww would write them
		c := b[i*copyLen : (i+1)*copyLen]
		c[5] = version + 1
		putSum(c)
	}
	dir := filepath.Join(t.TempDir(), "j")
	img.lay(t, dir, "00000001.seg", b)
	var v *VersionError
	if _, _, err := Open(dir, Options{}); !errors.As(err, &v) || v.Version != version+1 {
		t.Errorf("Open: %v", err)
	}
	if _, err := Scan(dir, nil); !errors.As(err, &v) {
		t.Errorf("Scan: %v", err)
	}
	if got := takeImage(t, dir)["00000001.seg"]; !bytes.Equal(got, b) {
		t.Error("the file was changed")
	}
}

func TestASegmentWithoutAReadableByteIsSetAside(t *testing.T) {
	t.Parallel()
	all := numbered(9)
	img := write(t, Options{SegmentSize: 130}, all)
	dir := filepath.Join(t.TempDir(), "j")
	junk := bytes.Repeat([]byte("junk"), 100)
	for name := range img {
		img.lay(t, dir, name, junk)
		got, rep := recovered(t, dir, name)
		lost, foreign := missing(all, got)
		if foreign || lost > 3 || rep.OK() {
			t.Errorf("%s: lost %d, foreign %v, report %+v", name, lost, foreign, rep)
		}
		kept, err := os.ReadFile(filepath.Join(dir, name[:8]+badExt))
		if err != nil || !bytes.Equal(kept, junk) {
			t.Errorf("%s was not kept: %v", name, err)
		}
	}
}

func TestAMissingSegmentIsReported(t *testing.T) {
	t.Parallel()
	all := numbered(9)
	img := write(t, Options{SegmentSize: 130}, all)
	dir := filepath.Join(t.TempDir(), "j")
	for name := range img {
		if name == fmt.Sprintf("%08d%s", len(img), segExt) {
			continue // the newest: nothing names it
		}
		img.lay(t, dir, "", nil)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		got, rep := recovered(t, dir, name)
		lost, foreign := missing(all, got)
		if foreign || lost > 3 || rep.OK() {
			t.Errorf("without %s: lost %d, foreign %v, report %+v", name, lost, foreign, rep)
		}
	}
}

// TestStrangeFilesAreLeftAlone: names that are not ours, and a link where a segment would be created.
func TestStrangeFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"0001.seg", "00000000.seg", "0000000x.seg", "00000001.seg.bak", "note"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, filepath.Join(dir, "00000001.tmp")); err != nil {
		t.Fatal(err)
	}
	j, rep := open(t, dir, Options{})
	add(t, j, rec(1, "x"))
	if rep.Segments != 0 || !rep.OK() {
		t.Errorf("report %+v", rep)
	}
	if _, err := os.Lstat(target); err == nil {
		t.Error("written through a link")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "0001.seg")); err != nil || string(b) != "0001.seg" {
		t.Errorf("a strange file: %q, %v", b, err)
	}
}

func TestALinkedSegmentIsRefused(t *testing.T) {
	t.Parallel()
	img := write(t, Options{}, numbered(3))
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "seg")
	if err := os.WriteFile(other, img["00000001.seg"], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, "00000001.seg")); err != nil {
		t.Fatal(err)
	}
	if j, _, err := Open(dir, Options{}); err == nil {
		j.Close()
		t.Error("a segment behind a link was opened")
	}
}

package journal

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// platter is what of a directory would survive a power cut now: of each file what was synced, of the names what the
// last sync of the directory saw. It watches as a Fault, and cuts the power at the at-th operation.
type platter struct {
	t       *testing.T
	dir     string
	at      int
	seen    int
	lies    bool                // syncs do nothing: the simulation must notice
	files   map[uint64]*durable // by inode
	names   map[string]*durable
	rnd     *rand.Rand
	failing float64 // share of syncs that fail
}

// durable is a file as the disk has it.
type durable struct {
	content []byte
	failed  bool // a sync failed: from then on the system takes its pages for clean
}

func newPlatter(t *testing.T, dir string, seed uint64, at int) *platter {
	return &platter{
		t: t, dir: dir, at: at, rnd: rand.New(rand.NewPCG(seed, uint64(at))),
		files: map[uint64]*durable{}, names: map[string]*durable{},
	}
}

func (p *platter) fault(op Op, path string, size int) (int, error) {
	p.seen++
	if p.seen >= p.at {
		return 0, errCrash
	}
	switch op {
	case OpSync:
		f := p.file(path)
		if p.rnd.Float64() < p.failing {
			f.failed = true
			return 0, syscall.EIO
		}
		if !f.failed && !p.lies {
			f.content = readFile(p.t, path)
		}
	case OpSyncDir:
		if path == p.dir && !p.lies {
			p.names = p.listing()
		}
	case OpRemove:
		if exists(path) {
			delete(p.files, inode(p.t, path)) // the number is free for another file
		}
	}
	return size, nil
}

func (p *platter) file(path string) *durable {
	ino := inode(p.t, path)
	if p.files[ino] == nil {
		p.files[ino] = &durable{}
	}
	return p.files[ino]
}

func (p *platter) listing() map[string]*durable {
	names := map[string]*durable{}
	for _, path := range segments(p.t, p.dir) {
		names[filepath.Base(path)] = p.file(path)
	}
	return names
}

// cut makes the directory what the power cut leaves. What was not synced may be there in part, or as zeros; names that
// were not synced may be there or not.
func (p *platter) cut() {
	now := p.listing()
	names := p.names
	if p.rnd.IntN(2) == 0 {
		names = now
	}
	left := image{}
	for name, f := range names {
		left[name] = f.content
		if now[name] != f {
			continue // removed since, but the disk does not know
		}
		if b := readFile(p.t, filepath.Join(p.dir, name)); len(b) > len(f.content) {
			left[name] = append(f.content[:len(f.content):len(f.content)], p.remains(b[len(f.content):])...)
		}
	}
	left.lay(p.t, p.dir, "", nil)
}

// remains is what a power cut leaves of bytes that were not synced.
func (p *platter) remains(b []byte) []byte {
	b = append([]byte(nil), b[:p.rnd.IntN(len(b)+1)]...)
	if p.rnd.IntN(2) == 0 {
		clear(b[p.rnd.IntN(len(b)+1):])
	}
	return b
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Sys().(*syscall.Stat_t).Ino
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// powerOnce works until the power is cut, and says what is wrong with what is left. It returns false when the work was
// done before the cut.
func powerOnce(t *testing.T, p *platter, disk bool) (why string, cut bool) {
	t.Helper()
	var m model
	if j, _, err := Open(p.dir, Options{Disk: disk, SegmentSize: 400, Fault: p.fault}); err == nil {
		m.workload(j)
		abandon(j)
	}
	p.cut()
	j, _ := open(t, p.dir, Options{})
	why = m.explain(replay(t, j), true)
	abandon(j)
	return why, p.seen >= p.at
}

// TestT17PowerCut: with Disk nothing is lost that Append has promised, wherever the power is cut, also when syncs fail
// on the way.
func TestT17PowerCut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		for at, cut := 1, true; cut; at++ {
			p := newPlatter(t, filepath.Join(t.TempDir(), "j"), seed, at)
			p.failing = float64(seed) * 0.1
			var why string
			if why, cut = powerOnce(t, p, true); why != "" {
				t.Fatalf("seed %d, cut at operation %d: %s", seed, at, why)
			}
		}
	}
}

// TestT17FindsAJournalThatDoesNotSync: and a disk that lies. Without this the test above might be blind.
func TestT17FindsAJournalThatDoesNotSync(t *testing.T) {
	t.Parallel()
	for _, disk := range []bool{false, true} {
		found := false
		for at := 1; at < 30 && !found; at++ {
			p := newPlatter(t, filepath.Join(t.TempDir(), "j"), 1, at)
			p.lies = disk
			why, _ := powerOnce(t, p, disk)
			found = why != ""
		}
		if !found {
			t.Errorf("disk=%v: no loss was noticed", disk)
		}
	}
}

// TestTheNextOwnerSyncsWhatItFound: the one before may have died between its write and its sync; acting on what only
// the page cache has would be a promise without a disk.
func TestTheNextOwnerSyncsWhatItFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	add(t, j, rec(1, "not synced"))
	abandon(j)
	p := newPlatter(t, dir, 1, 1000)
	j, _ = open(t, dir, Options{Disk: true, Fault: p.fault})
	abandon(j)
	p.cut()
	j, _ = open(t, dir, Options{})
	wantRecords(t, replay(t, j), []Record{rec(1, "not synced")})
}

// TestACheckpointIsOnTheDiskBeforeItReplaces: also without Disk, or a power cut would leave neither the old nor the new.
func TestACheckpointIsOnTheDiskBeforeItReplaces(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		dir := t.TempDir()
		p := newPlatter(t, dir, seed, 1000)
		j, _ := open(t, dir, Options{Fault: p.fault})
		add(t, j, numbered(20)...)
		if err := j.Checkpoint(rec(12, "all that counts")); err != nil {
			t.Fatal(err)
		}
		abandon(j)
		p.names = p.listing()
		p.cut()
		j, _ = open(t, dir, Options{})
		wantRecords(t, replay(t, j), []Record{rec(12, "all that counts")})
	}
}

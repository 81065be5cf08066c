// Package compare measures the journal beside a plain file and beside bbolt, a well-kept embedded store. It is a module
// of its own, so that bbolt is no dependency of ww:
//
//	cd internal/journal/compare && go test -bench . -count 5
package compare

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/woodwork-lang/ww/internal/journal"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// store is what is compared: append a record, durably or not, from any goroutine.
type store interface {
	append(b []byte) error
	close() error
}

var stores = []struct {
	name string
	open func(dir string, disk bool) (store, error)
}{
	{"file", openFile},
	{"journal", openJournal},
	{"bbolt", openBolt},
	{"bbolt-batch", openBatch},
}

// file is the physical baseline: one write, one sync each.
type file struct {
	f    *os.File
	disk bool
	mu   sync.Mutex
}

func openFile(dir string, disk bool) (store, error) {
	f, err := os.OpenFile(filepath.Join(dir, "f"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return &file{f: f, disk: disk}, err
}

func (s *file) append(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.f.Write(b); err != nil || !s.disk {
		return err
	}
	return unix.Fdatasync(int(s.f.Fd()))
}

func (s *file) close() error { return s.f.Close() }

type ours struct{ j *journal.Journal }

func openJournal(dir string, disk bool) (store, error) {
	j, _, err := journal.Open(dir, journal.Options{Disk: disk})
	return ours{j}, err
}

// append also keeps the journal from growing, as its users do.
func (s ours) append(b []byte) error {
	due, err := s.j.Append(journal.Record{Kind: 1, Payload: b})
	if err == nil && due {
		err = s.j.Checkpoint()
	}
	return err
}

func (s ours) close() error { return s.j.Close() }

// boltStore puts each record under the next number.
type boltStore struct {
	db    *bolt.DB
	batch bool
}

var bucket = []byte("records")

func openBolt(dir string, disk bool) (store, error)  { return newBolt(dir, disk, false) }
func openBatch(dir string, disk bool) (store, error) { return newBolt(dir, disk, true) }

func newBolt(dir string, disk, batch bool) (store, error) {
	db, err := bolt.Open(filepath.Join(dir, "db"), 0o600, &bolt.Options{NoSync: !disk, NoFreelistSync: true})
	if err != nil {
		return nil, err
	}
	return &boltStore{db, batch}, db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
}

func (s *boltStore) append(b []byte) error {
	put := func(tx *bolt.Tx) error {
		bk := tx.Bucket(bucket)
		bk.FillPercent = 1 // keys only grow
		n, err := bk.NextSequence()
		if err != nil {
			return err
		}
		return bk.Put(binary.BigEndian.AppendUint64(nil, n), b)
	}
	if s.batch {
		return s.db.Batch(put)
	}
	return s.db.Update(put)
}

func (s *boltStore) close() error { return s.db.Close() }

func BenchmarkAppend1KiB(b *testing.B) {
	for _, disk := range []bool{false, true} {
		for _, writers := range []int{1, 16} {
			for _, s := range stores {
				b.Run(fmt.Sprintf("%s/writers=%d/%s", map[bool]string{false: "process", true: "disk"}[disk], writers, s.name), func(b *testing.B) {
					st, err := s.open(b.TempDir(), disk)
					if err != nil {
						b.Fatal(err)
					}
					defer st.close()
					run(b, st, writers)
				})
			}
		}
	}
}

func run(b *testing.B, st store, writers int) {
	rec := make([]byte, 1024)
	b.SetBytes(1024)
	b.ReportAllocs()
	var wg sync.WaitGroup
	for w := range writers {
		n := b.N / writers
		if w < b.N%writers {
			n++
		}
		wg.Go(func() {
			for range n {
				if err := st.append(rec); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkReopen is what a restart costs: find out what the last owner left, and read it all.
func BenchmarkReopen(b *testing.B) {
	dir := b.TempDir()
	j, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	rec := make([]byte, 1024)
	for range 4000 {
		if _, err := j.Append(journal.Record{Kind: 1, Payload: rec}); err != nil {
			b.Fatal(err)
		}
	}
	size := j.Size()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		j, _, err := journal.Open(dir, journal.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := j.Replay(func(journal.Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
		j.Close()
	}
}

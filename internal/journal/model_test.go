package journal

import (
	"bytes"
	"fmt"
	"testing"
)

// model is what a journal may hold: a list of records of which some must be there.
type model struct {
	list []entry
	alts [][]entry // what it may hold instead: a checkpoint that failed may have taken place
	n    int       // records made so far, to tell them apart
}

type entry struct {
	Record
	must bool // was promised
	lazy bool // was promised only for the death of the process
}

// records makes n records that no other is like.
func (m *model) records(n, size int) []Record {
	var recs []Record
	for range n {
		m.n++
		text := fmt.Sprintf("%d %s", m.n, bytes.Repeat([]byte{byte(m.n)}, size))
		recs = append(recs, rec(byte(m.n%12+1), text))
	}
	return recs
}

func entries(recs []Record, must, lazy bool) []entry {
	var es []entry
	for _, r := range recs {
		es = append(es, entry{r, must, lazy})
	}
	return es
}

// appended says how an append ended. One that waits for the disk takes the lazy ones before it along.
func (m *model) appended(recs []Record, err error, lazy bool) {
	m.list = append(m.list, entries(recs, err == nil, lazy)...)
	if err != nil {
		return
	}
	m.alts = nil
	if !lazy {
		m.synced()
	}
}

func (m *model) synced() {
	for i := range m.list {
		m.list[i].lazy = false
	}
}

func (m *model) checkpointed(recs []Record, err error) {
	if err != nil {
		m.alts = append(m.alts, entries(recs, true, false))
		return
	}
	m.list, m.alts = entries(recs, true, false), nil
}

// reopened makes what was found the truth.
func (m *model) reopened(got []Record) { m.list, m.alts = entries(got, true, false), nil }

// explain says why got cannot be what is left, "" if it can. After a power cut lazy records may be gone.
func (m *model) explain(got []Record, powerCut bool) string {
	why := matches(m.list, got, powerCut)
	for _, alt := range m.alts {
		if why != "" && matches(alt, got, powerCut) == "" {
			return ""
		}
	}
	return why
}

// matches says why got is not list without some of its optional records.
func matches(list []entry, got []Record, powerCut bool) string {
	i := 0
	for _, e := range list {
		switch {
		case i < len(got) && same(got[i:i+1], []Record{e.Record}):
			i++
		case e.must && !(powerCut && e.lazy):
			return fmt.Sprintf("%.20q was promised and is gone", e.Payload)
		}
	}
	if i < len(got) {
		return fmt.Sprintf("%.20q is not expected there", got[i].Payload)
	}
	return ""
}

// promised is exactly what a living owner reads.
func (m *model) promised() []Record {
	var recs []Record
	for _, e := range m.list {
		if e.must {
			recs = append(recs, e.Record)
		}
	}
	return recs
}

// The steps of a workload; each tells the model how it ended.

func (m *model) append(j *Journal, n, size int) error {
	recs := m.records(n, size)
	_, err := j.Append(recs...)
	m.appended(recs, err, false)
	return err
}

func (m *model) lazy(j *Journal, n, size int) error {
	recs := m.records(n, size)
	_, err := j.AppendLazy(recs...)
	m.appended(recs, err, true)
	return err
}

func (m *model) checkpoint(j *Journal, n int) error {
	recs := m.records(n, 10)
	err := j.Checkpoint(recs...)
	m.checkpointed(recs, err)
	return err
}

func (m *model) sync(j *Journal) error {
	err := j.Sync()
	if err == nil {
		m.synced()
	}
	return err
}

// workload touches everything a journal does to its disk: a first segment, one write of many records, lazy ones, new
// segments, checkpoints, one of them empty.
func (m *model) workload(j *Journal) {
	steps := []func() error{
		func() error { return m.append(j, 1, 10) },
		func() error { return m.append(j, 3, 20) },
		func() error { return m.lazy(j, 2, 10) },
		func() error { return m.append(j, 1, 50) },
		func() error { return m.append(j, 2, 100) },
		func() error { return m.lazy(j, 1, 100) },
		func() error { return m.append(j, 1, 400) },
		func() error { return m.checkpoint(j, 2) },
		func() error { return m.append(j, 1, 10) },
		func() error { return m.lazy(j, 2, 150) },
		func() error { return m.checkpoint(j, 0) },
		func() error { return m.append(j, 2, 150) },
		func() error { return m.sync(j) },
	}
	for _, step := range steps {
		step()
	}
}

// abandon lets go of a journal as the death of its process does.
func abandon(j *Journal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = true
	j.closeFiles()
}

// both runs f for both durabilities.
func both(t *testing.T, f func(t *testing.T, disk bool)) {
	for _, disk := range []bool{false, true} {
		t.Run(fmt.Sprintf("disk=%v", disk), func(t *testing.T) {
			t.Parallel()
			f(t, disk)
		})
	}
}

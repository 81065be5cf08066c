package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// disk is a partition whose records are kept, as a journal would.
type disk struct {
	t    *testing.T
	part *delivery.Partition
	recs []delivery.Record
	now  time.Time
	base int
}

var d0 = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func newDisk(t *testing.T) *disk {
	d := &disk{t: t, now: d0}
	d.part = d.fresh()
	return d
}

func (d *disk) fresh() *delivery.Partition { return delivery.New(d.config()) }

func (d *disk) config() delivery.Config {
	return delivery.Config{
		Component: "in", Instance: "in-aaaa", To: []string{"llm"}, Acceptor: true, Limits: delivery.DefaultLimits(),
		NewBase: func() string { d.base++; return fmt.Sprint("b", d.base) },
		Admit:   func() bool { return true },
	}
}

func (d *disk) take(e delivery.Effects) delivery.Effects {
	for _, r := range e.Records {
		r.At = d.now.UnixMilli()
		d.recs = append(d.recs, throughBytes(d.t, r))
	}
	return e
}

func throughBytes(t *testing.T, r delivery.Record) delivery.Record {
	t.Helper()
	got, err := delivery.Decode(byte(r.Kind), r.AppendPayload(nil))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// kill submits a turn whose handler dies twice.
func (d *disk) kill(turn, text string) {
	d.t.Helper()
	refused, e := d.part.Submit(event.Message{Header: event.Header{Turn: turn, Session: "s-" + turn}, Body: []byte(text)}, d.now)
	if refused != nil {
		d.t.Fatal(refused)
	}
	jobs := d.take(e).Starts
	for range 2 {
		if len(jobs) == 0 {
			jobs = d.take(d.part.Pump(d.now)).Starts
		}
		jobs = d.take(d.part.Complete(jobs[0], delivery.Outcome{Err: "exit status 1", Crashed: true}, d.now)).Starts
	}
}

// reopen reads the records into a new partition.
func (d *disk) reopen() {
	d.t.Helper()
	d.now = d.now.Add(time.Hour)
	d.part = d.fresh()
	for _, r := range d.recs {
		if err := d.part.Restore(r, d.now); err != nil {
			d.t.Fatal(err)
		}
	}
	d.part.Recover(d.now)
}

// checkpoint replaces the records by a snapshot. Letters keep their time.
func (d *disk) checkpoint() {
	snap := d.part.Snapshot()
	d.recs = nil
	for _, r := range snap {
		if r.Kind != delivery.Dead {
			r.At = d.now.UnixMilli()
		}
		d.recs = append(d.recs, throughBytes(d.t, r))
	}
}

func letters(p *delivery.Partition) []string {
	out := []string{}
	for _, l := range p.Letters() {
		out = append(out, l.Message.Turn+" "+string(l.Message.Body)+" "+l.Reason+" "+l.At.UTC().Format(time.TimeOnly))
	}
	return out
}

func TestALetterOutlivesRestartsAndCheckpointsUntilItIsDropped(t *testing.T) {
	d := newDisk(t)
	d.kill("t-1", "poison")
	d.now = d.now.Add(time.Minute)
	d.kill("t-2", "more")
	want := []string{
		"t-1 poison in crashed twice on this message: exit status 1 05:06:07",
		"t-2 more in crashed twice on this message: exit status 1 05:07:07",
	}
	for _, step := range []func(){func() {}, d.reopen, d.checkpoint, d.reopen, d.checkpoint, d.reopen} {
		step()
		if diff := cmp.Diff(want, letters(d.part)); diff != "" {
			t.Fatal(diff)
		}
	}
	id := d.part.Letters()[0].ID
	found, e := d.part.Drop(id, d.now)
	if !found {
		t.Fatalf("no letter %s", id)
	}
	d.take(e)
	for _, step := range []func(){func() {}, d.reopen, d.checkpoint, d.reopen} {
		step()
		if diff := cmp.Diff(want[1:], letters(d.part)); diff != "" {
			t.Fatal(diff)
		}
	}
	if found, e := d.part.Drop(id, d.now); found || len(e.Records) > 0 {
		t.Error("a letter was dropped twice")
	}
}

func TestReadersOfTheJournalFindTheSameLetters(t *testing.T) {
	d := newDisk(t)
	d.kill("t-1", "poison")
	d.kill("t-2", "more")
	_, e := d.part.Drop(d.part.Letters()[1].ID, d.now)
	d.take(e)
	var ids, dropped []string
	for i := range d.recs {
		if l, ok := delivery.LetterOf("in", &d.recs[i]); ok {
			ids = append(ids, l.ID)
		}
		if id, ok := delivery.LetterDropped(&d.recs[i]); ok {
			dropped = append(dropped, id)
		}
	}
	if len(ids) != 2 || ids[0] == ids[1] || len(dropped) != 1 || dropped[0] != ids[1] || d.part.Letters()[0].ID != ids[0] {
		t.Errorf("letters %v, dropped %v, kept %v", ids, dropped, d.part.Letters())
	}
}

func TestLettersAreBounded(t *testing.T) {
	d := newDisk(t)
	for i := range 1003 {
		d.kill(fmt.Sprint("t-", i), "x")
	}
	if l := d.part.Letters(); len(l) != 1000 || l[0].Message.Turn != "t-3" {
		t.Errorf("%d letters from %s on, want 1000 from t-3 on", len(l), l[0].Message.Turn)
	}
	d.kill("big", strings.Repeat("x", 2<<20))
	if l := d.part.Letters(); len(l) != 1 || l[0].Message.Turn != "big" {
		t.Errorf("%d letters, want the newest one", len(l))
	}
}

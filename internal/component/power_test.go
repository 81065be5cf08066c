package component_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/journal"
)

// platter is what of an app's journals is on the disk, and what its clients have been told by then. At its at-th
// operation the power is cut: it keeps what the disk has, and nothing that comes later counts.
type platter struct {
	mu       sync.Mutex
	state    string
	at, seen int
	synced   map[uint64][]byte // by inode
	accepted []string
	cut      chan struct{} // closed when the power was cut
	left     map[string][]byte
	promised []string
}

func newPlatter(state string, at int) *platter {
	return &platter{state: state, at: at, synced: map[uint64][]byte{}, cut: make(chan struct{})}
}

// disk is a journal.Fault.
func (p *platter) disk(op journal.Op, path string, size int) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if op == journal.OpSync {
		if b, err := os.ReadFile(path); err == nil {
			p.synced[inode(path)] = b
		}
	}
	if p.seen++; p.seen == p.at {
		p.left, p.promised = p.image(), append([]string{}, p.accepted...)
		close(p.cut)
	}
	return size, nil
}

// tell notes that a client was told that a turn is accepted.
func (p *platter) tell(turn string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accepted = append(p.accepted, turn)
}

// image is every file below the state directory as the disk has it.
func (p *platter) image() map[string][]byte {
	files := map[string][]byte{}
	_ = filepath.WalkDir(p.state, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "LOCK" {
			files[strings.TrimPrefix(path, p.state)] = p.synced[inode(path)]
		}
		return nil
	})
	return files
}

func inode(path string) uint64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return st.Sys().(*syscall.Stat_t).Ino
}

// lay writes an image into a new state directory.
func lay(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// judge reads the journals of a state directory.
func judge(t *testing.T, state string, names ...string) (verify.Report, map[string]bool) {
	t.Helper()
	var logs []verify.Log
	turns := map[string]bool{}
	for _, name := range names {
		l := verify.Log{Component: name}
		for n := range delivery.Partitions {
			dir := filepath.Join(state, "j", name, fmt.Sprintf("%02d", n))
			if _, err := os.Stat(dir); err != nil {
				continue
			}
			_, err := journal.Scan(dir, func(rec journal.Record) error {
				d, err := delivery.Decode(rec.Kind, append([]byte{}, rec.Payload...))
				if err != nil {
					return err
				}
				if d.Kind == delivery.Turn {
					turns[d.Head.Turn] = true
				}
				l.Records = append(l.Records, d)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		logs = append(logs, l)
	}
	return verify.Check(logs), turns
}

// chainOf starts in → mid → out; mid keeps steps by asking tool.
func (a *app) chainOf() []running {
	tl := a.start("tool", tool{handler{traits: component.Traits{SideEffects: true}}, func(_ context.Context, q component.Question) (component.Result, error) {
		<-time.After(20 * time.Millisecond) // so that messages wait that nothing else brings to the disk
		return text("t" + string(q.Body)), nil
	}})
	out := a.start("out", handler{handle: pass("!")})
	mid := a.start("mid", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "tool", Body: task.Body})
	}}, "out")
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	return []running{in, mid, out, tl}
}

// powerCut runs turns until the power is cut at the at-th operation of the disk, and says what is wrong with what is
// left: "" when every promise holds, also after a start from it.
func powerCut(t *testing.T, at int, durability string) string {
	t.Helper()
	a := newApp(t)
	a.durability = durability
	p := newPlatter(a.state, at)
	a.disk = p.disk
	all := a.chainOf()
	var wg sync.WaitGroup
	for s := range 4 {
		wg.Go(func() {
			for n := range 200 {
				select {
				case <-p.cut:
					return
				default:
				}
				turn := fmt.Sprintf("t%d-%d", s, n)
				req := call(context.Background(), a.net.find("in"), event.Message{
					Header: event.Header{Type: event.TypeSubmit, Turn: turn, Session: fmt.Sprint("s", s)}, Body: []byte("x"),
				})
				if _, ok := <-req.reply; ok {
					p.tell(turn)
				}
			}
		})
	}
	<-p.cut
	wg.Wait()
	for _, r := range all {
		r.end(t)
	}
	state := lay(t, maps.Clone(p.left))
	report, turns := judge(t, state, "in", "mid", "out", "tool")
	if len(report.Violations) > 0 {
		return strings.Join(report.Violations, "\n")
	}
	for _, turn := range p.promised {
		if !turns[turn] {
			return turn + " was accepted and is gone"
		}
	}
	return goesOn(t, state, p.promised)
}

// goesOn starts an app from what was left and waits for every turn that was promised.
func goesOn(t *testing.T, state string, promised []string) string {
	t.Helper()
	b := &app{t: t, net: newNet(), state: state, durability: component.DurabilityDisk}
	all := b.chainOf()
	defer func() {
		for _, r := range all {
			r.end(t)
		}
	}()
	for _, turn := range promised {
		session, _, _ := strings.Cut(strings.TrimPrefix(turn, "t"), "-")
		// A tool that was in the middle of its work does not know whether it took effect, and says so.
		if end := b.await(turn, "s"+session); end.Answer != "tx!" && !strings.Contains(end.Error, "whether it took effect is unknown") {
			return fmt.Sprintf("%s ended with %q, %q", turn, end.Answer, end.Error)
		}
	}
	return ""
}

// TestT17WhatWasPromisedSurvivesAPowerCut: with durability disk, whatever the clients and the neighbours were told is on
// the disk when they are told, at every component of the chain.
func TestT17WhatWasPromisedSurvivesAPowerCut(t *testing.T) {
	for _, at := range []int{131, 250, 404} {
		if why := powerCut(t, at, component.DurabilityDisk); why != "" {
			t.Errorf("cut at operation %d: %s", at, why)
		}
	}
}

// TestT17ProcessDurabilityDoesNotSurviveIt: without this the test above might be blind.
func TestT17ProcessDurabilityDoesNotSurviveIt(t *testing.T) {
	if why := powerCut(t, 250, ""); !strings.Contains(why, "was accepted and is gone") {
		t.Errorf("no loss was noticed: %q", why)
	}
}

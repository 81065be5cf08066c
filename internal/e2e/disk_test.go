package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// TestT19AFullOrBrokenDiskHoldsTurnsUp: while a component cannot write, nothing is acknowledged and nothing is lost; when
// the disk obeys again, everything goes on by itself.
func TestT19AFullOrBrokenDiskHoldsTurnsUp(t *testing.T) {
	t.Parallel()
	p := newProject(t, crashApp)
	p.write("keeper.script", crashKeeper)
	p.write("files.script", crashFiles)
	p.must("dev", "-d")
	c := p.client("you")
	turns := 0
	for _, errno := range []string{"ENOSPC", "EIO"} {
		for _, victim := range []string{"keeper", "screen", "files", "you"} {
			pid := c.ready(victim)
			c.order(victim, false, fault.Order{At: fault.DiskWrite, Do: fault.Fail, Error: errno, Times: -1, Part: 30})
			a := c.start("s-"+victim, "sweep "+errno+victim)
			if victim == "you" {
				p.until("you refuses", func() bool { return c.refusal("you") == bus.Busy })
				select {
				case <-a.accepted:
					t.Error("a turn was accepted that is nowhere")
				default:
				}
			} else {
				p.until("the failure is in the log", func() bool { return strings.Contains(p.log(victim), "journal append failed") })
			}
			if a.over() {
				t.Errorf("%s at %s: the turn ended %s although nothing could be written: %v", errno, victim, a.end.Status, a.err)
			}
			c.order(victim, false)
			a.ended(t, event.StatusOK)
			turns++
			if c.ready(victim) != pid {
				t.Errorf("%s at %s: it did not live through it", errno, victim)
			}
			p.agreed(t)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != turns || r.Accepted != turns || r.Pending != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, turns)
	}
	for _, errno := range []string{"ENOSPC", "EIO"} {
		for _, victim := range []string{"keeper", "screen", "files", "you"} {
			if n := p.logged("files", "swept "+errno+victim); n != 1 {
				t.Errorf("swept %s%s %d times", errno, victim, n)
			}
		}
	}
}

// refusal is what a component says to a turn that it does not take; the turn is not asked for again.
func (c *client) refusal(name string) bus.Code {
	m := event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "refused", Session: "refused"}, Body: []byte("?")}
	_, err := c.Call(c.p.t.Context(), name, m, nil)
	if be, ok := err.(*bus.Error); ok {
		return be.Code
	}
	return bus.OK
}

// TestT18ADamagedJournalCostsWhatIsDamaged: a flipped bit is told, and everything around it is still there.
func TestT18ADamagedJournalCostsWhatIsDamaged(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.must("dev", "-d")
	c := p.client("you")
	const session = "s"
	for range 3 {
		c.start(session, "hello").ended(t, event.StatusOK)
	}
	_ = c.Close()
	p.must("down")
	p.nothing()
	seg := p.segment("brain", bus.PartitionOf(session))
	b, err := os.ReadFile(seg)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	if err := os.WriteFile(seg, b, 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("dev", "-d")
	p.until("the damage is in the log", func() bool { return strings.Contains(p.log("brain"), "journal record skipped") })
	c = p.client("you")
	for range 3 {
		a := c.start(session, "hello again")
		a.ended(t, event.StatusOK)
	}
	p.must("down")
	p.nothing()
}

// segment is the newest file of a component's journal.
func (p *project) segment(component string, partition int) string {
	p.t.Helper()
	all, err := filepath.Glob(filepath.Join(p.dir, ".ww", "*", "j", component, twoDigits(partition), "*.seg"))
	if err != nil || len(all) == 0 {
		p.t.Fatalf("%s has no journal of partition %d (%v)", component, partition, err)
	}
	return all[len(all)-1]
}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

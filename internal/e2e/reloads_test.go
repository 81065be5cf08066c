package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// traffic asks turns at a steady pace, each with a session of its own turn to turn among a few.
type traffic struct {
	t      testing.TB
	client turn.Client
	stop   context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	asked  int
	took   []time.Duration
}

// seat is a place on the bus of the running app.
func (p *project) seat() *localbus.Peer {
	p.t.Helper()
	run, err := os.ReadFile(one(p.t, filepath.Join(p.dir, ".ww", "*", "run")))
	if err != nil {
		p.t.Fatal(err)
	}
	dir := strings.TrimSpace(string(run))
	seat, err := localbus.Join(p.t.Context(), localbus.Options{Dir: dir, App: filepath.Base(dir), Component: "traffic", Role: localbus.RoleClient})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { seat.Close() })
	return seat
}

func (p *project) traffic(perSecond int) *traffic {
	p.t.Helper()
	tr := &traffic{t: p.t, client: turn.Client{Bus: p.seat(), Alive: func() bool { return true }}}
	ctx, cancel := context.WithCancel(p.t.Context())
	tr.stop = cancel
	tr.wg.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			tr.wg.Go(func() { tr.ask(fmt.Sprintf("s-%d", n%12)) })
		}
	})
	return tr
}

func (tr *traffic) ask(session string) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	end, err := tr.client.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: "hi", To: "you"}, turn.Follow{})
	if err != nil || end.Status != event.StatusOK {
		tr.t.Errorf("a turn: %+v, %v", end, err)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.asked++
	tr.took = append(tr.took, time.Since(began))
}

// end waits for the last turns and says how many there were.
func (tr *traffic) end() int {
	tr.stop()
	tr.wg.Wait()
	return tr.asked
}

func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(q float64) time.Duration {
		return all[min(len(all)-1, int(q*float64(len(all))))].Round(time.Millisecond)
	}
	return fmt.Sprintf("%d, p50 %s, p99 %s, longest %s", len(all), at(0.5), at(0.99), all[len(all)-1].Round(time.Millisecond))
}

// T46: reloads one after the other, by order and by save, while turns flow. Every turn is answered, once, and after each
// reload the new text is the one that counts.
func TestT46ReloadsUnderLoadLoseNothing(t *testing.T) {
	p := newProject(t, hello)
	p.says("v0")
	p.must("dev", "-d")
	tr := p.traffic(20)
	var orders, saves []time.Duration
	for n := range reloads {
		word := fmt.Sprintf("v%d", n+1)
		before, began := p.serving("brain"), time.Now()
		p.says(word)
		if n%10 == 9 {
			p.until("a save is carried out", func() bool { return p.serving("brain") > before })
			saves = append(saves, time.Since(began))
		} else {
			r, got := p.reload()
			if got.status != 0 || r.Generation <= before {
				t.Fatalf("reload %d: %+v, status %d\n%s", n, r, got.status, got.err)
			}
			orders = append(orders, time.Since(began))
		}
		end, err := tr.client.Ask(t.Context(), turn.Turn{ID: turn.NewID(), Session: turn.NewSession(), Text: "hi", To: "you"}, turn.Follow{})
		if err != nil || end.Answer != word+" hi" {
			t.Errorf("after reload %d: answer %q, want %q by generation %d (%+v, %v)", n+1, end.Answer, word+" hi", p.serving("brain"), end.Hops, err)
		}
	}
	asked := tr.end()
	t.Logf("%d turns: %s\nby order: %s\nby save: %s", asked, quantiles(tr.took), quantiles(orders), quantiles(saves))
	p.until("the old ones are gone", func() bool { return len(p.all("brain")) == 1 })
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != asked+reloads || r.Ended[event.StatusOK] != r.Accepted || r.Pending != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, asked+reloads)
	}
}

// serving is the oldest generation that serves, as the records say: while a reload goes on there may be two.
func (p *project) serving(name string) (generation int) {
	p.t.Helper()
	run, err := os.ReadFile(one(p.t, filepath.Join(p.dir, ".ww", "*", "run")))
	if err != nil {
		p.t.Fatal(err)
	}
	recs, err := localbus.RecordsOf(strings.TrimSpace(string(run)), name)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range recs {
		if r.Alive && r.State == localbus.StateReady && !r.Standby && (generation == 0 || r.Generation < generation) {
			generation = r.Generation
		}
	}
	return generation
}

// A burst of saves is one reload, and what was saved last counts.
func TestT45ABurstOfSavesIsOneReload(t *testing.T) {
	p := newProject(t, hello)
	p.says("one")
	dev := p.dev()
	for n := range 50 {
		p.says(fmt.Sprintf("burst%d", n))
	}
	p.until("the last text counts", p.answered("burst49"))
	if n := strings.Count(dev.said(), "replace  brain"); n > 3 {
		t.Errorf("50 saves in a row were %d reloads\n%s", n, dev.said())
	}
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
}

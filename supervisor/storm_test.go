package supervisor

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// alive counts the processes that have not been told to die and have not died.
func (f *fake) alive(died map[*fakeProcess]bool) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.procs {
		dead := died[p]
		for _, s := range p.signals {
			dead = dead || s == SIGKILL || !f.deaf
		}
		if !dead {
			n++
		}
	}
	return n
}

// TestT21AThousandOrdersInAnyOrder: starts, stops, restarts, kills and deaths come in any order and at any time. There are
// never two processes of one name, the last order is what counts in the end, and nothing wedges.
func TestT21AThousandOrdersInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 21))
		f := &fake{delay: 20 * time.Millisecond, lasts: 30 * time.Millisecond}
		tell(t, f, func(s *story) {
			died := map[*fakeProcess]bool{}
			s.start(Spec{Policy: Policy{Always: true}})
			wanted := true
			order := func(up bool, do func()) {
				wanted = up
				go do()
				synctest.Wait() // it has been taken, not done
			}
			ctx := s.t.Context()
			for n := range 100 {
				switch rng.IntN(7) {
				case 0:
					order(true, func() { _ = s.s.Start(ctx, Spec{Name: "agent", Policy: Policy{Always: true}}) })
				case 1:
					order(false, func() { _ = s.s.Stop(ctx, "agent") })
				case 2:
					order(true, func() { _ = s.s.Restart(ctx, "agent") })
				case 3:
					order(false, func() { s.s.Kill("agent") })
				case 4:
					if f.alive(died) > 0 {
						died[f.last()] = true
						s.die(Exit{Code: rng.IntN(2)})
					}
				case 5:
					s.ready()
				case 6:
					s.after(time.Duration(rng.IntN(60)) * time.Millisecond)
				}
				if up := f.alive(died); up > 1 {
					s.t.Fatalf("seed %d, order %d: %d processes at once", seed, n, up)
				}
			}
			for range 200 { // longer than any pause before a restart
				s.after(time.Second)
				s.ready()
			}
			st := s.status()
			if up := f.alive(died); st.To.Alive() != wanted || (up == 1) != wanted {
				s.t.Fatalf("seed %d: phase %v, %d processes, the last order wants it up: %v", seed, st.To, up, wanted)
			}
			if err := s.s.Stop(ctx, "agent"); err != nil || f.alive(died) != 0 {
				s.t.Fatalf("seed %d: after the last stop (%v) %d processes are alive", seed, err, f.alive(died))
			}
		})
		if t.Failed() {
			t.Fatal(fmt.Sprint("seed ", seed))
		}
	}
}

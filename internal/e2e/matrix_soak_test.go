//go:build soak

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// asDocumented is how long an app may take to its end, by docs/supervision.md: 10 s for the turns, 10 s between TERM and
// KILL, and some for a busy machine. Left alone by its supervisor, it begins that after 15 s.
const (
	orderly    = 20 * time.Second
	leftAlone  = 15 * time.Second
	busyMargin = 5 * time.Second
)

// The death matrix again, with the durations of a real run: nothing is left after the documented time.
func TestTheDeathMatrixWithRealDurations(t *testing.T) {
	for _, d := range deaths {
		t.Run(d.name, func(t *testing.T) {
			p := newMatrixProject(t)
			p.real = true
			dev := p.dev("--trust")
			p.kill(p.ps()["stopped"].PIDs.Child, syscall.SIGSTOP)
			began := time.Now()
			d.end(p, dev)
			if d.order {
				got := dev.end()
				if left := p.alive(); len(left) > 0 {
					t.Errorf("%d processes are alive after the summary:\n%s", len(left), got.err)
				}
				if !strings.Contains(got.err, "stopped 9 of 9, 0 processes left") {
					t.Errorf("no summary, or another one:\n%s", got.err)
				}
			} else {
				p.nothing()
			}
			took, most := time.Since(began), orderly+busyMargin
			if !d.order {
				most += leftAlone
			}
			t.Logf("nothing is left after %s", took.Round(10*time.Millisecond))
			if took > most {
				t.Errorf("it took %s, at most %s", took, most)
			}
		})
	}
	t.Run("terminal closed", func(t *testing.T) {
		p := newMatrixProject(t)
		p.real = true
		began := closeTerminal(t, p)
		took := time.Since(began)
		t.Logf("nothing is left after %s", took.Round(10*time.Millisecond))
		if took > orderly+busyMargin {
			t.Errorf("it took %s, at most %s", took, orderly+busyMargin)
		}
	})
}

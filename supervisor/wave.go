package supervisor

import (
	"math/rand/v2"
	"slices"
	"time"
)

const (
	waveWithin = 2 * time.Second        // deaths this close together are one wave
	waveGap    = 100 * time.Millisecond // between two restarts of a wave, and up to three times that
)

// wave spreads the restarts of many that died together: started at once they would fight for the machine, and for
// whatever it was that killed them.
type wave struct {
	deaths []waveDeath
	last   time.Time // when the last of a wave is started
}

type waveDeath struct {
	c  *child
	at time.Time
}

// spread notes a death and returns how long to wait before the restart.
func (w *wave) spread(c *child, delay time.Duration, size int) time.Duration {
	now := time.Now()
	w.deaths = slices.DeleteFunc(w.deaths, func(d waveDeath) bool { return d.c == c || now.Sub(d.at) > waveWithin })
	w.deaths = append(w.deaths, waveDeath{c, now})
	at := now.Add(delay)
	if len(w.deaths) >= size {
		if next := w.last.Add(waveGap + rand.N(2*waveGap)); at.Before(next) {
			at = next
		}
	}
	if w.last.Before(at) {
		w.last = at
	}
	return at.Sub(now)
}

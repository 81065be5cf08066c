package engine

import (
	"testing"
	"time"
)

// TestT11WhoIsHung: only who neither answers nor works, for long, and while we ourselves were there to see it.
func TestT11WhoIsHung(t *testing.T) {
	t.Parallel()
	const after, every = 15 * time.Second, 5 * time.Second
	beat := time.Unix(1_000_000, 0)
	type miss struct {
		at    time.Duration // since the last answer
		ticks uint64
	}
	misses := func(from, to time.Duration, ticks func(n int) uint64) (all []miss) {
		for n, at := 0, from; at <= to; n, at = n+1, at+every {
			all = append(all, miss{at, ticks(n)})
		}
		return all
	}
	idle := func(int) uint64 { return 7 }
	busy := func(n int) uint64 { return uint64(n) }
	tests := []struct {
		name     string
		misses   []miss
		forgiven time.Duration // when we were held up; 0: never
		want     time.Duration // when it is taken for hung; 0: never
	}{
		{"neither answers nor works", misses(10*time.Second, time.Minute, idle), 0, 15 * time.Second},
		{"works without answering", misses(10*time.Second, time.Hour, busy), 0, 0},
		{"worked until a moment ago", append(misses(10*time.Second, time.Minute, busy), miss{61 * time.Second, 10}), 0, 0},
		{"stopped working", append(misses(10*time.Second, 20*time.Second, busy), misses(25*time.Second, time.Minute, idle)...), 0, 30 * time.Second},
		{"a jump of an hour", misses(time.Hour+10*time.Second, time.Hour+time.Minute, idle), time.Hour, time.Hour + 15*time.Second},
		{"a jump, and then it answers", misses(time.Hour+5*time.Second, time.Hour+10*time.Second, idle), time.Hour, 0},
		{"one miss after a jump that nobody noticed", misses(time.Hour, time.Hour, idle), 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := silence{}
			if tt.forgiven > 0 {
				s.forgiven = beat.Add(tt.forgiven)
			}
			hung := time.Duration(0)
			for _, m := range tt.misses {
				if _, yes := s.hung(ponged{at: beat.Add(m.at), ticks: m.ticks, known: true}, beat, after); yes {
					hung = m.at
					break
				}
			}
			if hung != tt.want {
				t.Errorf("hung after %v, want %v", hung, tt.want)
			}
		})
	}
}

func TestAtRestLoadsAreAskedForLessOften(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_000_000, 0)
	rounds := func(f *fleet, from, seconds int) (asked int) {
		for n := range seconds {
			now := at.Add(time.Duration(from+n) * time.Second)
			if !f.resting(now) {
				f.asked = now
				asked++
			}
		}
		return asked
	}
	fleetOf := func(watched bool) *fleet {
		e := &Engine{o: Options{Watched: watched}}
		e.o.Timing.Heartbeat = 5 * time.Second
		return &fleet{e: e}
	}
	f := fleetOf(true)
	if n := rounds(f, 0, 30); n != 10 {
		t.Errorf("in 30 s without work %d rounds, want 10", n)
	}
	f.worked = at.Add(30 * time.Second)
	if n := rounds(f, 30, 10); n != 10 {
		t.Errorf("in 10 s after work %d rounds, want 10", n)
	}
	if n := rounds(fleetOf(false), 0, 10); n != 10 {
		t.Errorf("nobody looks, and %d of 10 rounds are held", n)
	}
}

// What works without answering is dead only where the file says so, and never before two signs of life were missed.
func TestWhoIsSilentForTooLongIsDead(t *testing.T) {
	t.Parallel()
	const every = 5 * time.Second
	for _, tt := range []struct {
		silent, lease, mute time.Duration
		want                string
	}{
		{0, 0, time.Hour, ""},
		{90 * time.Second, 120 * time.Second, 89 * time.Second, ""},
		{90 * time.Second, 120 * time.Second, 90 * time.Second, "dead: no answer for 90 s (component_timeout)"},
		{0, 120 * time.Second, 120 * time.Second, "its lease has ended: no answer for 120 s (component_ttl)"},
		{120 * time.Second, 20 * time.Second, 25 * time.Second, "its lease has ended: no answer for 25 s (component_ttl)"},
		{time.Second, time.Second, 9 * time.Second, ""},
		{time.Second, 0, 10 * time.Second, "dead: no answer for 10 s (component_timeout)"},
	} {
		timing := Timing{Silent: tt.silent, Lease: tt.lease}
		timing.Heartbeat = every
		if got := timing.expired(tt.mute); got != tt.want {
			t.Errorf("%v and %v after %v: %q, want %q", tt.silent, tt.lease, tt.mute, got, tt.want)
		}
	}
	beat := time.Unix(1_000_000, 0)
	held := silence{forgiven: beat.Add(time.Hour)}
	if mute := held.mute(ponged{at: beat.Add(time.Hour + time.Second)}, beat); mute != time.Second {
		t.Errorf("after a sleep of an hour it was silent for %v, want 1s", mute)
	}
}

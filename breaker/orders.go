package breaker

import "time"

// ForceOpen stops all calls, until Reset or for that long (0: until Reset; then it is half-open).
func (b *Breaker) ForceOpen(by, why string, long time.Duration) { b.order(ForcedOpen, by, why, long) }

// ForceClosed lets all calls pass whatever happens, until Reset or for that long (0: until Reset; then it is closed).
func (b *Breaker) ForceClosed(by, why string, long time.Duration) {
	b.order(ForcedClosed, by, why, long)
}

// Reset makes the breaker as new: closed, nothing counted.
func (b *Breaker) Reset(by, why string) { b.order(Closed, by, why, 0) }

func (b *Breaker) order(to State, by, why string, long time.Duration) {
	b.mu.Lock()
	defer b.unlock()
	now := b.advance()
	until := time.Duration(0)
	if long > 0 {
		until = now + long
	}
	b.become(to, now, now, until, why, by)
}

// Ready says that the target has a new instance that is ready: it is worth a probe now. A probe that is under way went
// to an older one and does not vote. What was ordered by hand stays.
func (b *Breaker) Ready() {
	b.mu.Lock()
	defer b.unlock()
	now := b.advance()
	switch {
	case b.state == Open:
		b.become(HalfOpen, now, now, 0, reasonReady, "")
	case b.state == HalfOpen && b.probe.n != 0:
		b.probe.n, b.successes = 0, 0 // the token of that probe has another number from now on
	}
}

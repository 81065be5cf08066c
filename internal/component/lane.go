package component

import (
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/breaker"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// lane is what the calls to one component share, whatever they ask.
type lane struct {
	policy   CallPolicy
	said     CallPolicy // by the component that is called, without what the caller says and the defaults
	bulkhead *breaker.Bulkhead
	budget   *breaker.Budget
	cache    *answerCache // nil unless the fallback is FallbackCached
}

// The defaults of a lane. A call that failed is not made again unless the policy says so.
const (
	defaultCallers  = 2 * defaultConcurrent
	defaultAttempts = 1
)

// lane finds or makes the lane to a component.
func (rt *routes) lane(to string) *lane {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if l := rt.lanes[to]; l != nil {
		return l
	}
	p := rt.calls[to].Or(rt.own)
	if p.Concurrent <= 0 {
		p.Concurrent = defaultCallers
	}
	l := &lane{policy: p, said: rt.calls[to], bulkhead: breaker.NewBulkhead(p.Concurrent), budget: breaker.NewBudget()}
	if p.Fallback.Kind == FallbackCached {
		l.cache = newAnswerCache()
	}
	rt.lanes[to] = l
	return l
}

// retry is how calls of the lane are made again. A component that is not there, or cannot take one more request, is
// asked until it can: nothing was done yet, or a receipt says what was. unknown says what holds for a request of which
// nobody knows whether it took effect. Everything else is up to the policy.
func (l *lane) retry(unknown OnUnknown) *breaker.Retry {
	p := l.policy.Retry
	if p.Attempts <= 0 {
		p.Attempts = defaultAttempts
	}
	var since time.Time // that it has had too much to do
	free := func(err error) bool {
		if isOverload(err) {
			if since.IsZero() {
				since = time.Now()
			}
			return time.Since(since) < longOverload && notThere(err)
		}
		return notThere(err) || unknown == RetryUnknown && isUnknown(err)
	}
	return &breaker.Retry{Attempts: p.Attempts, Base: p.Base, Cap: p.Cap, Budget: l.budget, Free: free, Again: worthAgain}
}

// isOverload says whether a component has, or a moment ago had, too much to do.
func isOverload(err error) bool {
	var e *bus.Error
	var open *breaker.OpenError
	return errors.As(err, &e) && e.Code == bus.Overloaded || errors.As(err, &open) && open.Overload
}

// isUnknown says whether nobody knows whether a request took effect.
func isUnknown(err error) bool {
	var e *bus.Error
	return errors.As(err, &e) && e.Code == bus.UnknownOutcome
}

// notThere says whether an error means that the request found nobody to work on it, or nobody is left who did.
func notThere(err error) bool {
	if isDetour(err) {
		return true
	}
	var e *bus.Error
	if errors.As(err, &e) {
		switch e.Code {
		case bus.PeerDied, bus.Busy, bus.Draining, bus.NotOwner:
			return true
		case bus.Overloaded:
			return e.RetryAfter() > 0 && e.RetryAfter() <= shortOverload
		}
		return false
	}
	var open *breaker.OpenError
	if errors.As(err, &open) {
		return open.Overload && (open.State == breaker.HalfOpen || open.RetryAfter() <= shortOverload)
	}
	return errors.Is(err, breaker.ErrFull)
}

// A call waits for a component that says that it has too much to do, when it says so for no longer than a moment, and does not
// say so again and again for longer than a quota of a minute takes to be filled up.
const (
	shortOverload = 5 * time.Second
	longOverload  = time.Minute
)

// worthAgain says whether another attempt could end otherwise.
func worthAgain(err error) bool {
	if errors.Is(err, breaker.ErrOpen) || errors.Is(err, context.Canceled) {
		return false
	}
	var e *bus.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case bus.UnknownType, bus.TooLarge, bus.Refused, bus.UnknownOutcome:
		return false
	}
	return true
}

// answerCache keeps the last answers of a component, each under the request that it answered.
type answerCache struct {
	mu    sync.Mutex
	at    map[[sha256.Size]byte]*list.Element // guarded by mu
	used  *list.List                          // of cachedAnswer, the last used first; guarded by mu
	bytes int                                 // guarded by mu
}

type cachedAnswer struct {
	key   [sha256.Size]byte
	reply event.Message
}

// The bounds of a cache; the newest answer is kept whatever its size.
const (
	maxCached      = 256
	maxCachedBytes = 1 << 20
)

func newAnswerCache() *answerCache {
	return &answerCache{at: map[[sha256.Size]byte]*list.Element{}, used: list.New()}
}

// cacheKey names a request by what is asked. Whose turn it belongs to does not matter.
func cacheKey(m *event.Message) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(m.Type + "\x00" + m.DataContentType + "\x00"))
	h.Write(m.Body)
	return [sha256.Size]byte(h.Sum(nil))
}

func (c *answerCache) get(m *event.Message) (event.Message, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.at[cacheKey(m)]
	if e == nil {
		return event.Message{}, false
	}
	c.used.MoveToFront(e)
	return e.Value.(cachedAnswer).reply, true
}

func (c *answerCache) keep(m *event.Message, reply event.Message) {
	key := cacheKey(m)
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.at[key]; e != nil {
		c.drop(e)
	}
	c.at[key] = c.used.PushFront(cachedAnswer{key, reply})
	c.bytes += len(reply.Body)
	for c.used.Len() > 1 && (c.used.Len() > maxCached || c.bytes > maxCachedBytes) {
		c.drop(c.used.Back())
	}
}

// drop forgets an answer. The caller holds mu.
func (c *answerCache) drop(e *list.Element) {
	old := c.used.Remove(e).(cachedAnswer)
	delete(c.at, old.key)
	c.bytes -= len(old.reply.Body)
}

package component

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// gone is what an orphan says to those who come with something new.
const orphanRefusal = "app is stopping: ww dev is gone"

// lifeline knows whether somebody supervises this runner: the process that started it, for as long as that lives, or
// one that has adopted it since, for as long as its component.adopt lasts. A runner that nobody supervises refuses new
// turns after a while and then ends; a detached one serves on.
type lifeline struct {
	mu       sync.Mutex
	cut      bool // the starter is gone
	detached bool // serve on without anybody; the last adopter decides
	adopters int
	timers   []*time.Timer
	refuse   chan struct{}
	kill     chan struct{}
}

func (l *lifeline) init() {
	l.refuse, l.kill = make(chan struct{}, 1), make(chan struct{}, 1)
}

// watchStarter begins to count when the starter dies.
func (r *Runner) watchStarter(d Deps) {
	if d.Orphaned == nil {
		return
	}
	r.lifeline.detached = r.spec.Detached
	go func() {
		select {
		case <-d.Orphaned:
			l := &r.lifeline
			l.mu.Lock()
			defer l.mu.Unlock()
			l.cut = true
			if l.adopters == 0 && !l.detached {
				l.count(r.spec.Timing)
			}
		case <-r.ctx.Done():
		}
	}()
}

// count starts the timers. The caller holds mu.
func (l *lifeline) count(t Timing) {
	say := func(c chan struct{}) func() {
		return func() {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
	l.timers = []*time.Timer{time.AfterFunc(t.RefuseAfter, say(l.refuse)), time.AfterFunc(t.KillAfter, say(l.kill))}
}

// stop takes back what the timers have not done yet. The caller holds mu.
func (l *lifeline) stop() {
	for _, t := range l.timers {
		t.Stop()
	}
	l.timers = nil
	for _, c := range []chan struct{}{l.refuse, l.kill} {
		select {
		case <-c:
		default:
		}
	}
}

// adopt takes a component.adopt: as long as the call lasts, its caller supervises. It is answered only when the component was
// told to shut down, and does.
func (r *Runner) adopt(req bus.Request) {
	l := &r.lifeline
	var a event.Adopt
	told := json.Unmarshal(req.Message().Body, &a) == nil // one that says nothing changes nothing
	l.mu.Lock()
	l.adopters++
	l.stop()
	if told {
		l.detached = a.Detached
	}
	l.mu.Unlock()
	if why := r.refuse.Load(); why != nil && why.Reason == orphanRefusal {
		r.refuse.CompareAndSwap(why, nil)
	}
	r.log.Info("adopted", "by", req.From())
	go func() {
		select {
		case <-req.Context().Done():
		case <-r.drained: // its exit status an adopter does not get
			req.Reply(event.Message{})
			return
		case <-r.ctx.Done():
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.adopters--; l.adopters == 0 && l.cut && !l.detached {
			l.count(r.spec.Timing)
		}
	}()
}

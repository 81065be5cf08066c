package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
)

// crashApp has every kind of record somewhere: an acceptor, a hop with steps, a tool with receipts, a leaf.
const crashApp = `
you = input command_line { to: keeper }
keeper = agent scripted {
    script: "keeper.script"
    tools: [files]
    to: screen
}
files = custom scripted {
    script: "files.script"
    side_effects: true
}
screen = output console {}
`

const crashKeeper = `
when "sweep *"
    call files "sweep {1}"
    say "{last}"
when "wait *"
    wait 400ms
    say "waited {1}"
when "long *"
    say "{text}{text}"
otherwise
    say "kept {text}"
`

const crashFiles = `
when "sweep *"
    log "swept {1}"
    say "{1} is clean"
`

// stage is an app in which one thing after the other is broken.
type stage struct {
	*client
	t       *testing.T
	session string
}

// crash is one way to die: at which point, where, and in the middle of what.
type crash struct {
	point  fault.Point
	victim string
	scene  scene
}

// scene is what goes on while the victim dies. It ends when every turn in it has ended as it should.
type scene struct {
	play   func(s *stage, c crash)
	orders []fault.Order // besides the death
	start  bool          // the victim dies while it starts
}

func (s *stage) say(text string) *asked { return s.start(s.session, text) }

// The scenes. Each asks at least twice in its session, so that what was left to the next append gets there.
var (
	// talking is two turns, one after the other.
	talking = scene{play: func(s *stage, _ crash) {
		s.say("one").ended(s.t, event.StatusOK)
		s.say("two").ended(s.t, event.StatusOK)
	}}
	// sweeping is a turn with a call that changes the world.
	sweeping = scene{play: func(s *stage, _ crash) {
		s.say("sweep "+s.session).ended(s.t, event.StatusOK, event.StatusFailed)
		s.say("and on").ended(s.t, event.StatusOK)
	}}
	// canceling is a turn that somebody ends. The cancel may come too late: then the turn is answered.
	canceling = scene{play: func(s *stage, _ crash) {
		a := s.say("wait here")
		a.isAccepted()
		for s.cancel(a) != nil && !a.over() { // the acceptor is dying
			<-time.After(20 * time.Millisecond)
		}
		a.ended(s.t, event.StatusOK, event.StatusCanceled)
		s.say("after that").ended(s.t, event.StatusOK)
	}}
	// overflowing is a turn whose answer no frame can carry: it is set aside, and a SKIP takes its number.
	overflowing = scene{play: func(s *stage, _ crash) {
		s.say("long "+strings.Repeat("x", 700<<10)).ended(s.t, event.StatusDead)
		s.say("short").ended(s.t, event.StatusOK)
	}}
	// filling makes the journals grow until they begin anew.
	filling = scene{play: func(s *stage, _ crash) {
		for range 5 {
			s.say(strings.Repeat("y", 900<<10)).ended(s.t, event.StatusOK)
		}
	}}
	// tearing is a turn during which a write fails after a part of it.
	tearing = scene{play: talking.play, orders: []fault.Order{{At: fault.DiskWrite, Do: fault.Fail, Error: "EIO", Part: 60}}}
	// waking is a turn under way at a component that is killed, and dies again while it comes back.
	waking = scene{start: true, play: func(s *stage, c crash) {
		a := s.say("wait for it")
		s.working("keeper")
		s.p.kill(s.ready(c.victim), syscall.SIGKILL)
		a.ended(s.t, event.StatusOK)
		s.say("again").ended(s.t, event.StatusOK)
	}}
	// leaving is a turn under way at a component that is told to restart.
	leaving = scene{play: func(s *stage, c crash) {
		a := s.say("wait for me")
		a.isAccepted()
		ctx, cancel := context.WithTimeout(s.t.Context(), patience)
		defer cancel()
		_, _ = s.Call(ctx, "ww", event.Message{Header: event.Header{Type: engine.CallRestart}, Body: []byte(c.victim)}, nil)
		a.ended(s.t, event.StatusOK)
		s.say("welcome back").ended(s.t, event.StatusOK)
	}}
)

// crashes is every point, at every component where it means something of its own.
func crashes() []crash {
	var all []crash
	at := func(victim string, sc scene, points ...fault.Point) {
		for _, p := range points {
			all = append(all, crash{p, victim, sc})
		}
	}
	around := func(kinds ...string) (points []fault.Point) {
		for _, k := range kinds {
			points = append(points, fault.Before(k), fault.After(k))
		}
		return points
	}
	at("you", talking, around("turn", "out", "sent", "in", "end")...)
	at("keeper", talking, around("in", "start", "out", "sent")...)
	at("screen", talking, around("in", "out", "sent")...)
	at("keeper", sweeping, around("intent", "step")...)
	at("files", sweeping, around("receipt.start", "receipt.out")...)
	at("you", canceling, around("cancel")...)
	at("keeper", canceling, around("cancel")...)
	at("keeper", overflowing, around("dead", "ckpt")...)
	at("screen", overflowing, around("skip")...)

	at("you", talking, fault.SubmitBefore, fault.SubmitAfter, fault.SendBefore, fault.SendAfter, fault.Settle,
		fault.Receive, fault.AckBefore, fault.AckAfter, fault.TellBefore, fault.TellAfter)
	at("keeper", talking, fault.Receive, fault.AckBefore, fault.AckAfter, fault.HandleBefore, fault.HandleAfter,
		fault.SendBefore, fault.SendAfter, fault.Settle)
	at("screen", talking, fault.Receive, fault.AckBefore, fault.AckAfter, fault.ReportBefore, fault.ReportAfter, fault.Settle)
	at("keeper", sweeping, fault.CallBefore, fault.CallAfter)
	at("files", sweeping, fault.AnswerBefore, fault.AnswerAfter)

	at("keeper", filling, fault.CheckpointDue, fault.Checkpointed, fault.DiskCreate, fault.DiskSync, fault.DiskRename, fault.DiskRemove)
	at("you", filling, fault.CheckpointDue, fault.DiskRename, fault.DiskRemove)
	at("keeper", talking, fault.DiskWrite)
	at("keeper", tearing, fault.DiskTruncate)

	at("keeper", waking, fault.PartitionBefore, fault.PartitionAfter, fault.LeaseBefore, fault.LeaseAfter, fault.BindBefore,
		fault.BindRename, fault.BindAfter, fault.RecordRename, fault.RecordAfter, fault.RecoverBefore, fault.RecoverAfter)
	at("you", waking, fault.PartitionAfter, fault.RecoverBefore)
	at("keeper", leaving, fault.DrainBefore, fault.DrainAfter)
	return all
}

// TestT16 kills a component at every point of the program that has a name, each time with a message in flight: every turn
// is answered once, or set aside with a reason, or canceled, and the journals agree. A point that nothing reaches fails.
func TestT16EveryCrashPoint(t *testing.T) {
	t.Parallel()
	const apps = 3 // side by side: most of the time is spent waiting for a start
	var mu sync.Mutex
	reached := map[fault.Point]bool{}
	t.Run("apps", func(t *testing.T) {
		for n := range apps {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				var mine []crash
				for i, each := range crashes() {
					if i%apps == n {
						mine = append(mine, each)
					}
				}
				dieOften(t, mine, func(p fault.Point) {
					mu.Lock()
					defer mu.Unlock()
					reached[p] = true
				})
			})
		}
	})
	for _, i := range fault.Table() {
		handover := i.Point == fault.ReleaseBefore || i.Point == fault.ReleaseAfter // they have a test of their own
		if !reached[i.Point] && !handover {
			t.Errorf("no run died at %s: %s", i.Point, i.Where)
		}
	}
}

// dieOften plays its scenes one after the other in one app, and judges them all at the end.
func dieOften(t *testing.T, all []crash, died func(fault.Point)) {
	p := newProject(t, crashApp)
	p.write("keeper.script", crashKeeper)
	p.write("files.script", crashFiles)
	p.must("dev", "-d")
	c := p.client("you")
	for _, each := range all {
		if c.dies(t, each) {
			died(each.point)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Pending != 0 {
		t.Errorf("journals: %+v, want nothing pending", r)
	}
	for _, line := range strings.Split(p.log("files"), "\n") { // a tool that changes the world did so once for each turn
		if _, what, ok := strings.Cut(line, "swept "); ok && p.logged("files", "swept "+what) != 1 {
			t.Errorf("swept %s %d times", what, p.logged("files", "swept "+what))
		}
	}
}

// dies plays one scene and reports whether the victim died in it.
func (c *client) dies(t *testing.T, each crash) (died bool) {
	t.Run(each.victim+"/"+string(each.point), func(t *testing.T) {
		s := &stage{client: c, t: t, session: each.victim + "-" + string(each.point)}
		before := c.ready(each.victim)
		c.order(each.victim, each.scene.start, append([]fault.Order{{At: each.point, Do: fault.Kill}}, each.scene.orders...)...)
		each.scene.play(s, each)
		for n := 0; n < 20 && c.ready(each.victim) == before; n++ { // an ACK, say, may be read only when there is something else to read
			s.say("anything else").ended(t, event.StatusOK)
		}
		after := c.replaced(each.victim, before, patience)
		if died = after != 0; !died {
			t.Fatal("the victim is still alive")
		}
		c.p.agreed(t)
	})
	return died
}

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// stormApp is twenty components: an input whose turns go down four branches at once, three of models and one of an agent
// that calls. Their handlers take 20 to 200 ms.
const stormApp = `
in = input command_line { to: [first_a, first_b, first_c, keeper] }
first_a = llm scripted { script: "storm.script", to: second_a }
second_a = llm scripted { script: "storm.script", to: third_a }
third_a = llm scripted { script: "storm.script", to: left_a }
left_a = llm echo { to: out_a }
out_a = output console {}
first_b = llm scripted { script: "storm.script", to: second_b }
second_b = llm scripted { script: "storm.script", to: left_b }
left_b = llm echo { to: out_b }
out_b = output console {}
first_c = llm scripted { script: "storm.script", to: second_c }
second_c = llm scripted { script: "storm.script", to: left_c }
left_c = llm echo { to: out_c }
out_c = output console {}
keeper = agent scripted {
    script: "keeper.script"
    tools: [looker, teller]
    to: second_d
}
looker = llm scripted { script: "storm.script" }
teller = llm scripted { script: "storm.script" }
second_d = llm scripted { script: "storm.script", to: left_d }
left_d = llm echo { to: out_d }
out_d = output console {}
`

const stormScript = `
when "* 0"
    wait 20ms
    say "{text}"
when "* 1"
    wait 90ms
    say "{text}"
otherwise
    wait 200ms
    say "{text}"
`

const stormKeeper = `
otherwise
    call looker "{text}"
    call teller "{looker}"
    say "{teller}"
`

// stormVictims are its components.
var stormVictims = strings.Fields(`in first_a second_a third_a left_a out_a first_b second_b left_b out_b
	first_c second_c left_c out_c keeper looker teller second_d left_d out_d`)

// stormLength is how long the storm lasts; WW_STORM says another time.
func stormLength(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("WW_STORM")
	switch {
	case text == "" && os.Getenv("WW_REQUIRE") == "all":
		return max(stormy, 20*time.Second)
	case text == "":
		return stormy
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("WW_STORM: %v", err)
	}
	return d
}

// stormSeed is what decides who is killed when, and who asks what; WW_SEED repeats an earlier one.
func stormSeed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("WW_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("WW_SEED: %v", err)
		}
	}
	t.Logf("seed %d (WW_SEED repeats it)", seed)
	return seed
}

// A random runner of twenty is killed every 0.2 to 2 s while 50 turns a second of many sessions go through. By the journals
// every one that was accepted is answered once, none is set aside and none is left, and no process is.
func TestAStormOfKillsLosesNothing(t *testing.T) { storm(t, stormLength(t)) }

// The same, with every process of the app on one processor.
func TestAStormOnOneProcessorLosesNothing(t *testing.T) {
	if stormy < time.Minute && os.Getenv("WW_REQUIRE") != "all" {
		t.Skip("needs time: .ci/run and -tags soak run it")
	}
	storm(t, stormLength(t)/2, "GOMAXPROCS=1")
}

// A part of the twenty goes by way of the task master, which is killed as the others are: nothing is lost in either part. When
// it does not come back, what does not need it goes on, and what needs it waits.
func TestAStormInAMixedAppLosesNothing(t *testing.T) {
	central := map[string]bool{"third_a": true, "out_b": true, "second_d": true, "keeper": true}
	victims := append([]string{"task_master", "task_master"}, stormVictims...)
	stormOf(t, stormLength(t)/2, centralize(stormApp, central), victims, func(p *project) {
		p.must("sessions", "create", "--chain", "in,first_c,second_c,left_c,out_c", "s-beside")
		p.must("stop", "task_master")
		if got := p.chat("beside it 0", "--session", "s-beside"); got.Answer != "beside it 0" {
			t.Errorf("the distributed part without the task master: %+v", got)
		}
		p.must("start", "task_master")
	})
}

func storm(t *testing.T, long time.Duration, env ...string) {
	stormOf(t, long, stormApp, stormVictims, func(*project) {}, env...)
}

// stormOf lets a storm go over an app; then is what is tried when it is over, and asks turns of its own.
func stormOf(t *testing.T, long time.Duration, source string, victims []string, then func(*project), env ...string) {
	seed := stormSeed(t)
	p := newProject(t, source)
	p.env = env
	p.write("storm.script", stormScript)
	p.write("keeper.script", stormKeeper)
	p.must("dev", "-d")
	c := p.client("in")
	c.patience = long + 2*time.Minute
	end := time.Now().Add(long)
	asked := make(chan []*asked, 1)
	go func() { asked <- c.rain(rand.New(rand.NewPCG(seed, 1)), end) }()
	kills, mid, working := c.lightning(rand.New(rand.NewPCG(seed, 2)), end, victims)
	turns := <-asked
	for _, a := range turns {
		a.ended(t, event.StatusOK)
		if a.end.Answer != a.Text || len(a.end.Outputs) != 3 {
			t.Errorf("%q was answered %q and %v (%s)", a.Text, a.end.Answer, a.end.Outputs, a.end.Error)
		}
	}
	before := len(turns)
	then(p)
	p.must("down")
	p.nothing()
	r := p.verified()
	if n := r.Accepted; n < before || n > before+1 || r.Ended[event.StatusOK] != n || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered, none set aside", r, before)
	}
	t.Logf("%v, %d turns, %d kills: %d between an IN and its SENT, of which %d while a handler worked", long, len(turns), kills, mid, working)
	if kills < 2 {
		t.Errorf("only %d kills", kills)
	}
}

// rain asks fifty turns a second until the end.
func (c *client) rain(rng *rand.Rand, end time.Time) (turns []*asked) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; time.Now().Before(end); n++ {
		turns = append(turns, c.start(fmt.Sprintf("s%d", rng.IntN(48)), fmt.Sprintf("question %d %d", n, rng.IntN(3))))
		<-tick.C
	}
	return turns
}

// lightning kills runners until the end, and looks into the journals of each before its successor does: mid is how many had
// something between its IN and its SENT, working how many of those were at work on it.
func (c *client) lightning(rng *rand.Rand, end time.Time, victims []string) (kills, mid, working int) {
	for {
		pause, victim := time.Duration(200+rng.IntN(1800))*time.Millisecond, victims[rng.IntN(len(victims))]
		if time.Now().Add(pause).After(end) {
			return kills, mid, working
		}
		<-time.After(pause)
		pid := c.ready(victim)
		if pid <= 1 || syscall.Kill(pid, syscall.SIGKILL) != nil {
			continue // it is just coming back
		}
		kills++
		work, unsent := c.p.between(victim)
		if work > 0 {
			working++
		}
		if work+unsent > 0 {
			mid++
		}
	}
}

// between counts what a component has between IN and OUT, and what between OUT and SENT.
func (p *project) between(component string) (work, unsent int) {
	type channel struct{ dest, session, base string }
	open, out := map[string]bool{}, map[channel]uint64{}
	p.records(component, func(d delivery.Record) {
		h := &d.Head.Header
		id := h.Source + " " + h.Base + " " + strconv.FormatUint(h.Seq, 10)
		if h.Source == "" {
			id = h.Turn
		}
		switch d.Kind {
		case delivery.Turn:
			open[id] = true
		case delivery.In:
			open[id] = h.Type == event.TypeText
		case delivery.Out, delivery.Dead:
			delete(open, id)
			for _, m := range d.Msgs {
				out[channel{m.Subject, m.Session, m.Base}] = m.Seq
			}
		case delivery.Sent:
			if k := (channel{h.Subject, h.Session, h.Base}); out[k] <= h.Seq {
				delete(out, k)
			}
		default:
		}
	})
	for id, is := range open {
		if !is {
			delete(open, id)
		}
	}
	return len(open), len(out)
}

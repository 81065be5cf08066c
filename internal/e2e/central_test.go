package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// chatted is what a test needs of ww chat --json.
type chatted struct {
	Answer string
	Status event.Status
	Hops   []event.Hop
}

func (p *project) chat(text string, args ...string) chatted {
	p.t.Helper()
	var c chatted
	out := p.must(append([]string{"chat", "--json", text}, args...)...).out
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
	return c
}

// chain is the components of a turn without the task master, and how many of its hops went by way of that.
func (c chatted) chain() (names []string, byWay int) {
	for _, h := range c.Hops {
		if h.Component == "task_master" {
			byWay++
			continue
		}
		names = append(names, h.Component)
	}
	return names, byWay
}

// head finds where the properties of a component begin.
var head = regexp.MustCompile(`(?m)^(\w+) = [\w ]+\{`)

// centralize makes some of the components of a source go by way of the task master.
func centralize(source string, which map[string]bool) string {
	return head.ReplaceAllStringFunc(source, func(s string) string {
		if which[head.FindStringSubmatch(s)[1]] {
			return s + ` orchestration_mode: "centralized", `
		}
		return s
	})
}

// The death of the task master delays the turns that go by way of it, and no others; none is lost.
func TestAMixedAppKeepsItsPromisesWhenTheTaskMasterDies(t *testing.T) {
	p := newProject(t, `
you = input command_line { to: brain }
brain = llm scripted { script: "brain.script", to: screen }
screen = output console { orchestration_mode: "centralized" }
straight = llm echo { to: paper }
paper = output console {}
`)
	p.must("dev", "-d")
	p.must("sessions", "create", "--chain", "you,straight,paper", "s-beside")
	if got := p.chat("through"); !strings.Contains(got.Answer, "you said through") {
		t.Fatalf("%+v", got)
	}
	waiting := make(chan result, 3)
	for range 3 {
		go func() { waiting <- p.ww("chat", "slow") }()
	}
	p.working("brain")
	p.must("stop", "task_master")
	if got := p.chat("beside", "--session", "s-beside"); got.Answer != "beside" {
		t.Errorf("the distributed part: %+v", got)
	}
	select {
	case r := <-waiting:
		t.Errorf("answered without the task master: %+v", r)
	default:
	}
	p.must("start", "task_master")
	for range 3 {
		if r := <-waiting; r.status != 0 || r.out != slowAnswer {
			t.Errorf("after its return: %+v", r)
		}
	}
	for range 3 {
		go func() { waiting <- p.ww("chat", "slow") }()
	}
	p.working("brain")
	p.kill(p.ps()["task_master"].PIDs.Runner, 9)
	for range 3 {
		if r := <-waiting; r.status != 0 || r.out != slowAnswer {
			t.Errorf("after a kill: %+v", r)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v", r)
	}
}

// A component that a save takes away first hands on what it has and what is on its way to it: turns go through an app that
// changes its mode again and again, and none is lost.
func TestAComponentThatGoesHandsOnWhatItHas(t *testing.T) {
	const app = `
you = input command_line { to: brain }
brain = llm echo { to: screen }
screen = output console {}
`
	p := newProject(t, app)
	p.must("dev", "-d")
	client := p.command("chat", "--lines", "--json", "--parallel", "4")
	var out, errs buffer
	client.Stdout, client.Stderr = &out, &errs
	in, err := client.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	stop, asked := make(chan struct{}), make(chan int, 1)
	go func() {
		n := 0
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for done := false; !done; n++ {
			fmt.Fprintf(in, `{"id":"q%d","session":"s%d","text":"question %d %d"}`+"\n", n, n%7, n, n%3)
			select {
			case <-stop:
				done = true
			case <-tick.C:
			}
		}
		in.Close()
		asked <- n
	}()
	for i := range 6 {
		text := app
		if i%2 == 0 {
			text = "orchestration_mode = \"centralized\"\n" + app
		}
		p.write("main.ww", text)
		p.must("reload")
	}
	close(stop)
	n := <-asked
	if err := client.Wait(); err != nil {
		t.Errorf("the client: %v\n%s", err, errs.String())
	}
	checkAnswers(t, out.String(), n)
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != n || r.Ended[event.StatusOK] != n || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, n)
	}
}

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// movedApp is written as a person would, so that a diff that touches more than it has to is seen in the bytes.
const movedApp = "# the front desk\r\n" + `orchestration_mode = "centralized"   # for now

you = input command_line { to: clerk }
clerk = agent scripted {
	script: "clerk.script"   # a tab, and a comment
	tools: [looker]
	to: brain
}
looker = llm scripted { script: "looker.script", orchestration_mode: "distributed" }
brain = llm scripted { script: "brain.script", to: screen }

screen = output console {}`

// movedScripts are those of its components. Some turns are slower than others, so that what came later could be sooner.
func (p *project) movedScripts() {
	p.write("clerk.script", "otherwise\n    call looker \"{text}\"\n    say \"{looker}\"\n")
	p.write("looker.script", "when \"* 0\"\n    wait 60ms\n    say \"{text}\"\notherwise\n    say \"{text}\"\n")
	p.write("brain.script", "when \"* 1\"\n    wait 90ms\n    say \"{text}\"\notherwise\n    wait 5ms\n    say \"{text}\"\n")
}

// move is a step of a migration: what is asked for, and how many hops of a turn go by way of the task master then.
type move struct {
	args  []string
	byWay int
}

// moves leads from centralized over a mixed app to distributed and back, and then takes all of it back.
func moves() []move {
	way := []move{
		{[]string{"--mode", "distributed", "--component", "screen"}, 3},
		{[]string{"--mode", "distributed", "--component", "brain"}, 2},
		{[]string{"--mode", "distributed"}, 0},
		{[]string{"--mode", "centralized", "--component", "looker"}, 0},
		{[]string{"--mode", "centralized"}, 3},
	}
	for range way {
		way = append(way, move{args: []string{"--rollback"}})
	}
	return way
}

// carriedOut makes the step and waits until turns go as it says. It returns the file as it is then.
func (m move) carriedOut(p *project, want int) string {
	p.t.Helper()
	args := append([]string{"migrate", "--measure=false"}, m.args...)
	if m.args[0] != "--rollback" {
		args = append(args, "--write")
	}
	p.must(args...)
	p.until(fmt.Sprintf("ww %v: %d hops go by way of the task master", args, want), func() bool {
		_, byWay := p.chat("try 2").chain()
		return byWay == want
	})
	if r, got := p.reload(); got.status != 0 || r.Error != "" { // it has been, or is now
		p.t.Errorf("ww %v: %+v, status %d\n%s", args, r, got.status, got.err)
	}
	return p.read("main.ww")
}

func (p *project) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// A running app is migrated back and forth, component by component, and all of it is taken back, while turns go through:
// each is answered once, the turns of a session are done in their order at every hop, and the file is again what it was.
func TestARunningAppIsMigratedUnderLoad(t *testing.T) {
	p := newProject(t, movedApp)
	p.movedScripts()
	p.must("dev", "-d")
	c := p.client("you")
	c.patience = time.Minute
	over, asked := make(chan struct{}), make(chan []*asked, 1)
	go func() { asked <- c.drizzle(over) }()

	files, ways := []string{movedApp}, []int{3}
	for _, m := range moves() {
		if m.args[0] != "--rollback" {
			files, ways = append(files, m.carriedOut(p, m.byWay)), append(ways, m.byWay)
			continue
		}
		files, ways = files[:len(files)-1], ways[:len(ways)-1]
		if got := m.carriedOut(p, ways[len(ways)-1]); got != files[len(files)-1] {
			t.Errorf("taken back it is\n%q, want\n%q", got, files[len(files)-1])
		}
	}
	close(over)
	turns := <-asked
	p.echoed(turns)
	for _, name := range []string{"clerk", "brain", "screen"} {
		p.inOrder(name)
	}
	if r := p.verified(); r.Accepted < len(turns) || r.Ended[event.StatusOK] != r.Accepted || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns and those that tried it, all answered", r, len(turns))
	}
	t.Logf("%d turns through %d steps", len(turns), len(moves()))
}

// drizzle asks twenty turns a second until it is over.
func (c *client) drizzle(over <-chan struct{}) (turns []*asked) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		turns = append(turns, c.start(fmt.Sprintf("s%d", n%7), fmt.Sprintf("question %d %d", n, n%3)))
		select {
		case <-over:
			return turns
		case <-tick.C:
		}
	}
}

// echoed waits until each of the turns is answered with its own text, then ends the app.
func (p *project) echoed(turns []*asked) {
	p.t.Helper()
	for _, a := range turns {
		a.ended(p.t, event.StatusOK)
		if a.end.Answer != a.Text {
			p.t.Errorf("%q was answered %q (%s)", a.Text, a.end.Answer, a.end.Error)
		}
	}
	p.must("down")
	p.nothing()
}

// The same in a storm: nobody waits until a step is carried out before the next is taken, and between the steps a runner is
// killed, the task master's and those that just begin among them, or the supervisor, which is followed by another one. The order
// along each way is kept, says the verifier; while the task master is dead a turn may overtake one that it still has.
func TestAMigrationInAStormLosesNothing(t *testing.T) {
	seed := stormSeed(t)
	rng := rand.New(rand.NewPCG(seed, 3))
	p := newProject(t, movedApp)
	p.movedScripts()
	p.must("dev", "-d")
	c := p.client("you")
	c.patience = 2 * time.Minute
	over, rained := make(chan struct{}), make(chan []*asked, 1)
	go func() { rained <- c.drizzle(over) }()

	files, killed := []string{movedApp}, map[string]int{}
	for end := time.Now().Add(stormLength(t) / 2); time.Now().Before(end); {
		files = p.step(rng, files)
		<-time.After(time.Duration(rng.IntN(400)) * time.Millisecond)
		victim := []string{"you", "clerk", "looker", "brain", "screen", "task_master", "task_master", "ww"}[rng.IntN(8)]
		if victim == "ww" {
			p.kill(p.supervisor(), syscall.SIGKILL)
			<-time.After(time.Duration(rng.IntN(200)) * time.Millisecond)
			p.must("dev", "-d")
		} else if pid := c.ready(victim); pid <= 1 || syscall.Kill(pid, syscall.SIGKILL) != nil {
			continue // it is coming or going
		}
		killed[victim]++
	}
	for len(files) > 1 {
		p.migrates("--rollback")
		files = p.is(files[:len(files)-1])
	}
	if r, got := p.reload(); got.status != 0 || r.Error != "" {
		t.Errorf("%+v, status %d\n%s", r, got.status, got.err)
	}
	if _, byWay := p.chat("try 2").chain(); byWay != 3 {
		t.Errorf("in the end %d hops go by way of the task master, want 3", byWay)
	}
	close(over)
	turns := <-rained
	p.echoed(turns)
	if r := p.verified(); r.Accepted != len(turns)+1 || r.Ended[event.StatusOK] != r.Accepted || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered", r, len(turns)+1)
	}
	t.Logf("%d turns, killed: %v", len(turns), killed)
}

// step migrates all or one to either mode, or takes the last one back. files are what the file was, the last is what it is.
func (p *project) step(rng *rand.Rand, files []string) []string {
	p.t.Helper()
	if len(files) > 1 && rng.IntN(3) == 0 {
		p.migrates("--rollback")
		return p.is(files[:len(files)-1])
	}
	args := []string{"--measure=false", "--write", "--mode", []string{"distributed", "centralized"}[rng.IntN(2)]}
	if rng.IntN(3) > 0 {
		args = append(args, "--component", []string{"you", "clerk", "looker", "brain", "screen"}[rng.IntN(5)])
	}
	p.migrates(args...)
	if now := p.read("main.ww"); now != files[len(files)-1] {
		files = append(files, now)
	}
	return files
}

// migrates changes the file. What runs may not take it: a new instance was killed before it was ready.
func (p *project) migrates(args ...string) {
	p.t.Helper()
	got := p.ww(append([]string{"migrate"}, args...)...)
	if got.status != 0 && !strings.Contains(got.err, "the running app goes on as it was: ") {
		p.t.Fatalf("ww migrate %v: status %d\n%s%s", args, got.status, got.out, got.err)
	}
}

// is checks that the file is the last of files.
func (p *project) is(files []string) []string {
	p.t.Helper()
	if now := p.read("main.ww"); now != files[len(files)-1] {
		p.t.Errorf("taken back it is\n%q, want\n%q", now, files[len(files)-1])
	}
	return files
}

// Half of an app is centralized by the word of one component.
const half = `
you = input command_line { to: brain }
brain = llm echo { to: screen }
screen = output console { orchestration_mode: "centralized" }
`

// Who is not named in a migration sends otherwise because of it, too. A supervisor that was not there when the file changed
// sees that, and replaces it before the task master goes.
func TestAMigrationWithoutASupervisorIsCaughtUpWith(t *testing.T) {
	p := newProject(t, half)
	p.must("dev", "-d")
	p.must("chat", "one")
	pid := p.supervisor()
	p.kill(pid, syscall.SIGKILL)
	p.until("the supervisor is gone", func() bool { return zombie(pid) })
	p.must("migrate", "--mode", "distributed", "--measure=false", "--write")
	p.must("dev", "-d")
	p.until("the task master is gone", func() bool { return len(p.all("task_master")) == 0 })
	if names, byWay := p.chat("two").chain(); len(names) != 3 || byWay != 0 {
		t.Errorf("went through %v, %d of it by way of the task master", names, byWay)
	}
	p.must("down")
	p.nothing()
	p.verified()
}

// A new instance that dies at once gives way to the old one, which still sends by way of the task master: that stays, until
// a reload that somebody asks for makes the rest of the migration. That the files were saved is noticed only after it died.
func TestTheTaskMasterStaysForWhoGoesBack(t *testing.T) {
	p := newProject(t, half)
	p.timing = "settle=500ms"
	dev := p.dev()
	p.must("chat", "one")
	p.must("migrate", "--mode", "distributed", "--measure=false", "--write")
	p.until("the new ones serve", func() bool { return p.serving("brain") == 2 })
	for _, r := range p.all("brain") {
		if r.Generation == 2 {
			p.kill(r.PIDs.Runner, syscall.SIGKILL)
		}
	}
	p.until("it goes back", func() bool { return strings.Contains(dev.said(), "generation 1 of brain serves again") })
	p.until("the others have settled", func() bool { return len(p.all("you")) == 1 && len(p.all("screen")) == 1 })
	if _, byWay := p.chat("two").chain(); byWay != 1 {
		t.Errorf("%d hops went by way of the task master, want the one of brain", byWay)
	}
	if r, got := p.reload(); !r.Changed || got.status != 0 {
		t.Errorf("ww reload: %+v, status %d\n%s", r, got.status, got.err)
	}
	p.until("the task master is gone", func() bool { return len(p.all("task_master")) == 0 })
	if _, byWay := p.chat("three").chain(); byWay != 0 {
		t.Errorf("%d hops went by way of the task master, want none", byWay)
	}
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
	if r := p.verified(); r.Pending != 0 || r.Ended[event.StatusOK] != r.Accepted {
		t.Errorf("journals: %+v", r)
	}
}

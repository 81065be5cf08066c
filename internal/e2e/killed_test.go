package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// TestT01AKillAmongAHundredTurns: each component in turn is killed while a hundred turns of ten sessions go through.
func TestT01AKillAmongAHundredTurns(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.write("brain.script", "otherwise\n    wait 20ms\n    say \"you said {text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	turns := make([]*asked, 100)
	for n := range turns {
		turns[n] = c.start(fmt.Sprintf("s%d", n%10), fmt.Sprintf("number %d", n))
	}
	for i, victim := range []string{"brain", "you", "screen"} {
		<-turns[10+30*i].done
		before := c.ready(victim)
		p.kill(before, syscall.SIGKILL)
		if c.replaced(victim, before, patience) == 0 {
			t.Errorf("%s does not come back", victim)
		}
	}
	for n, a := range turns {
		a.ended(t, event.StatusOK)
		if want := fmt.Sprintf("you said number %d", n); a.end.Answer != want {
			t.Errorf("turn %d: %q, want %q", n, a.end.Answer, want)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != 100 || r.Ended[event.StatusOK] != 100 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 100 turns, all answered", r)
	}
}

// TestT15AKillerAmongFiftyTurns: the message that kills its component is set aside after two deaths that are proven, with
// the reason; the turns that died with it are not blamed.
func TestT15AKillerAmongFiftyTurns(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.write("brain.script", "when \"killer\"\n    wait 20ms\n    crash\notherwise\n    wait 30ms\n    say \"{text} lives\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	turns := make([]*asked, 50)
	for n := range turns {
		text := fmt.Sprintf("turn %d", n)
		if n == 7 {
			text = "killer"
		}
		turns[n] = c.start(fmt.Sprintf("s%d", n), text)
	}
	for n, a := range turns {
		if n == 7 {
			a.ended(t, event.StatusDead)
			if !strings.Contains(a.end.Error, "brain crashed twice on this message") {
				t.Errorf("the killer ended without its reason: %q", a.end.Error)
			}
			continue
		}
		a.ended(t, event.StatusOK)
	}
	if got := p.must("dlq", "list"); strings.Count(got.out, "killer") != 1 || strings.Contains(got.out, "turn ") {
		t.Errorf("dead letters:\n%s", got.out)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 49 || r.Ended[event.StatusDead] != 1 || r.Dead != 1 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 49 answered and 1 set aside", r)
	}
}

const slowChain = `
you = input command_line { to: first }
first = llm scripted { script: "first.script", to: second }
second = llm scripted { script: "second.script", to: screen }
screen = output console {}
`

// TestT40ADeadlineIsThatOfTheWholeTurn: three hops share it, and nobody works on after it has passed.
func TestT40ADeadlineIsThatOfTheWholeTurn(t *testing.T) {
	t.Parallel()
	p := newProject(t, slowChain)
	p.timing = "turn=1500ms"
	p.write("first.script", "when \"late\"\n    wait 500ms\n    say \"late\"\notherwise\n    say \"{text}\"\n")
	p.write("second.script", "when \"late\"\n    log \"begins\"\n    wait 8s\n    log \"works on\"\n    say \"too late\"\notherwise\n    say \"{text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	a := c.start("s", "late")
	a.ended(t, event.StatusTimeout)
	c.start("s", "next").ended(t, event.StatusOK) // the same session: its slot is free again
	if began, done := p.logged("second", "begins"), p.logged("second", "works on"); began != 1 || done != 0 {
		t.Errorf("the second hop began %d times and worked on %d times after the deadline, want 1 and 0", began, done)
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusTimeout] != 1 || r.Ended[event.StatusOK] != 1 || r.Pending != 0 {
		t.Errorf("journals: %+v", r)
	}
}

const withProcess = `
you = input command_line { to: keeper }
keeper = agent scripted {
    script: "keeper.script"
    tools: [sleeper]
    to: screen
}
sleeper = custom process { command: ["sh", "sleeper.sh"] }
screen = output console {}
`

// sleeper never answers a request, and says when it is told that nobody wants the answer.
const sleeper = `
echo '{"jsonrpc":"2.0","method":"ready"}'
while IFS= read -r line; do
    case $line in
    *'"method":"process"'*) echo began >&2 ;;
    *'"method":"cancel"'*) echo "was told to end" >&2 ;;
    esac
done
`

// TestT40ACancelReachesTheToolAndTheClientsEndDoesNot: who closes the chat leaves the turn alone; who cancels it ends it, down
// to the process of a tool.
func TestT40ACancelReachesTheToolAndTheClientsEndDoesNot(t *testing.T) {
	t.Parallel()
	p := newProject(t, withProcess)
	p.write("keeper.script", "when \"sleep\"\n    call sleeper \"long\"\n    say \"slept\"\notherwise\n    say \"{text}\"\n")
	p.write("sleeper.sh", sleeper)
	p.must("dev", "-d", "--trust")
	c := p.client("you")
	chat := p.command("chat", "sleep", "--session", "gone")
	if err := chat.Start(); err != nil {
		t.Fatal(err)
	}
	p.until("the tool works", func() bool { return strings.Contains(p.log("sleeper"), "began") })
	_ = chat.Process.Kill()
	_ = chat.Wait()
	a := c.start("s", "sleep")
	p.until("the tool works on both", func() bool { return strings.Count(p.log("sleeper"), "began") == 2 })
	if strings.Contains(p.log("sleeper"), "was told to end") {
		t.Error("the end of a client ended its turn")
	}
	if err := c.cancel(a); err != nil {
		t.Fatal(err)
	}
	a.ended(t, event.StatusCanceled)
	p.until("the tool is told", func() bool { return strings.Contains(p.log("sleeper"), "was told to end") })
	for _, id := range p.turnsOf("gone") {
		if err := c.cancel(&asked{Turn: turn.Turn{ID: id, Session: "gone", To: "you"}}); err != nil {
			t.Error(err)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusCanceled] != 2 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 2 turns, canceled", r)
	}
}

// TestT41AToolDiesInTheMiddle: what changes the world is not done again, and the turn says so; what does not is.
func TestT41AToolDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, effects string
		status        event.Status
		times         int
	}{
		{"with side effects", "true", event.StatusFailed, 1},
		{"without", "false", event.StatusOK, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, strings.Replace(crashApp, "side_effects: true", "side_effects: "+tt.effects, 1))
			p.write("keeper.script", crashKeeper)
			p.write("files.script", "when \"sweep *\"\n    log \"begins {1}\"\n    wait 1500ms\n    say \"{1} is clean\"\n")
			p.must("dev", "-d")
			c := p.client("you")
			a := c.start("s", "sweep attic")
			p.until("the tool works", func() bool { return p.logged("files", "begins attic") == 1 })
			p.kill(c.ready("files"), syscall.SIGKILL)
			a.ended(t, tt.status)
			if tt.status == event.StatusFailed && !strings.Contains(a.end.Error, "whether it took effect is unknown") {
				t.Errorf("the turn ends without an explanation: %q", a.end.Error)
			}
			if n := p.logged("files", "begins attic"); n != tt.times {
				t.Errorf("the tool began %d times, want %d", n, tt.times)
			}
			p.must("down")
			p.nothing()
			p.verified()
		})
	}
}

// A function that sleeps through the cancel of its turn does not hold up the next turn of its session, nor any other.
func TestACanceledFunctionMakesWay(t *testing.T) {
	t.Parallel()
	needsPython(t)
	p := newProject(t, "you = input command_line { to: ag }\nm = llm openai { api_key: \"none\" }\nag = agent llm { model: m, tools: [sleepy] }\nsleepy = api functions { path: \"nap.py\" }\n")
	p.write("nap.py", "import time\n\ndef nap(seconds: float) -> str:\n    print(\"begins\", seconds, flush=True)\n    time.sleep(seconds)\n    print(\"ends\", seconds, flush=True)\n    return \"woke\"\n")
	p.must("dev", "-d", "--trust", "--offline")
	c := p.client("you")
	long := c.start("s", "call nap {\"seconds\": 25}")
	beside := c.start("other", "call nap {\"seconds\": 2}")
	p.until("both functions sleep", func() bool { return strings.Count(p.log("sleepy"), "begins") == 2 })
	if err := c.cancel(long); err != nil {
		t.Fatal(err)
	}
	long.ended(t, event.StatusCanceled)
	c.start("s", "call nap {\"seconds\": 0}").ended(t, event.StatusOK)
	if strings.Contains(p.log("sleepy"), "ends 25") {
		t.Error("the next turn of the session waited for the function of the one before")
	}
	beside.ended(t, event.StatusOK)
	if !strings.Contains(beside.end.Answer, "woke") {
		t.Errorf("the function of another session answered %q", beside.end.Answer)
	}
	p.must("down")
	p.nothing()
}

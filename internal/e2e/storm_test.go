package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
)

// stormApp has handlers that take their time, so that kills find them at work.
const stormApp = `
in = input command_line { to: first }
first = llm scripted { script: "storm.script", to: second }
second = llm scripted { script: "storm.script", to: left }
left = llm echo { to: out }
out = output console {}
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

// stormLength is how long the storm lasts; WW_STORM asks for more.
func stormLength(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("WW_STORM")
	if text == "" {
		return 6 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("WW_STORM: %v", err)
	}
	return d
}

// A random runner is killed every 0.2 to 1 s while turns of many sessions go through: every one is answered once, none
// is set aside, none is left, and the journals agree.
func TestAStormOfKillsLosesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	p := newProject(t, stormApp)
	p.write("storm.script", stormScript)
	p.must("dev", "-d")
	client := p.command("chat", "--lines", "--json", "--parallel", "16")
	var out, errs buffer
	client.Stdout, client.Stderr = &out, &errs
	in, err := client.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	asked := make(chan int, 1)
	end := time.Now().Add(stormLength(t))
	go func() {
		n := 0
		for tick := time.NewTicker(20 * time.Millisecond); time.Now().Before(end); <-tick.C {
			fmt.Fprintf(in, `{"id":"q%d","session":"s%d","text":"question %d %d"}`+"\n", n, n%12, n, n%3)
			n++
		}
		in.Close()
		asked <- n
	}()
	kills := p.killAtRandom(rng, end)
	n := <-asked
	if err := client.Wait(); err != nil {
		t.Errorf("the client: %v\n%s", err, errs.String())
	}
	checkAnswers(t, out.String(), n)
	p.must("down")
	p.nothing()
	r := p.verified()
	if r.Accepted != n || r.Ended[event.StatusOK] != n || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered, none set aside", r, n)
	}
	t.Logf("%d turns, %d kills", n, kills)
	if kills < 3 {
		t.Errorf("only %d kills", kills)
	}
}

// killAtRandom kills runners until the end of the storm.
func (p *project) killAtRandom(rng *rand.Rand, end time.Time) (kills int) {
	names := []string{"in", "first", "second", "left", "out"}
	for time.Now().Before(end) {
		<-time.After(time.Duration(200+rng.IntN(800)) * time.Millisecond)
		victim := p.ps()[names[rng.IntN(len(names))]]
		if victim.PIDs.Runner > 1 && syscall.Kill(victim.PIDs.Runner, syscall.SIGKILL) == nil {
			kills++
		}
	}
	return kills
}

// checkAnswers looks at what the client printed: one line an id, each the answer to its question.
func checkAnswers(t *testing.T, out string, n int) {
	t.Helper()
	seen := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewBufferString(out)); lines.Scan(); {
		var a struct{ ID, Status, Answer, Error string }
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		if seen[a.ID] {
			t.Errorf("%s was answered twice", a.ID)
		}
		seen[a.ID] = true
		if a.Status != "ok" || !strings.HasPrefix(a.Answer, "question "+strings.TrimPrefix(a.ID, "q")+" ") {
			t.Errorf("%s: %s %q %s", a.ID, a.Status, a.Answer, a.Error)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d turns were answered", len(seen), n)
	}
}

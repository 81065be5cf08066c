package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

// The lines of a ww chat go through the deaths of every component on their way: each is answered once, by its own answer.
func TestTheLinesOfAChatSurviveKills(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.write("brain.script", "otherwise\n    wait 30ms\n    say \"{text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	chat := p.command("chat", "--lines", "--json", "--parallel", "16")
	var out, errs buffer
	chat.Stdout, chat.Stderr = &out, &errs
	in, err := chat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	ask := func(more int) {
		for range more {
			fmt.Fprintf(in, `{"id":"q%d","session":"s%d","text":"question %d %d"}`+"\n", n, n%12, n, n%3)
			n++
		}
	}
	for _, victim := range []string{"brain", "you", "screen", "brain"} {
		ask(20)
		before := c.ready(victim)
		p.until("some are answered", func() bool { return strings.Count(out.String(), "\n") > n-20 })
		p.kill(before, syscall.SIGKILL)
		ask(5)
		if c.replaced(victim, before, patience) == 0 {
			t.Errorf("%s does not come back", victim)
		}
	}
	in.Close()
	if err := chat.Wait(); err != nil {
		t.Errorf("the client: %v\n%s", err, errs.String())
	}
	checkAnswers(t, out.String(), n)
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Accepted != n || r.Ended[event.StatusOK] != n || r.Pending != 0 || r.Dead != 0 {
		t.Errorf("journals: %+v, want %d turns, all answered, none set aside", r, n)
	}
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

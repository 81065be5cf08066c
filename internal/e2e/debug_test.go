package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A function stops at its first line in this terminal, and its call waits; what it raises stops where it was raised.
func TestAPythonFileIsDebuggedAtTheTerminal(t *testing.T) {
	needsPython(t)
	p := newProject(t, `you = input command_line { to: ag }
brain = llm openai { api_key: "none" }
ag = agent llm { model: brain, tools: [fx] }
fx = api functions { path: "fx.py", timeout: 1 }
`)
	p.write("fx.py", "def add(a, b=2):\n    c = a + b\n    return c\n\n\ndef bad():\n    x = 41\n    raise ValueError('no')\n")
	cmd := p.command("dev", "--offline", "--trust", "--debug", "./fx.py")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var out buffer
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := tty.Read(b)
			_, _ = out.Write(b[:n])
			if err != nil {
				return
			}
		}
	}()
	seen := 0
	await := func(text string) {
		t.Helper()
		p.until(text, func() bool { return strings.Contains(out.String()[seen:], text) })
		seen += strings.Index(out.String()[seen:], text) + len(text)
	}
	say := func(line string) {
		t.Helper()
		if _, err := tty.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	await("this terminal is the debugger's")
	added := p.later("chat", `call fx.add {"a": 1}`)
	await("(ww) add is called with a=1")
	await("(Pdb) ")
	say("p (a, b)")
	await("(1, 2)")
	say("import time; time.sleep(1.5)") // longer than the function may take without a debugger
	await("(Pdb) ")
	await("(Pdb) ")
	say("c")
	await("(ww) add returned 3")
	if got := added(); !strings.Contains(got.out, "fx.add answered: 3") {
		t.Errorf("the caller got %q %s", got.out, got.err)
	}
	failed := p.later("chat", `call fx.bad {}`)
	await("(Pdb) ")
	say("c")
	await("ValueError: no (fx.py, line 8); this is where")
	await("(Pdb) ")
	say("p x")
	await("41")
	say("q")
	if got := failed(); !strings.Contains(got.out, "fx.bad failed: ValueError: no (fx.py, line 8)") {
		t.Errorf("the caller got %q %s", got.out, got.err)
	}
	p.must("down")
	_ = cmd.Wait() // its status is not what this is about
	p.nothing()

	for want, args := range map[string][]string{
		"--debug gx.py: main.ww does not name this file; it names fx.py":   {"--debug", "gx.py"},
		"--debug needs a terminal as standard input":                       {"--debug", "fx.py"},
		"--debug needs this terminal, and -d gives it up; say one of them": {"-d", "--debug", "fx.py"},
	} {
		if got := p.ww(append([]string{"dev", "--offline", "--trust"}, args...)...); got.status != 2 || !strings.Contains(got.err, want) {
			t.Errorf("%v: status %d, %s, want %s", args, got.status, got.err, want)
		}
	}
}

func needsPython(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs python3")
		}
		t.Skip("needs python3")
	}
}

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// The children of the death matrix: what user code may be like.
var children = [...]struct{ name, before string }{
	{"normal", ""},
	{"deaf", "trap '' TERM INT HUP QUIT"},
	{"parent", "sleep 1000 &"},
	{"daemon", "setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1000; done' </dev/null >/dev/null 2>&1 3>&- 4>&- &"},
	{"stopped", ""}, // by the test
	{"holder", "(sleep 1000; echo late) &"},
	{"leaver", "(trap '' TERM HUP INT; while :; do sleep 1000; done) >/dev/null 2>&1 &"},
}

const childLoop = `
echo '{"jsonrpc":"2.0","method":"ready"}'
while IFS= read -r line; do
    case $line in
    *'"method":"shutdown"'*) exit 0 ;;
    *'"method":"ping"'*|*'"method":"process"'*)
        id=${line#*'"id":'}
        echo '{"jsonrpc":"2.0","id":'"${id%%,*}"',"result":"here"}' ;;
    esac
done
`

// newMatrixProject is an app in which every kind of child runs.
func newMatrixProject(t *testing.T) *project {
	t.Helper()
	var source strings.Builder
	source.WriteString("you = input command_line { to: screen }\nscreen = output console {}\n")
	for _, c := range children {
		fmt.Fprintf(&source, "%s = custom process { command: [\"sh\", \"%s.sh\"] }\n", c.name, c.name)
	}
	p := newProject(t, source.String())
	for _, c := range children {
		p.write(c.name+".sh", c.before+childLoop)
	}
	return p
}

// rows of the death matrix: how an app comes to its end.
var deaths = [...]struct {
	name  string
	end   func(p *project, dev *foreground)
	order bool // it ends in order: with its own end everything is gone
}{
	{"ctrl+c", func(_ *project, dev *foreground) { dev.signal(syscall.SIGINT) }, true},
	{"two ctrl+c", func(p *project, dev *foreground) {
		dev.signal(syscall.SIGINT)
		p.until("it is stopping", func() bool { return strings.Contains(dev.said(), "stopping ") })
		dev.signal(syscall.SIGINT)
	}, true},
	{"TERM", func(_ *project, dev *foreground) { dev.signal(syscall.SIGTERM) }, true},
	{"HUP", func(_ *project, dev *foreground) { dev.signal(syscall.SIGHUP) }, true},
	{"panic", func(_ *project, dev *foreground) { dev.signal(syscall.SIGQUIT) }, false}, // ends a Go program with all its stacks, without any cleaning up
	{"kill -9 supervisor", func(_ *project, dev *foreground) { dev.signal(syscall.SIGKILL) }, false},
	{"kill -9 runners", func(p *project, dev *foreground) {
		before := p.pids()
		for _, pid := range before {
			p.kill(pid, syscall.SIGKILL)
		}
		p.until("all are back", func() bool {
			for name, r := range p.ps() {
				if r.State != "ready" || r.PIDs.Runner == before[name] {
					return false
				}
			}
			return true
		})
		dev.signal(syscall.SIGTERM)
	}, true},
	{"kill -9 supervisor and runners", func(p *project, dev *foreground) {
		pids := p.pids()
		dev.signal(syscall.SIGKILL)
		for _, pid := range pids {
			p.kill(pid, syscall.SIGKILL)
		}
	}, false},
}

// The death matrix: whatever ends an app in which user code misbehaves in every way, nothing of it is left; T05 and T06
// are the columns leaver and daemon.
func TestT05T06TheDeathMatrix(t *testing.T) {
	for _, d := range deaths {
		t.Run(d.name, func(t *testing.T) {
			p := newMatrixProject(t)
			dev := p.dev("--trust")
			p.kill(p.ps()["stopped"].PIDs.Child, syscall.SIGSTOP)
			d.end(p, dev)
			if !d.order {
				p.nothing()
				return
			}
			got := dev.end()
			if left := p.alive(); len(left) > 0 {
				t.Errorf("%d processes are alive after the summary:\n%s", len(left), got.err)
				for _, pid := range left {
					t.Log(describe(pid))
				}
			}
			if !strings.Contains(got.err, "stopped 9 of 9, 0 processes left") {
				t.Errorf("no summary, or another one:\n%s", got.err)
			}
		})
	}
}

func TestTheDeathMatrixOfAClosedTerminal(t *testing.T) { closeTerminal(t, newMatrixProject(t)) }

// closeTerminal ends the matrix by closing its terminal. It tells when that was.
func closeTerminal(t *testing.T, p *project) time.Time {
	t.Helper()
	cmd := p.command("dev", "--ui=stream", "--trust")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	p.must("wait", "ready")
	p.kill(p.ps()["stopped"].PIDs.Child, syscall.SIGSTOP)
	began := time.Now()
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is not what this is about
	if left := p.alive(); len(left) > 0 {
		t.Errorf("%d processes are alive", len(left))
	}
	return began
}

// T07: a component that forks and forks is ended with everything it started.
func TestT07AForkBombIsEnded(t *testing.T) {
	p := newProject(t, "you = input command_line { to: bomb }\nbomb = custom process { command: [\"sh\", \"bomb.sh\"] }\n")
	p.write("bomb.sh", "n=0; while [ $n -lt 120 ]; do (trap '' TERM; exec sleep 1000) & n=$((n+1)); done"+childLoop)
	p.must("dev", "-d", "--trust")
	if n := len(p.alive()); n < 120 {
		t.Errorf("only %d processes: the bomb is none", n)
	}
	began := time.Now()
	p.must("down")
	if left := p.alive(); len(left) > 0 {
		t.Errorf("%d processes are alive after ww down, %s later", len(left), time.Since(began))
	}
}

// T13: a component that crashes again and again is given up on, with the reason; the others do not notice, and a saved
// file is another try.
func TestT13ACrashLoopIsGivenUpOn(t *testing.T) {
	p := newProject(t, hello+`
loop = custom process { command: ["sh", "loop.sh"] }
once = custom process { command: ["sh", "loop.sh"], restart: never }
`)
	const dies = "echo '{\"jsonrpc\":\"2.0\",\"method\":\"ready\"}'; sleep 0.1; echo the last words >&2; exit 1\n"
	p.write("loop.sh", dies)
	dev := p.start("--trust")
	p.until("both are given up on", func() bool {
		r := p.ww("ps", "--json")
		if r.status != 0 {
			return false
		}
		rows := p.ps()
		return rows["loop"].State == "failed" && rows["once"].State == "failed"
	})
	rows := p.ps()
	if r := rows["loop"]; r.Restarts != 4 || !strings.Contains(r.Reason, "crash 5") {
		t.Errorf("the crash loop: %+v", r)
	}
	if r := rows["once"]; r.Restarts != 0 || !strings.Contains(r.Reason, "not started again") {
		t.Errorf("restart: never: %+v", r)
	}
	if got := p.must("chat", "hi"); got.out != "you said hi\n" {
		t.Errorf("the others: %q", got.out)
	}
	if said := dev.said(); !strings.Contains(said, "the last words") || !strings.Contains(said, "next start in") {
		t.Errorf("it does not say what happened:\n%s", said)
	}
	p.write("loop.sh", childLoop)
	p.until("a saved file is another try", func() bool {
		rows := p.ps()
		return rows["loop"].State == "ready" && rows["once"].State == "ready"
	})
	dev.signal(syscall.SIGTERM)
	dev.end()
	p.nothing()
}

// T14: what another try cannot help is not tried again, and the reason names the fix.
func TestT14WhatCannotStartIsNotTriedAgain(t *testing.T) {
	for command, want := range map[string]string{
		`["sh", "wrong.sh"]`:  "its configuration is wrong",
		`["no-such-program"]`: "no-such-program",
		`["./plain"]`:         "chmod +x",
	} {
		t.Run(command, func(t *testing.T) {
			p := newProject(t, hello+"bad = custom process { command: "+command+" }\n")
			p.write("wrong.sh", "echo no port given >&2; exit 78\n")
			p.write("plain", "echo hello\n")
			got := p.ww("dev", "-d", "--trust")
			if got.status != 1 || !strings.Contains(got.err, want) || !strings.Contains(got.err, "bad") {
				t.Errorf("status %d, want %q\n%s", got.status, want, got.err)
			}
			if strings.Contains(got.err, "crash 5") {
				t.Errorf("it was tried again:\n%s", got.err)
			}
			p.nothing()
		})
	}
}

// T48: without descriptors or processes nothing is half started, and the reason is said.
func TestT48WithoutDescriptorsNothingIsHalfStarted(t *testing.T) {
	p := newProject(t, hello)
	cmd := exec.Command("sh", "-c", "ulimit -n 12; exec ./ww dev --ui=stream </dev/null")
	full := p.command()
	cmd.Dir, cmd.Env = full.Dir, full.Env
	if err := os.Symlink(p.exe, filepath.Join(p.dir, "ww")); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("it says that all is well:\n%s", out)
	}
	if !strings.Contains(string(out), "too many open files") {
		t.Errorf("it does not say why:\n%s", out)
	}
	p.nothing()
}

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

// TestT20TwentyStartsAtOnce: one of them is the app, the others say who is.
func TestT20TwentyStartsAtOnce(t *testing.T) {
	p := newProject(t, hello)
	results := make([]result, 20)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = p.ww("dev", "-d") })
	}
	all.Wait()
	started := 0
	for _, r := range results {
		switch {
		case r.status == 0:
			started++
		case !strings.Contains(r.err, "is already running"):
			t.Errorf("status %d, and it does not say who runs the app:\n%s%s", r.status, r.out, r.err)
		}
	}
	if started != 1 {
		t.Errorf("%d of 20 started the app", started)
	}
	supervisors := 0
	for _, pid := range p.alive() {
		if strings.Contains(describe(pid), "ww dev") {
			supervisors++
		}
	}
	if supervisors != 1 {
		t.Errorf("%d supervisors are alive", supervisors)
	}
	c := p.client("you")
	c.start("s", "hello").ended(t, event.StatusOK)
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 1 {
		t.Errorf("journals: %+v", r)
	}
}

// TestT22APidThatMeansSomebodyElse: records of the dead name a process by its pid and its start; a stranger that has the pid
// by now is not touched, and what is stale is cleaned.
func TestT22APidThatMeansSomebodyElse(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	stranger := exec.Command("sleep", "1000")
	stranger.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stranger.Process.Kill()
		_ = stranger.Wait()
	}()
	p.must("dev", "-d")
	c := p.client("you")
	dir := c.dir
	_ = c.Close()
	p.must("down")
	p.nothing()

	pid := stranger.Process.Pid
	fake := localbus.Record{
		V: localbus.RecordVersion, Instance: "brain-gone", Component: "brain", Role: localbus.RoleComponent, State: localbus.StateReady,
		Processes: localbus.Processes{PID: pid, PIDStart: 1, BootID: "another boot", GuardPID: pid, ChildPID: pid, PGIDs: []int{pid}},
	}
	b, err := json.Marshal(fake)
	if err != nil {
		t.Fatal(err)
	}
	at := func(ext string) string { return filepath.Join(dir, "i", "brain-gone"+ext) }
	if err := errors.Join(
		os.MkdirAll(filepath.Join(dir, "i"), 0o700),
		os.WriteFile(at(".json"), b, 0o600), os.WriteFile(at(".lock"), nil, 0o600), os.WriteFile(at(".s"), nil, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	p.must("dev", "-d")
	c = p.client("you")
	c.start("s", "hello").ended(t, event.StatusOK)
	if zombie(pid) {
		t.Error("a stranger was killed because of its pid")
	}
	if left, _ := filepath.Glob(at("*")); len(left) > 0 {
		t.Errorf("left of the dead: %v", left)
	}
	p.must("down")
	p.nothing()
}

// TestT23TheRunDirectoryIsTakenAway: an app whose run directory is removed, or emptied, goes on, and is whole again by itself.
func TestT23TheRunDirectoryIsTakenAway(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	p.must("dev", "-d")
	c := p.client("you")
	pids := map[string]int{"you": c.ready("you"), "brain": c.ready("brain"), "screen": c.ready("screen")}
	for name, take := range map[string]func() error{
		"instances":     func() error { return takeAway(filepath.Join(c.dir, "i")) },
		"run directory": func() error { return takeAway(c.dir) },
		"everything":    func() error { return takeAway(p.run) },
	} {
		a := c.start("s", "slow")
		c.working("brain")
		if err := take(); err != nil {
			t.Fatal(err)
		}
		if got := p.must("ps"); strings.Contains(got.err, "no supervisor") || strings.Count(got.out, "\n") != 4 {
			t.Errorf("%s: at once ww ps says\n%s%s", name, got.out, got.err)
		}
		a.ended(t, event.StatusOK)
		p.until(name+": all are found again", func() bool {
			for n, pid := range pids {
				if c.ready(n) != pid {
					return false
				}
			}
			return true
		})
		c.start("s", "hello").ended(t, event.StatusOK)
		if got := p.must("chat", "from outside"); got.out != "you said from outside\n" {
			t.Errorf("%s: a newcomer gets %q", name, got.out)
		}
	}
	for name, row := range p.ps() {
		if row.Restarts != 0 || row.State != "ready" {
			t.Errorf("%s: %+v", name, row)
		}
	}
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 9 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 9 turns, all answered", r)
	}
}

// TestT24ProjectsAndRunDirectoriesInStrangePlaces: blanks, other scripts, links, and paths longer than a socket's may be.
func TestT24ProjectsAndRunDirectoriesInStrangePlaces(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(p *project){
		"long": func(p *project) { p.run = filepath.Join(p.run, strings.Repeat("r", 200)) },
		"strange": func(p *project) {
			p.run = filepath.Join(p.run, "лес и \"дом\" 木")
			p.moveTo("проект с 'пробелами' $HOME;")
		},
		"link": func(p *project) {
			link := filepath.Join(p.run, "link")
			if err := os.Symlink(p.dir, link); err != nil {
				p.t.Fatal(err)
			}
			p.run = filepath.Join(p.run, "r")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, hello)
			place(p)
			p.must("dev", "-d")
			if got := p.must("chat", "hi"); got.out != "you said hi\n" {
				t.Errorf("answer %q", got.out)
			}
			p.must("down")
			p.nothing()
		})
	}
}

// moveTo puts the project into a directory below its own.
func (p *project) moveTo(name string) {
	p.t.Helper()
	dir := filepath.Join(p.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range []string{"main.ww", "brain.script"} {
		if err := os.Rename(filepath.Join(p.dir, f), filepath.Join(dir, f)); err != nil {
			p.t.Fatal(err)
		}
	}
	p.dir = dir
}

// TestT29WhoDoesNotReadHoldsUpNobody: a follower of the logs, one of the events and a client that gets a streamed answer stop
// reading; everybody else is answered as before, and the stopped client gets its answer when it reads again.
func TestT29WhoDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	p := newProject(t, hello)
	words := strings.Repeat(strings.Repeat("word ", 200)+"\\n", 60)
	p.write("brain.script", "when \"much\"\n    log \""+strings.Repeat("l", 4000)+"\"\n    stream 300ms \""+words+"\"\notherwise\n    say \"you said {text}\"\n")
	p.must("dev", "-d")
	c := p.client("you")
	var stalled []*exec.Cmd
	for _, args := range [][]string{{"logs", "-f"}, {"events"}, {"chat", "much", "--session", "stalled"}} {
		cmd := p.command(args...)
		out, err := cmd.StdoutPipe() // nobody reads it
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stalled = append(stalled, cmd)
	}
	for n := range 12 {
		a := c.start("s", "much")
		a.ended(t, event.StatusOK)
		if n%4 == 0 {
			c.start("other", "hello").ended(t, event.StatusOK)
		}
	}
	for _, cmd := range stalled {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	p.until("the stalled client's turn has ended", func() bool {
		ids := p.turnsOf("stalled")
		return len(ids) == 1 && p.ended(ids[0])
	})
	p.must("down")
	p.nothing()
	if r := p.verified(); r.Ended[event.StatusOK] != 16 || r.Pending != 0 {
		t.Errorf("journals: %+v, want 16 turns, all answered", r)
	}
}

// takeAway removes a directory whose owners make files in it again meanwhile.
func takeAway(dir string) error {
	var err error
	for range 100 {
		if err = os.RemoveAll(dir); !errors.Is(err, syscall.ENOTEMPTY) {
			return err
		}
	}
	return err
}

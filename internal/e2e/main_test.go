// Package e2e is only tests: a whole app on real processes, killed, stopped and left alone in every way.
//
// Most run one after the other; those that spend their time waiting run side by side. Durations are shortened by
// WW_TIMING; what is waited for is always a state, never a time.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/cli"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/journal"
	"github.com/woodwork-lang/ww/internal/termguard"
)

// TestMain is also the program: the tests start this binary under the name ww.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ww" {
		termguard.Restore()
		os.Exit(cli.Main(context.Background(), cli.System(), os.Args[1:]))
	}
	if runtime.GOOS != "linux" {
		fmt.Println("internal/e2e needs /proc; on this system the tests of the packages below have to do")
		os.Exit(0)
	}
	if signal.Ignored(syscall.SIGHUP) { // as below nohup: what is started here would ignore it, too, and ww leaves it at that
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	os.Exit(m.Run())
}

// timing makes seconds out of the minutes of a real run.
const timing = "heartbeat=200ms,refuse=1s,kill=2s,drain=4s,grace=1s,hang=1s"

// patience is how long a state is waited for. It is long because the machine may be busy; nothing waits for its end.
const patience = 20 * time.Second

// project is an app in a directory of its own.
type project struct {
	t   testing.TB
	dir string
	exe string
	run string

	tags map[string]bool // marks of its runs

	timing string   // durations that are other than usual
	real   bool     // durations are those of a real run
	env    []string // besides
}

const hello = `
you = input command_line { to: brain }
brain = llm scripted { script: "brain.script", to: screen }
screen = output console {}
`

const script = `
when "slow"
    stream 1500ms "one two three four five six seven eight nine ten"
when "steady"
    stream 4s "one two three four five six seven eight nine ten"
when "very slow"
    wait 30s
    say "at last"
otherwise
    say "you said {text}"
`

const slowAnswer = "one two three four five six seven eight nine ten\n"

// newProject writes an app and sees to it that nothing of it is alive when the test ends.
func newProject(t testing.TB, source string) *project {
	t.Helper()
	run, err := os.MkdirTemp("/tmp", "w") // short: sockets
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, dir: dir, exe: exe, run: run, tags: map[string]bool{}}
	p.write("main.ww", source)
	p.write("brain.script", script)
	t.Cleanup(func() {
		for _, pid := range p.alive() {
			t.Errorf("left running: %s", describe(pid))
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = os.RemoveAll(run)
	})
	return p
}

func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// command is ww with arguments, in the project's directory.
func (p *project) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.exe)
	cmd.Args = append([]string{"ww"}, args...)
	cmd.Dir = p.dir
	durations := timing + "," + p.timing
	if p.real {
		durations = p.timing
	}
	cmd.Env = append(os.Environ(), "WW_RUN_DIR="+p.run, "WW_TIMING="+durations, "HOME="+p.dir, "NO_COLOR=1", "CI=")
	cmd.Env = append(cmd.Env, p.env...)
	return cmd
}

// result is how a command ended.
type result struct {
	out, err string
	status   int
}

// ww runs a command to its end.
func (p *project) ww(args ...string) result {
	p.t.Helper()
	cmd := p.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must runs a command that has to succeed.
func (p *project) must(args ...string) result {
	p.t.Helper()
	r := p.ww(args...)
	if r.status != 0 {
		p.t.Fatalf("ww %s: status %d\n%s%s", strings.Join(args, " "), r.status, r.out, r.err)
	}
	return r
}

// later runs a command beside the test.
func (p *project) later(args ...string) (wait func() result) {
	done := make(chan result, 1)
	go func() { done <- p.ww(args...) }()
	return func() result { return <-done }
}

// foreground is a `ww dev` that runs until its standard input is closed or it is told.
type foreground struct {
	p     *project
	cmd   *exec.Cmd
	stdin io.WriteCloser
	err   buffer
	out   buffer
	ended chan struct{}
}

// buffer may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what was written so far.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (f *foreground) said() string { return f.err.String() }

// dev starts ww dev and waits until it is ready. Its standard input stays open.
func (p *project) dev(args ...string) *foreground {
	p.t.Helper()
	f := p.start(args...)
	p.must("wait", "ready")
	return f
}

func (p *project) start(args ...string) *foreground {
	p.t.Helper()
	return p.startVerb(append([]string{"dev", "--ui=stream"}, args...)...)
}

// startVerb starts ww beside the test. Its standard input stays open.
func (p *project) startVerb(args ...string) *foreground {
	p.t.Helper()
	f := &foreground{p: p, cmd: p.command(args...), ended: make(chan struct{})}
	f.cmd.Stdout, f.cmd.Stderr = &f.out, &f.err
	in, err := f.cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	f.stdin = in
	if err := f.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = f.cmd.Wait() // its status is looked at
		close(f.ended)
	}()
	return f
}

func (f *foreground) signal(sig syscall.Signal) {
	f.p.t.Helper()
	if err := f.cmd.Process.Signal(sig); err != nil {
		f.p.t.Fatal(err)
	}
}

// end waits until ww dev has ended.
func (f *foreground) end() result {
	f.p.t.Helper()
	select {
	case <-f.ended:
	case <-time.After(f.p.patience()):
		f.p.t.Fatalf("ww dev does not end\n%s", f.said())
	}
	return result{f.out.String(), f.err.String(), f.cmd.ProcessState.ExitCode()}
}

// row is what these tests need of ww ps.
type row struct {
	Name       string
	Instance   string
	Ordinal    int
	Generation int
	State      string
	Reason     string
	LastDeath  string `json:"last_death"`
	Restarts   int
	PIDs       struct{ Runner, Guard, Child int }
	Load       struct {
		InFlight int `json:"in_flight"`
	}
}

// lock is what the supervisor wrote into the app's lock.
func (p *project) lock() string {
	p.t.Helper()
	b, err := os.ReadFile(one(p.t, filepath.Join(p.dir, ".ww", "*", "LOCK")))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func (p *project) ps() map[string]row {
	p.t.Helper()
	var rows []row
	if err := json.Unmarshal([]byte(p.must("ps", "--json").out), &rows); err != nil {
		p.t.Fatal(err)
	}
	by := map[string]row{}
	for _, r := range rows {
		by[r.Name] = r
	}
	return by
}

// until waits for a state.
func (p *project) until(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(p.patience()); !ok(); time.Sleep(10 * time.Millisecond) { //nolint:forbidigo // between two looks at another process
		if time.Now().After(end) {
			p.t.Fatalf("never: %s", what)
		}
	}
}

func (p *project) patience() time.Duration {
	if p.real {
		return 3 * patience // the grace of a run without supervisor, and all of the end
	}
	return patience
}

// working waits until the component works on a turn.
func (p *project) working(name string) {
	p.t.Helper()
	p.until(name+" works on a turn", func() bool { return p.ps()[name].Load.InFlight > 0 })
}

func (p *project) kill(pid int, sig syscall.Signal) {
	p.t.Helper()
	if pid <= 1 {
		p.t.Fatalf("pid %d", pid)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		p.t.Fatal(err)
	}
}

// alive lists the processes of the app: those that work in its directory (ww, its components, what user code started)
// and those that carry the mark of one of its runs (guards).
func (p *project) alive() []int {
	pids := map[int]bool{}
	tags := map[int]string{}
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || zombie(pid) {
			continue
		}
		tags[pid] = nonce(dir)
		if at, err := os.Readlink(filepath.Join(dir, "cwd")); err == nil && at == p.dir {
			pids[pid] = true
			p.tags[tags[pid]] = true
		}
	}
	for pid, tag := range tags {
		if tag != "" && p.tags[tag] {
			pids[pid] = true
		}
	}
	return slices.Sorted(maps.Keys(pids))
}

// nonce is the part of a process's mark that is that of its run.
func nonce(dir string) string {
	env, err := os.ReadFile(filepath.Join(dir, "environ"))
	if err != nil {
		return ""
	}
	for v := range bytes.SplitSeq(env, []byte{0}) {
		if tag, ok := bytes.CutPrefix(v, []byte("WW_TAG=")); ok {
			own, _, _ := bytes.Cut(tag, []byte("."))
			return string(own)
		}
	}
	return ""
}

// nothing waits until nothing of the app is alive.
func (p *project) nothing() {
	p.t.Helper()
	p.until("nothing is alive", func() bool { return len(p.alive()) == 0 })
}

func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	rest := b[bytes.LastIndexByte(b, ')')+1:]
	return len(rest) > 1 && (rest[1] == 'Z' || rest[1] == 'X')
}

func describe(pid int) string {
	cmd, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return fmt.Sprintf("%d %s", pid, bytes.ReplaceAll(cmd, []byte{0}, []byte(" ")))
}

// verified judges the journals of the app, which must not run any more.
func (p *project) verified() verify.Report {
	p.t.Helper()
	report := p.judged()
	for _, v := range report.Violations {
		p.t.Errorf("journals: %s", v)
	}
	return report
}

// agreed waits until the journals of an app that runs have nothing wrong with them. What is between two journals while
// they are read, one after the other, looks wrong for a moment.
func (p *project) agreed(t *testing.T) {
	t.Helper()
	var last []string
	for end := time.Now().Add(patience / 4); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // between two looks at another process
		if last = p.judged().Violations; len(last) == 0 {
			return
		}
	}
	for _, v := range last {
		t.Errorf("journals: %s", v)
	}
}

// judged is what the verifier says of the journals as they are.
func (p *project) judged() verify.Report {
	p.t.Helper()
	parts, err := filepath.Glob(filepath.Join(p.dir, ".ww", "*", "j", "*", "[0-9][0-9]"))
	if err != nil || len(parts) == 0 {
		p.t.Fatalf("no journals (%v)", err)
	}
	var logs []verify.Log
	for _, part := range parts {
		l := verify.Log{Component: filepath.Base(filepath.Dir(part))}
		if _, err := journal.Scan(part, func(r journal.Record) error {
			d, err := delivery.Decode(r.Kind, r.Payload)
			l.Records = append(l.Records, d)
			return err
		}); err != nil {
			p.t.Fatal(err)
		}
		logs = append(logs, l)
	}
	return verify.Check(logs)
}

//go:build linux

package supervisor

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// roleEnv makes the test binary play a child instead of running tests.
const roleEnv = "WW_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		play(role, os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

// play is what the re-executed test binary does. Lines on stdout go to the log of the supervisor under test.
func play(role string, args []string) {
	signal.Ignore(syscall.SIGHUP)
	switch role {
	case "exit":
		code, _ := strconv.Atoi(args[0])
		os.Exit(code)
	case "obey": // TERM ends it by Go's default
		say("up")
		forever()
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		say("up")
		forever()
	case "leader": // obeys, but leaves a deaf member in its group
		spawnRole("deaf", false, os.Environ())
		forever()
	case "vanish": // ends by itself and leaves one that holds its stdout
		spawnRole("deaf", false, os.Environ())
		os.Exit(3)
	case "daemon": // leaves a deaf process in another session, twice removed
		spawnRole("middle", true, os.Environ())
		forever()
	case "scrubbed": // the same, without a mark
		spawnRole("middle", true, nil)
		forever()
	case "middle":
		spawnRole("deaf", true, os.Environ())
		os.Exit(0)
	case "bomb":
		for i := range 60 {
			spawnRole("deaf", i%2 == 0, os.Environ())
		}
		say("exploded")
		forever()
	case "config":
		body, err := io.ReadAll(os.NewFile(ConfigFD, "config"))
		say(fmt.Sprintf("%d %x %v %v", len(body), sha256.Sum256(body), err, os.Args))
	case "lifeline":
		say("up")
		n, err := os.NewFile(LifelineFD, "lifeline").Read(make([]byte, 1))
		say(fmt.Sprint("lifeline ", n, " ", err))
		forever()
	case "stdin":
		body, err := io.ReadAll(os.Stdin)
		say(fmt.Sprintf("%d %v", len(body), err))
	case "slack": // of a thread that Go's runtime has made
		body, err := os.ReadFile("/proc/self/timerslack_ns")
		say(fmt.Sprintf("%s %v", strings.TrimSpace(string(body)), err))
	case "host":
		host(args)
	case "reaper":
		reaper()
	}
}

// forever is not select{}: with nothing else to run, Go would call that a deadlock and exit.
func forever() {
	for {
		time.Sleep(time.Hour) //nolint:forbidigo // the child is to be killed
	}
}

func say(line string) { fmt.Printf("%d %s\n", os.Getpid(), line) }

// spawnRole starts another player with our stdout.
func spawnRole(role string, setsid bool, env []string) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(env, roleEnv+"="+role)
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: setsid}
	if err := cmd.Start(); err != nil {
		say(err.Error())
	}
	if role == "middle" {
		_ = cmd.Wait()
	}
}

// host is a supervisor in a process of its own, to be killed. It supervises one player, args[0], with the log
// args[1], and says what happens to it. Any byte on stdin makes it delete its own binary.
func host(args []string) {
	starter, err := NewOS(OSOptions{Tag: "host-test-nonce"})
	if err != nil {
		panic(err)
	}
	s := New(Options{Starter: starter})
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		if err := os.Remove(os.Args[0]); err != nil {
			say(err.Error())
		}
		say("deleted")
	}()
	go func() { _ = s.Run(context.Background()) }()
	spec := playerSpec(args[0])
	spec.LogPath = args[1]
	spec.KillWithUs = args[0] == "deaf"
	if err := s.Start(context.Background(), spec); err != nil {
		panic(err)
	}
	for e := range s.Events() {
		say(fmt.Sprintf("%s %d", e.To, e.PID))
	}
}

// reaper is a supervisor that owns its orphans. It stops a player that left an unmarked daemon and says which
// children it has then, zombies included.
func reaper() {
	if err := Subreaper(); err != nil {
		panic(err)
	}
	starter, err := NewOS(OSOptions{Tag: "reaper-test-nonce", OwnOrphans: true})
	if err != nil {
		panic(err)
	}
	p, err := starter.Start(func() Spec { s := playerSpec("scrubbed"); s.LogPath = os.Args[1]; return s }())
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // the daemon is up
	sent := p.Signal(SIGKILL)
	exit, err := p.Wait(context.Background())
	if sent != nil || err != nil {
		panic(fmt.Sprint(sent, exit, err))
	}
	kill, cancel := context.WithCancel(context.Background())
	cancel()
	p.Drain(kill)
	all, _ := processes(false)
	var mine []proc
	for _, q := range all {
		if q.ppid == os.Getpid() {
			mine = append(mine, q)
		}
	}
	say(fmt.Sprintf("children %+v after %v of %d", mine, exit, p.PID()))
}

// playerSpec runs a player with a policy fast enough for tests.
func playerSpec(role string, args ...string) Spec {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, roleEnv+"=") })
	return Spec{
		Name: role, Path: "/proc/self/exe", Argv: append([]string{"player"}, args...),
		Env:    append(env, roleEnv+"="+role), // the first of two equal names would win
		Policy: Policy{Grace: 100 * time.Millisecond},
	}
}

// tape is a FIFO as a log: reading it waits for the next line without looking at a clock twice.
type tape struct {
	t    *testing.T
	path string
	f    *os.File
	r    *bufio.Reader
}

func newTape(t *testing.T) *tape {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tape")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &tape{t: t, path: path, f: f, r: bufio.NewReader(f)}
}

// next returns the pid and the text of the next line.
func (p *tape) next() (pid int, text string) {
	p.t.Helper()
	_ = p.f.SetReadDeadline(time.Now().Add(20 * time.Second))
	line, err := p.r.ReadString('\n')
	if err != nil {
		p.t.Fatalf("no line: %v", err)
	}
	number, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	pid, err = strconv.Atoi(number)
	if err != nil {
		return 0, line
	}
	return pid, text
}

// until returns the pid of the first line with this text.
func (p *tape) until(text string) int {
	p.t.Helper()
	for {
		if pid, got := p.next(); got == text {
			return pid
		}
	}
}

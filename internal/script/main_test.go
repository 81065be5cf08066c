package script

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary plays every process of these tests: `guard`, `runner ROLE…`, and `child ROLE…`.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "guard":
			os.Exit(RunGuard())
		case "runner":
			os.Exit(playRunner(os.Args[2:]))
		case "child":
			os.Exit(playChild(os.Args[2:]))
		}
	}
	goleak.VerifyTestMain(m)
}

func self() string { return ownExecutable() }

func childArgv(role ...string) []string { return append([]string{self(), "child"}, role...) }

// playRunner starts a child behind a guard, says the guard's pid, passes on what the child says, and says left=… when
// nothing is left.
func playRunner(role []string) int {
	if err := Subreaper(); err != nil {
		panic(err)
	}
	tree, err := Start(Command{Argv: childArgv(role...), Dir: "/", Env: []string{TagVariable + "=" + os.Getenv(TagVariable)}, Stderr: os.Stderr})
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stdout, "guard=%d\n", tree.Guard())
	io.Copy(os.Stdout, tree.Stdout())
	fmt.Fprintf(os.Stdout, "left=%d lost=%v\n", len(tree.Left()), tree.Exit().Lost)
	return 0
}

func playChild(role []string) int {
	switch role[0] {
	case "exit":
		code, _ := strconv.Atoi(role[1])
		return code
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "sleep":
		sleep()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		say("ready")
		sleep()
	case "family":
		family()
	case "parent": // leaves an orphan and goes
		start(&syscall.SysProcAttr{Setsid: true}, nil, "child", "sleep")
	case "runaway": // always somewhere else
		runaway()
	case "chased":
		runaway()
		say("ready")
		sleep()
	case "look":
		look()
	case "component":
		component()
	}
	return 0
}

func say(text string) { os.Stdout.WriteString(text + "\n") }

func sleep() {
	<-time.After(24 * time.Hour)
}

// start starts the test binary again, with stdout and stderr of its own so that a pipe ends with its owner.
func start(attr *syscall.SysProcAttr, env []string, args ...string) int {
	cmd := exec.Command(self(), args...)
	cmd.SysProcAttr, cmd.Env = attr, env
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	return cmd.Process.Pid
}

// runaway goes on in a new process, which keeps stdout open: the pipe ends when the last one is dead.
func runaway() {
	cmd := exec.Command(self(), "child", "runaway")
	cmd.SysProcAttr, cmd.Stdout = &syscall.SysProcAttr{Setsid: true}, os.Stdout
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// family says the pids of itself, of a member of its group that ignores SIGTERM, and of a daemon that was started by a
// process that is gone, in a session of its own, without the tag when told so.
func family() {
	signal.Ignore(syscall.SIGTERM)
	member := start(nil, nil, "child", "stubborn")
	between := exec.Command(self(), "child", "parent")
	if err := between.Run(); err != nil {
		panic(err)
	}
	say(fmt.Sprintf("family=%d,%d", os.Getpid(), member))
	sleep()
}

// look says what user code can see.
func look() {
	dir, _ := os.Getwd()
	var open []int
	for fd := range 64 {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO {
			open = append(open, fd)
		}
	}
	b, _ := json.Marshal(map[string]any{"env": os.Environ(), "dir": dir, "pipes": open, "leads": syscall.Getpgrp() == os.Getpid()})
	say(string(b))
}

// component is a whole component as a stranger would write it: what to do is the text of the turn.
func component() {
	out := json.NewEncoder(os.Stdout)
	send := func(m map[string]any) { m["jsonrpc"] = "2.0"; out.Encode(m) }
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var m struct {
			ID     *int
			Method string
			Params struct {
				Data   string
				Config map[string]string
			}
		}
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			panic(err)
		}
		switch m.Method {
		case "initialize":
			fmt.Fprintln(os.Stderr, "config", m.Params.Config["mood"])
			send(map[string]any{"method": "ready", "params": map[string]any{"name": "stranger", "capabilities": []string{"ping"}}})
		case "ping":
			send(map[string]any{"id": *m.ID, "result": nil})
		case "process":
			switch verb, rest, _ := strings.Cut(m.Params.Data, " "); verb {
			case "upper":
				send(map[string]any{"method": "chunk", "params": map[string]any{"id": *m.ID, "text": strings.ToUpper(rest)}})
				send(map[string]any{"id": *m.ID, "result": map[string]any{"data": strings.ToUpper(rest)}})
			case "exit":
				code, _ := strconv.Atoi(rest)
				os.Exit(code)
			case "fail":
				send(map[string]any{"id": *m.ID, "error": map[string]any{"code": 1, "message": rest}})
			}
		}
	}
}

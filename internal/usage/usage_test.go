package usage_test

import (
	"bufio"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/usage"
)

// The test binary plays the processes that are measured.
func TestMain(m *testing.M) {
	switch os.Getenv("USAGE_ROLE") {
	case "parent": // idle, with a child that works
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "USAGE_ROLE=child")
		cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
		_ = cmd.Run() // until its stdin ends
		os.Exit(0)
	case "child":
		spin()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// spin keeps one core busy, 64 MiB of memory and ten files, until its stdin ends.
func spin() {
	hold := make([]byte, 64<<20)
	for i := range hold {
		hold[i] = byte(i)
	}
	var files []*os.File
	for range 10 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			return
		}
		files = append(files, f)
	}
	done := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte() // its end is what is waited for
		close(done)
	}()
	_, _ = os.Stdout.WriteString("ready\n")
	for {
		select {
		case <-done:
			runtime.KeepAlive(hold)
			runtime.KeepAlive(files)
			return
		default:
			for i := range 1 << 16 {
				hold[i&0xfff]++
			}
		}
	}
}

func TestATreeIsMeasuredAsAWhole(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "USAGE_ROLE=parent")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = cmd.Wait() // its status does not matter
	}()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var m usage.Meter
	pid := cmd.Process.Pid
	var u usage.Usage
	for end := time.Now().Add(20 * time.Second); ; { // a busy machine gives it little of a core at first
		var ok bool
		if u, ok = m.Trees(t.Context(), []int{pid, 1 << 30})[pid]; !ok {
			t.Fatal("the tree is not measured")
		}
		if u.CPU > 0.2 || time.Now().After(end) {
			break
		}
	}
	if u.CPU < 0.2 || u.CPU > float64(runtime.NumCPU())+1 {
		t.Errorf("its share of a core is %.2f", u.CPU)
	}
	if u.Memory < 64<<20 || u.Memory > 256<<20 {
		t.Errorf("its memory is %d bytes, want 64 MiB and a little", u.Memory)
	}
	if runtime.GOOS == "linux" && (u.Processes != 2 || u.Files < 16 || u.Threads < 4) {
		t.Errorf("%+v, want two processes, at least 16 files and 4 threads", u)
	}
	if got := usage.Memory([]int{pid})[pid]; got < 64<<20 {
		t.Errorf("its memory alone is %d bytes", got)
	}
	if _, ok := m.Trees(t.Context(), []int{pid})[1<<30]; ok {
		t.Error("a process that does not exist is measured")
	}
}

func TestWhoSleepsUsesNothing(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Skip("needs sleep")
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	var m usage.Meter
	m.Trees(t.Context(), []int{cmd.Process.Pid})
	u := m.Trees(t.Context(), []int{cmd.Process.Pid})[cmd.Process.Pid]
	if u.CPU > 0.05 || u.Memory == 0 || u.Processes != 1 {
		t.Errorf("%+v", u)
	}
}

func BenchmarkTrees(b *testing.B) {
	var m usage.Meter
	for b.Loop() {
		m.Trees(b.Context(), []int{os.Getpid(), os.Getppid()})
	}
}

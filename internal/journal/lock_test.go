package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// roleEnv makes the test binary a journal owner instead.
const roleEnv = "WW_JOURNAL_TEST_ROLE"

func TestMain(m *testing.M) {
	role, dir, _ := strings.Cut(os.Getenv(roleEnv), ":")
	switch role {
	case "":
		goleak.VerifyTestMain(m)
	case "append":
		appendForEver(dir)
	case "turns":
		takeTurns(dir)
	case "full":
		fillUp(dir)
	}
}

// appendForEver says each number after it was stored, until it is killed.
func appendForEver(dir string) {
	j, _, err := Open(dir, Options{SegmentSize: 10_000})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		due, err := j.Append(rec(1, fmt.Sprint(i)), rec(2, strings.Repeat("x", i%3000)))
		if err == nil && due {
			err = j.Checkpoint(rec(12, fmt.Sprint(i)))
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

// takeTurns owns the journal twenty times for a moment, in which nobody else may write.
func takeTurns(dir string) {
	for done := 0; done < 20; {
		j, _, err := Open(dir, Options{})
		if errors.Is(err, ErrLocked) {
			continue
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		for _, what := range []string{"begin", "middle", "end"} {
			if _, err := j.Append(rec(1, fmt.Sprint(os.Getpid(), " ", what))); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
		j.Close()
		done++
	}
	os.Exit(0)
}

// fillUp meets a real limit of the system in the middle of a write, and goes on when there is room again.
func fillUp(dir string) {
	signal.Ignore(unix.SIGXFSZ)
	limit := unix.Rlimit{Cur: 10_000, Max: unix.RLIM_INFINITY}
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fail(unix.Setrlimit(unix.RLIMIT_FSIZE, &limit))
	j, _, err := Open(dir, Options{})
	fail(err)
	for err == nil {
		_, err = j.Append(rec(1, strings.Repeat("x", 999)))
	}
	fmt.Println(j.Size(), err)
	limit.Cur = unix.RLIM_INFINITY
	fail(unix.Setrlimit(unix.RLIMIT_FSIZE, &limit))
	_, err = j.Append(rec(2, "room again"))
	fail(err)
	os.Exit(0)
}

// spawn runs the test binary in a role; its end is waited for with the test.
func spawn(t *testing.T, role, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role+":"+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		io.Copy(io.Discard, out)
		cmd.Wait()
	})
	return cmd, bufio.NewScanner(out)
}

// TestOneOwnerUntilItIsKilled: the lock keeps everybody else out, the kernel gives it back, and what the killed owner
// was told is stored.
func TestOneOwnerUntilItIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	told := -1
	for range 5 {
		cmd, lines := spawn(t, "append", dir)
		for n := 0; n < 200 && lines.Scan(); n++ {
			told = number(t, lines.Text())
		}
		if _, _, err := Open(dir, Options{LockWait: -1}); !errors.Is(err, ErrLocked) {
			t.Fatalf("Open beside a living owner: %v", err)
		}
		cmd.Process.Kill()
		for lines.Scan() {
			told = number(t, lines.Text())
		}
		j, rep := open(t, dir, Options{}) // it may not have been reaped yet: the lock is asked for again
		last := -1
		for _, r := range replay(t, j) {
			if r.Kind != 2 {
				last = number(t, string(r.Payload))
			}
		}
		if last < told || !rep.OK() {
			t.Fatalf("told %d, stored %d, %+v", told, last, rep)
		}
		shut(t, j)
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("the owner says %q", s)
	}
	return n
}

// TestARealShortWriteIsTakenBack: the limit on file sizes makes the kernel write a part, as a full disk does.
func TestARealShortWriteIsTakenBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, lines := spawn(t, "full", dir)
	lines.Scan()
	if want := fmt.Sprintf("%d write %s: short write", headLen+9*(frameLen+999), segPath(dir, 1, segExt)); !strings.HasPrefix(lines.Text(), want) {
		t.Errorf("the owner says %q, want %q", lines.Text(), want)
	}
	if st, err := cmd.Process.Wait(); err != nil || st.ExitCode() != 0 {
		t.Fatalf("%v, %v", st, err)
	}
	got, rep := scan(t, dir)
	if len(got) != 10 || got[9].Kind != 2 || !rep.OK() || rep.Torn > 0 {
		t.Errorf("%d records, %+v", len(got), rep)
	}
}

func TestOwnersTakeTurns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var cmds []*exec.Cmd
	for range 4 {
		cmd, lines := spawn(t, "turns", dir)
		cmds = append(cmds, cmd)
		t.Cleanup(func() {
			for lines.Scan() {
				t.Error(lines.Text())
			}
		})
	}
	for _, cmd := range cmds {
		if _, err := cmd.Process.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := scan(t, dir)
	if len(got) != 4*20*3 {
		t.Fatalf("%d records", len(got))
	}
	for i := 0; i < len(got); i += 3 {
		who, _, _ := strings.Cut(string(got[i].Payload), " ")
		for k, what := range []string{" begin", " middle", " end"} {
			if string(got[i+k].Payload) != who+what {
				t.Fatalf("record %d is %q in the turn of %s", i+k, got[i+k].Payload, who)
			}
		}
	}
}

// TestAProbeDoesNotKeepTheOwnerOut: asking whether a lock is held holds it for a moment.
func TestAProbeDoesNotKeepTheOwnerOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	probe, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(probe.Fd()), unix.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(dir, Options{LockWait: -1}); !errors.Is(err, ErrLocked) {
		t.Fatalf("Open without patience: %v", err)
	}
	release := time.AfterFunc(20*time.Millisecond, func() { probe.Close() })
	defer release.Stop()
	open(t, dir, Options{LockWait: 5 * time.Second})
}

// TestALockFileThatWasReplacedIsNoLock: who locked the old file owns nothing.
func TestALockFileThatWasReplacedIsNoLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, lockName)
	old, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := tryLock(old, path); !errors.Is(err, ErrLocked) {
		t.Errorf("a removed file was taken for the lock: %v", err)
	}
	open(t, dir, Options{})
	if err := tryLock(old, path); !errors.Is(err, ErrLocked) {
		t.Errorf("a replaced file was taken for the lock: %v", err)
	}
}

func TestCloseGivesEverythingBack(t *testing.T) {
	dir := t.TempDir()
	before := openFiles(t)
	for range 20 {
		j, _, err := Open(dir, Options{SegmentSize: 200})
		if err != nil {
			t.Fatal(err)
		}
		add(t, j, numbered(10)...)
		add(t, j, numbered(10)...)
		replay(t, j)
		scan(t, dir)
		if err := j.Checkpoint(); err != nil {
			t.Fatal(err)
		}
		shut(t, j)
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}

package localbus

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
)

// child is a component in a process of its own: this test binary again. It answers no call.
func child(t *testing.T, dir, component string) (*exec.Cmd, Record) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+dir+" "+component)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill() // may be dead already
		_ = cmd.Wait()
	})
	for range Watch(t.Context(), dir) {
		if recs, err := RecordsOf(dir, component); err == nil && len(recs) == 1 && recs[0].State == StateReady {
			return cmd, recs[0]
		}
	}
	t.Fatal("the child is not ready")
	return nil, Record{}
}

const childEnv = "WW_TEST_CHILD"

func childMain(dir, component string) int {
	p, err := Join(context.Background(), Options{Dir: dir, App: "0123abcd", Component: component, Receiver: part{
		call: func(bus.Request) {},
	}})
	if err == nil {
		err = p.Announce(Record{State: StateReady})
	}
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
	return 0
}

func TestLeaseSurvivesGarbageCollection(t *testing.T) {
	dir := runDir(t)
	p := join(t, Options{Dir: dir, Component: "llm"})
	for range 3 {
		runtime.GC()
	}
	if !Alive(dir, p.Instance()) {
		t.Error("the lease was lost")
	}
	if _, err := Join(t.Context(), Options{Dir: dir, App: "0123abcd", Component: "llm", Instance: p.Instance()}); !errors.Is(err, ErrHeld) {
		t.Errorf("a second seat with the same name: err = %v", err)
	}
}

func TestCloseRemovesEverything(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm"}))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(instancesDir(dir))
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestKilledPeerFailsCallsAtOnceAndIsSwept(t *testing.T) {
	dir := runDir(t)
	cmd, rec := child(t, dir, "llm")
	live := ready(t, join(t, Options{Dir: dir, Component: "in"}))
	got := make(chan error, 1)
	go func() {
		_, err := live.Call(context.Background(), "llm", msg("q", ""), nil)
		got <- err
	}()
	ping, err := live.Ping(t.Context(), rec.Instance) // after it, the call is on its way or its connection is open
	if err != nil {
		t.Fatal(err, ping)
	}
	if rec.PID != cmd.Process.Pid || !rec.Alive || rec.Component != "llm" {
		t.Errorf("record %+v", rec)
	}
	hints := Watch(t.Context(), dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var be *bus.Error
	if err := <-got; !errors.As(err, &be) || be.Code != bus.PeerDied && be.Code != bus.NoTarget {
		t.Errorf("err = %v", err)
	}
	for range hints {
		if !Alive(dir, rec.Instance) {
			break
		}
	}
	if !Gone(t.Context(), dir, rec.Instance) || Gone(t.Context(), dir, live.Instance()) {
		t.Error("the wrong one is gone")
	}
	var dead []string
	if err := Sweep(dir, func(r Record) error { dead = append(dead, r.Instance); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(dead) != 1 || dead[0] != rec.Instance {
		t.Errorf("swept %v", dead)
	}
	left, err := Records(dir)
	if err != nil || len(left) != 1 || left[0].Instance != live.Instance() {
		t.Errorf("left %+v, %v", left, err)
	}
	for _, ext := range []string{".s", ".lock"} {
		if _, err := os.Lstat(filepath.Join(instancesDir(dir), rec.Instance+ext)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", ext, err)
		}
	}
}

func TestSweepKeepsWhatCouldNotBeEnded(t *testing.T) {
	dir := runDir(t)
	rec := Record{V: RecordVersion, Instance: "llm-dead", Component: "llm"}
	if err := writeRecord(dir, &rec, nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("still running")
	if err := Sweep(dir, func(Record) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	if _, err := ReadRecord(dir, "llm-dead"); err != nil {
		t.Errorf("the record is gone: %v", err)
	}
}

func TestSweepWaitsForTheLockOfTheDirectory(t *testing.T) {
	dir := runDir(t)
	l, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rec := Record{V: RecordVersion, Instance: "llm-dead", Component: "llm"}
	if err := writeRecord(dir, &rec, nil); err != nil {
		t.Fatal(err)
	}
	swept := make(chan error, 1)
	go func() { swept <- Sweep(dir, nil) }()
	if probe, err := os.Open(instancesDir(dir)); err != nil {
		t.Fatal(err)
	} else if err := flock(probe, unix.LOCK_SH|unix.LOCK_NB); err != unix.EWOULDBLOCK {
		t.Errorf("the directory is not locked: %v", err)
	} else {
		_ = probe.Close()
	}
	if _, err := ReadRecord(dir, "llm-dead"); err != nil {
		t.Errorf("swept without the lock: %v", err)
	}
	l.unlock()
	if err := <-swept; err != nil {
		t.Fatal(err)
	}
	if _, err := ReadRecord(dir, "llm-dead"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not swept: %v", err)
	}
}

func TestT24LongDirectoriesWorkOrSayWhy(t *testing.T) {
	base, err := os.MkdirTemp("/tmp", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	t.Setenv("WW_RUN_DIR", filepath.Join(base, strings.Repeat("d", 120)))
	dir, err := OpenRunDir("0123abcd")
	if !socketsByDescriptor {
		var de *DirError
		if !errors.As(err, &de) || de.Length <= de.Limit || de.Limit != socketPathLimit {
			t.Errorf("err = %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
		t.Error(err)
	}
}

func TestDirErrorNamesPathLengthAndLimit(t *testing.T) {
	err := &DirError{Path: "/long", What: "its path is too long for sockets", Length: 120, Limit: 103, Fix: "set WW_RUN_DIR to a shorter one"}
	want := "run directory /long: its path is too long for sockets (a socket there has 120 bytes, this system takes 103); set WW_RUN_DIR to a shorter one"
	if err.Error() != want {
		t.Errorf("got %q", err.Error())
	}
}

func TestT25RunDirectoriesOfOthersAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"symbolic link": func(dir string) error { return os.Symlink(t.TempDir(), dir) },
		"a file":        func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"open":          func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o755)) },
		"foreign": func(dir string) error {
			if os.Geteuid() != 0 {
				return errors.ErrUnsupported
			}
			return errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 65534, 65534))
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			if err := os.Chmod(base, 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("WW_RUN_DIR", base)
			if err := spoil(filepath.Join(base, "0123abcd")); errors.Is(err, errors.ErrUnsupported) {
				t.Skip("needs root, to give a directory away")
			} else if err != nil {
				t.Fatal(err)
			}
			var de *DirError
			if _, err := OpenRunDir("0123abcd"); !errors.As(err, &de) || de.Fix == "" {
				t.Errorf("err = %v", err)
			}
			if _, err := InspectRunDir("0123abcd"); !errors.As(err, &de) {
				t.Errorf("inspect: err = %v", err)
			}
		})
	}
}

func TestInspectMakesNothing(t *testing.T) {
	base := filepath.Join(t.TempDir(), "r")
	t.Setenv("WW_RUN_DIR", base)
	if _, err := InspectRunDir("0123abcd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
	if _, err := os.Stat(base); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
}

func TestT26AForeignConnectionIsClosedUnread(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "pair")
		if ends[i], err = net.FileConn(f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	defer ends[1].Close()
	var foreign *foreignError
	if _, err := checked(ends[0].(*net.UnixConn), os.Geteuid()+1); !errors.As(err, &foreign) || foreign.uid != os.Geteuid() {
		t.Errorf("err = %v", err)
	}
	if _, err := ends[1].Read(make([]byte, 1)); err == nil {
		t.Error("the connection is open")
	}
}

func TestRecordsAreNeverTorn(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm"}))
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := p.Announce(Record{State: StateReady, Reason: strings.Repeat("r", i%3000)}); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 500 {
		if r, err := ReadRecord(dir, p.Instance()); err != nil || r.State != StateReady || !r.Alive {
			t.Errorf("%+v, %v", r, err)
			break
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// strangers dials a peer and says HELLO by hand.
func stranger(t *testing.T, dir, instance string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", filepath.Join(instancesDir(dir), instance+".s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := handshake(c, hello{Min: 1, Max: 1, App: "0123abcd", Instance: "x", MaxFrame: DefaultMaxFrame}, true); err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestT34HostileFramesEndTheConnectionOnly(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	huge := binary.BigEndian.AppendUint32(nil, 1<<32-1)
	header := appendBare(nil, frameMsg, 0, 1, []byte("{}"), nil)
	header[6], header[7] = 0xff, 0xff
	for name, b := range map[string][]byte{
		"a length of 4 GiB":             huge,
		"a length below the fixed part": {0, 0, 0, 7, 2, 0, 0},
		"a header longer than it":       header,
		"an unknown type that must be":  appendBare(nil, 200, flagMust, 1, nil, nil),
	} {
		t.Run(name, func(t *testing.T) {
			c := stranger(t, dir, p.Instance())
			if _, err := c.Write(b); err != nil {
				t.Fatal(err)
			}
			if n, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%d bytes, err = %v; want the end of the connection", n, err)
			}
		})
	}
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
		t.Errorf("the peer is hurt: %v", err)
	}
}

func TestUnknownFramesAreSkippedAndBadHeadersRefused(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := stranger(t, dir, p.Instance())
	b := appendBare(nil, 200, 0, 1, nil, []byte("?"))
	b = appendBare(b, frameMsg, flagCall, 7, []byte(`{"id":"no version"}`), nil)
	b = appendBare(b, framePing, 0, 9, nil, nil)
	for _, one := range b { // byte by byte: frames do not come in one read
		if _, err := c.Write([]byte{one}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		typ    frameType
		stream uint32
	}{{frameNack, 7}, {framePong, 9}} {
		f := readOne(t, c)
		if f.typ != want.typ || f.stream != want.stream {
			t.Errorf("got type %d on stream %d, want %+v", f.typ, f.stream, want)
		}
	}
}

func readOne(t *testing.T, r io.Reader) frame {
	t.Helper()
	b := make([]byte, lengthSize)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	b = append(b, make([]byte, binary.BigEndian.Uint32(b))...)
	if _, err := io.ReadFull(r, b[lengthSize:]); err != nil {
		t.Fatal(err)
	}
	f, _, _, err := parseFrame(b, HardMaxFrame)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhatIsTooLargeIsRefusedBeforeItIsSent(t *testing.T) {
	dir := runDir(t)
	ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: func(r bus.Request) {
		r.Reply(event.Message{Body: make([]byte, DefaultMaxFrame)})
	}}}))
	c := join(t, Options{Dir: dir, Component: "in"})
	var be *bus.Error
	for name, body := range map[string]string{"request": strings.Repeat("x", DefaultMaxFrame), "reply": ""} {
		if _, err := c.Call(t.Context(), "llm", msg("q", body), nil); !errors.As(err, &be) || be.Code != bus.TooLarge {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	got := make(chan bus.Verdict, 1)
	c.Link("llm").Send(msg("chain.text", strings.Repeat("x", DefaultMaxFrame)), func(v bus.Verdict) { got <- v })
	if v := <-got; v.Code != bus.TooLarge {
		t.Errorf("verdict %+v", v)
	}
}

func TestT27AFullBacklogIsBusyNotDead(t *testing.T) {
	dir := runDir(t)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(instancesDir(dir), "llm-full.s")
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "listener")
	l, err := net.FileListener(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var waiting []net.Conn
	for {
		c, err := net.Dial("unix", path)
		if err != nil {
			if !busyDial(err) {
				t.Fatalf("a full backlog says %v", err)
			}
			break
		}
		waiting = append(waiting, c)
	}
	c := join(t, Options{Dir: dir, Component: "in"})
	served := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			nc, err := l.Accept()
			if err == nil && i == len(waiting) { // the peer's, after those that filled the backlog
				_, err = handshake(nc, hello{Min: 1, Max: 1, App: "0123abcd", Instance: "llm-full", MaxFrame: DefaultMaxFrame}, false)
				served <- err
				return
			}
			if err != nil {
				served <- err
				return
			}
		}
	}()
	if _, err := c.connTo(t.Context(), "llm-full"); err != nil {
		t.Errorf("err = %v", err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	for _, w := range waiting {
		_ = w.Close()
	}
}

func TestWatchTellsOfRecords(t *testing.T) {
	dir := runDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	hints := Watch(ctx, dir)
	p := join(t, Options{Dir: dir, Component: "llm"})
	ready(t, p)
	for range hints {
		if recs, err := RecordsOf(dir, "llm"); err == nil && len(recs) == 1 && recs[0].State == StateReady {
			break
		}
	}
	cancel()
	for range hints { // closed after the end of ctx
	}
}

func TestManyComponentsShareTheWork(t *testing.T) {
	dir := runDir(t)
	who := func(name string) part {
		return part{call: func(r bus.Request) { r.Reply(msg("", name)) }}
	}
	for i, name := range []string{"a", "b", "c"} {
		p := join(t, Options{Dir: dir, Component: "llm", Receiver: who(name)})
		if err := p.Announce(Record{State: StateReady, Ordinal: i}); err != nil {
			t.Fatal(err)
		}
	}
	c := join(t, Options{Dir: dir, Component: "in"})
	seen := map[string]string{}
	all := map[string]bool{}
	for range 3 {
		for _, session := range strings.Fields("s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16") {
			got, err := c.Call(t.Context(), "llm", event.Message{Header: event.Header{Type: "q", Session: session}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if who := string(got.Body); seen[session] != "" && seen[session] != who {
				t.Errorf("session %s moved from %s to %s", session, seen[session], who)
			}
			seen[session] = string(got.Body)
			all[string(got.Body)] = true
		}
	}
	if len(all) != 3 {
		t.Errorf("only %v work", all)
	}
}

// TestT28ASlowReaderHoldsUpNobodyElse: a peer that takes a byte now and then, and one that takes none, have what is for them
// wait in bounded memory, and lose nothing of it; others are answered at once meanwhile.
func TestT28ASlowReaderHoldsUpNobodyElse(t *testing.T) {
	for name, pace := range map[string]time.Duration{"a byte now and then": 2 * time.Millisecond, "never": 0} {
		t.Run(name, func(t *testing.T) {
			dir := runDir(t)
			ready(t, join(t, Options{Dir: dir, Component: "quick", Receiver: part{call: echo}}))
			slow, die := sluggish(t, dir, pace)
			c := join(t, Options{Dir: dir, Component: "in", TargetWait: 100 * time.Millisecond})
			const many, size = 400, 16 << 10
			verdicts := make(chan bus.Verdict, many)
			for range many {
				c.Link("llm").Send(msg("chain.text", strings.Repeat("x", size)), func(v bus.Verdict) { verdicts <- v })
			}
			for range 100 {
				if _, err := c.Call(t.Context(), "quick", msg("q", "x"), nil); err != nil {
					t.Fatalf("another peer: %v", err)
				}
			}
			if d := c.openTo(slow); d != nil && d.out.waiting() > sendBound+2*size {
				t.Errorf("%d bytes wait at the connection", d.out.waiting())
			}
			die() // what it did not take is given back
			for range many {
				if v := <-verdicts; v.Code != bus.Busy {
					t.Fatalf("verdict %+v, want that it is to be sent again", v)
				}
			}
		})
	}
}

// TestT28WhoDoesNotTakeItsAnswersIsNotRead: a caller that asks and asks and reads nothing does not fill the callee's memory; when
// it reads at last, every answer comes.
func TestT28WhoDoesNotTakeItsAnswersIsNotRead(t *testing.T) {
	dir := runDir(t)
	p := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	c := stranger(t, dir, p.Instance())
	const size, many = 64 << 10, 256 // 16 MiB of answers
	ask := appendAsk(nil, size)
	asked := make(chan error, 1)
	go func() {
		for range many {
			if _, err := c.Write(ask); err != nil {
				asked <- err
				return
			}
		}
		asked <- nil
	}()
	var s *served
	for s == nil {
		p.mu.Lock()
		in, _ := p.connsLocked()
		p.mu.Unlock()
		for _, one := range in {
			s = one
		}
	}
	for s.out.waiting() <= answerBound && len(asked) == 0 {
		runtime.Gosched()
	}
	for range 64 { // the largest read brings less than a frame of this size
		if got := s.out.waiting(); got > answerBound+2*size {
			t.Fatalf("%d bytes of answers wait", got)
		}
		runtime.Gosched()
	}
	for range many {
		if f := readOne(t, c); f.typ != frameStreamEnd {
			t.Fatalf("got a frame of type %d", f.typ)
		}
	}
	if err := <-asked; err != nil {
		t.Error(err)
	}
}

// appendAsk is a call with a body of that size.
func appendAsk(buf []byte, size int) []byte {
	m := msg("q", strings.Repeat("x", size))
	m.ID, m.Source = "1", "in"
	buf, _ = appendMessage(buf, frameMsg, flagCall, 1, &m, 1<<20)
	return buf
}

// sluggish is a component that says HELLO and then reads a byte at a time, or nothing when pace is 0.
func sluggish(t *testing.T, dir string, pace time.Duration) (instance string, die func()) {
	t.Helper()
	tr, err := newUnixTransport(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	const name = "llm-slow"
	lease, err := takeLease(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tr.listen(name)
	if err != nil {
		t.Fatal(err)
	}
	rec := Record{V: RecordVersion, Instance: name, Component: "llm", Role: RoleComponent, State: StateReady}
	if err := writeRecord(dir, &rec, nil); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	dead := make(chan struct{})
	all.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer nc.Close()
				_, err := handshake(nc, hello{Min: 1, Max: 1, App: "0123abcd", Instance: name, Component: "llm", MaxFrame: DefaultMaxFrame}, false)
				for one := make([]byte, 1); err == nil; _, err = nc.Read(one) {
					wait := time.After(pace)
					if pace == 0 {
						wait = nil
					}
					select {
					case <-dead:
						return
					case <-wait:
					}
				}
			})
		}
	})
	return name, func() {
		_ = l.Close()
		close(dead)
		all.Wait()
		_ = lease.release()
		_ = tr.close()
	}
}

package localbus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/nobody"
)

// dialEnv names a socket that the test binary, as another user, writes to.
const dialEnv = "WW_TEST_DIAL"

// TestT26SomebodyElseDials is the other user of the test below.
func TestT26SomebodyElseDials(t *testing.T) {
	path := os.Getenv(dialEnv)
	if path == "" {
		return // nothing to do for anybody but that user
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = writeHello(c, hello{Min: 1, Max: 1, App: "0123abcd", Instance: "x", MaxFrame: DefaultMaxFrame}) // it may be gone already
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, c); n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes came back, err = %v; want the end and not a byte", n, err)
	}
}

// TestT26AnotherUserIsRefusedBeforeAByteIsRead: somebody else who gets to a socket, because its directory was opened to the
// world, is shown the door and named in the log; our own go on.
func TestT26AnotherUserIsRefusedBeforeAByteIsRead(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be two users")
	}
	dir := runDir(t)
	var said lockedBuffer
	p := ready(t, join(t, Options{
		Dir: dir, Component: "llm", Receiver: part{call: echo}, Log: slog.New(slog.NewTextHandler(&said, nil)),
	}))
	sock := filepath.Join(instancesDir(dir), p.Instance()+".s")
	for _, open := range []string{filepath.Dir(filepath.Dir(dir)), filepath.Dir(dir), dir, instancesDir(dir), sock} {
		if err := os.Chmod(open, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	cmd := nobody.Command(t, "-test.run=^TestT26SomebodyElseDials$", "-test.v")
	cmd.Env = append(cmd.Env, dialEnv+"="+sock)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("the other user: %v\n%s", err, out)
	}
	want := fmt.Sprintf("user %d", nobody.ID)
	eventually(t, "the log names the other user", func() bool { return strings.Contains(said.String(), want) })
	for _, shut := range []string{dir, instancesDir(dir)} {
		if err := os.Chmod(shut, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
		t.Errorf("one of ours: %v", err)
	}
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// What cannot be read is neither a death nor a reason to see nobody at all.
func TestUnreadableFilesHideNobodyElse(t *testing.T) {
	if !nobody.Is(t) {
		return
	}
	dir := runDir(t)
	a := ready(t, join(t, Options{Dir: dir, Component: "llm", Receiver: part{call: echo}}))
	ready(t, join(t, Options{Dir: dir, Component: "out", Receiver: part{call: echo}}))
	at := func(ext string) string { return filepath.Join(instancesDir(dir), a.Instance()+ext) }
	if err := os.Chmod(at(".lock"), 0); err != nil {
		t.Fatal(err)
	}
	if !Alive(dir, a.Instance()) {
		t.Error("an instance whose lease cannot be looked at is called dead")
	}
	if err := Sweep(dir, func(r Record) error { t.Errorf("swept %s", r.Instance); return nil }); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("sweep: %v, want to hear what could not be looked at", err)
	}
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if _, err := c.Call(t.Context(), "llm", msg("q", "x"), nil); err != nil {
		t.Errorf("a call to it: %v", err)
	}
	if err := os.Chmod(at(".json"), 0); err != nil {
		t.Fatal(err)
	}
	recs, err := Records(dir)
	if err != nil || len(recs) != 1 || recs[0].Component != "out" {
		t.Errorf("beside an unreadable record there are %v, err = %v", recs, err)
	}
}

// Whatever lies where a record should be is left out, and nothing waits for it.
func TestWhatIsNoRecordIsLeftOut(t *testing.T) {
	dir := runDir(t)
	ready(t, join(t, Options{Dir: dir, Component: "out", Receiver: part{call: echo}}))
	at := func(name string) string { return filepath.Join(instancesDir(dir), name) }
	if err := errors.Join(
		os.WriteFile(at("llm-aaaa.json"), []byte("{torn"), 0o600),
		os.WriteFile(at("llm-bbbb.json"), []byte(`{"v":99,"instance":"llm-bbbb","component":"llm"}`), 0o600),
		os.WriteFile(at("llm-cccc.json"), []byte(`{"v":1,"instance":"llm-other","component":"llm"}`), 0o600),
		os.WriteFile(at("llm-dddd.json"), bytes.Repeat([]byte(" "), maxRecord+1), 0o600),
		os.WriteFile(at("llm-eeee.json"), nil, 0o600),
		os.Symlink(at("llm-aaaa.json"), at("llm-ffff.json")),
		os.Mkdir(at("llm-gggg.json"), 0o700),
		unix.Mkfifo(at("llm-hhhh.json"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	recs, err := Records(dir)
	if err != nil || len(recs) != 1 || recs[0].Component != "out" {
		t.Errorf("records: %v, err = %v", recs, err)
	}
	c := join(t, Options{Dir: dir, Component: "chat", Role: RoleClient})
	if _, err := c.Call(t.Context(), "out", msg("q", "x"), nil); err != nil {
		t.Errorf("the one that is well: %v", err)
	}
	if err := Sweep(dir, nil); err != nil {
		t.Logf("sweep: %v", err) // a directory under a record's name is not ours to remove
	}
}

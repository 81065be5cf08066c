package handover_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/handover"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// share is a place for instances; its path is short, for sockets.
func share(t *testing.T) func(component, instance, address string) handover.Share {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "h")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return func(component, instance, address string) handover.Share {
		return handover.Share{Dir: filepath.Join(dir, "d"), Component: component, Instance: instance, Address: address}
	}
}

func listen(t *testing.T, s handover.Share) *handover.Listener {
	t.Helper()
	l, err := handover.Listen(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestASocketOutlivesWhoOpenedIt: what connects while the first instance goes is taken by the second one.
func TestASocketOutlivesWhoOpenedIt(t *testing.T) {
	of := share(t)
	first := listen(t, of("door", "door-1", "127.0.0.1:0"))
	second := listen(t, of("door", "door-2", "127.0.0.1:0"))
	if first.Given || !second.Given || first.Addr().String() != second.Addr().String() {
		t.Fatalf("first %s (given %t), second %s (given %t)", first.Addr(), first.Given, second.Addr(), second.Given)
	}
	waiting, err := net.Dial("tcp", first.Addr().String()) // nobody has accepted it yet
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	first.Close()
	accepted, err := second.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if accepted.RemoteAddr().String() != waiting.LocalAddr().String() {
		t.Errorf("accepted %s, want %s", accepted.RemoteAddr(), waiting.LocalAddr())
	}
	third := listen(t, of("door", "door-3", "127.0.0.1:0"))
	if !third.Given {
		t.Error("the second one does not hand on what it was given")
	}
	third.Close()
	second.Close()
	if l := listen(t, of("door", "door-4", second.Addr().String())); l.Given {
		t.Error("given by nobody")
	} else {
		l.Close()
	}
}

func TestASocketIsGivenToItsComponentOnly(t *testing.T) {
	of := share(t)
	first := listen(t, of("door", "door-1", "127.0.0.1:0"))
	defer first.Close()
	_, err := handover.Listen(t.Context(), of("gate", "gate-1", first.Addr().String()))
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("another component got %v, want that the address is in use", err)
	}
}

func TestInstancesThatStartAtOnceShare(t *testing.T) {
	of := share(t)
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	probe.Close()
	var wg sync.WaitGroup
	all := make([]*handover.Listener, 8)
	for i := range all {
		wg.Go(func() {
			l, err := handover.Listen(context.Background(), of("door", "door-"+string(rune('a'+i)), address))
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = l
		})
	}
	wg.Wait()
	for _, l := range all {
		if l != nil {
			l.Close()
		}
	}
}

func TestFilesOfTheDeadDoNotMatter(t *testing.T) {
	of := share(t)
	s := of("door", "door-1", "127.0.0.1:0")
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"door-0.s", "door-1.s"} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listen(t, s).Close()
	if _, err := os.Stat(filepath.Join(s.Dir, "door-1.s")); err == nil {
		t.Error("its file is still there")
	}
}

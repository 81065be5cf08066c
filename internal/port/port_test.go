package port_test

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/port"
)

func TestTheHolderOfAPortIsFound(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Logf("no %s here: %v", addr, err)
			continue
		}
		n := l.Addr().(*net.TCPAddr).Port
		h, ok := port.HolderOf(n)
		if !ok || h.PID != os.Getpid() || h.UID != os.Getuid() || !strings.Contains(h.Command, "test") {
			t.Errorf("%s: %+v, %v; want this process", addr, h, ok)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if h, ok := port.HolderOf(n); ok && h.PID == os.Getpid() {
			t.Errorf("%s is closed and still held: %+v", addr, h)
		}
	}
}

func TestComplaintsAboutPorts(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]int{
		"OSError: [Errno 98] Address already in use":                                                               nil,
		"[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use":         {8000},
		"Error: listen EADDRINUSE: address already in use :::3000":                                                 {3000},
		"listen tcp 127.0.0.1:8080: bind: address already in use":                                                  {8080},
		"Port 5000 is in use by another program.":                                                                  {5000},
		"ERROR:    [Errno 48] error while attempting to bind on address ('0.0.0.0', 9000): address already in use": {9000},
		"connected to 127.0.0.1:8080":                                                                              nil,
	} {
		if got := port.Complaints([]string{"noise", line}); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

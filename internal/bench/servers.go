package bench

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/bench/raw"
)

// serverPatience is how long a server may take until it listens.
const serverPatience = 10 * time.Second

// server is a broker that runs for the time of a bench, on this machine only and with nothing on disk but in dir.
func server(name string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	return cmd, cmd.Start()
}

// killed ends a server that nobody needs any more.
func killed(cmd *exec.Cmd) func() error {
	return func() error {
		err := cmd.Process.Kill()
		_ = cmd.Wait() // it says that it was killed
		return err
	}
}

// answers waits until dial works.
func answers(ctx context.Context, dial func() error) error {
	late, cancel := context.WithTimeout(ctx, serverPatience)
	defer cancel()
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		err := dial()
		if err == nil {
			return nil
		}
		select {
		case <-t.C:
		case <-late.Done():
			return errors.Join(errors.New("the server does not answer"), err)
		}
	}
}

// besideNATS measures calls beside a request and its reply through a NATS server. Where none is installed there is no pair.
func besideNATS(ctx context.Context, self Self, ours Pair, undo *cleanup) ([]Pair, error) {
	if _, err := exec.LookPath("nats-server"); err != nil {
		return nil, nil //nolint:nilerr // nothing to compare with
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd, err := server("nats-server", "-a", "127.0.0.1", "-p", strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	undo.add(killed(cmd))
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	var client *raw.NATS
	err = answers(ctx, func() (err error) {
		client, err = raw.DialNATS(addr, "answers")
		return err
	})
	if err != nil {
		return nil, err
	}
	undo.add(client.Close)
	p, err := self.start(ctx, childNATS, addr)
	if err != nil {
		return nil, err
	}
	undo.add(p.cut)
	body := []byte(strings.Repeat("x", bodySize))
	ours.Name += ", beside NATS"
	ours.Baseline, ours.Goal, ours.GoalText = "request and reply through nats-server, two processes", 0.5, "p50 ≤ 0.5 × NATS"
	ours.Raw = func() error {
		if err := client.Publish("bench", "answers", body); err != nil {
			return err
		}
		_, _, err := client.Next()
		return err
	}
	return []Pair{ours}, nil
}

// besideRedis measures calls beside an entry in a stream and one in another that answers it.
func besideRedis(ctx context.Context, self Self, dir string, ours Pair, undo *cleanup) ([]Pair, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, nil //nolint:nilerr // nothing to compare with
	}
	path := filepath.Join(dir, "redis.s")
	cmd, err := server("redis-server", "--port", "0", "--unixsocket", path, "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", dir)
	if err != nil {
		return nil, err
	}
	undo.add(killed(cmd))
	var client *raw.Redis
	err = answers(ctx, func() (err error) {
		client, err = raw.DialRedis(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	undo.add(client.Close)
	p, err := self.start(ctx, childRedis, path)
	if err != nil {
		return nil, err
	}
	undo.add(p.cut)
	body := strings.Repeat("x", bodySize)
	ours.Name += ", beside Redis"
	ours.Baseline, ours.Goal, ours.GoalText = "entry in a stream of redis-server and its answer in another, over its Unix socket, nothing stored", 0, ""
	ours.Raw = func() error {
		if err := client.Add("to", body); err != nil {
			return err
		}
		_, err := client.Next("fro")
		return err
	}
	return []Pair{ours}, nil
}

// freePort is a port of this machine that nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// cut ends a child that waits for a server and not for us.
func (p *process) cut() error {
	err := p.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	err = errors.Join(err, p.stop.Close())
	_ = p.cmd.Wait() // it says that it was killed
	return err
}

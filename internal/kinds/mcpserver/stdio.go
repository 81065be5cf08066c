package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/script"
)

const (
	longestLine = 16 << 20 // of a message
	mostNoise   = 8 << 20  // bytes on stdout that are no messages, of one process
	shownNoise  = 300      // bytes of such a line in the log
	grace       = 2 * time.Second
)

// proc is a server that runs below this component, behind a guard of its own.
type proc struct {
	tree *script.Tree
	in   *io.PipeReader // its messages and nothing else
	read chan struct{}  // closed when its stdout has ended

	mu    sync.Mutex
	fault error // why we killed it; guarded by mu
}

func startProc(c config, argv []string, env component.Env) (*proc, error) {
	t, err := script.Start(script.Command{Argv: argv, Dir: c.dir, Env: script.Environment(c.variables, c.tag), Stderr: env.Stderr})
	if err != nil {
		return nil, err
	}
	if env.Processes != nil {
		env.Processes(t.Guard(), t.Child(), []int{t.Guard(), t.Child()})
	}
	r, w := io.Pipe()
	p := &proc{tree: t, in: r, read: make(chan struct{})}
	go p.listen(w, env)
	return p, nil
}

// listen passes messages on. What is none is log, up to a limit: a server that floods is ended.
func (p *proc) listen(w *io.PipeWriter, env component.Env) {
	defer close(p.read)
	defer w.Close() //nolint:errcheck // of a pipe it never fails
	noise := 0
	for lines := script.NewLines(p.tree.Stdout(), longestLine); ; {
		text, dropped, err := lines.Next()
		if err != nil {
			return
		}
		switch {
		case dropped > 0 && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")):
			p.end(errTooLong(dropped))
			return
		case dropped == 0 && isMessage(text):
			if _, err := w.Write(append(bytes.Clone(text), '\n')); err != nil {
				return
			}
			continue
		}
		if size := max(dropped, len(text)+1); noise < 64<<10 && env.Stdout != nil { // the first lines say what it is
			fmt.Fprintf(env.Stdout, "(no message, %d bytes) %.*s\n", size, shownNoise, text)
		}
		if noise += max(dropped, len(text)+1); noise > mostNoise {
			p.end(errFlood)
			return
		}
	}
}

func isMessage(text []byte) bool {
	var m struct {
		Version string `json:"jsonrpc"`
	}
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && json.Unmarshal(text, &m) == nil && m.Version == "2.0"
}

// end kills it for a fault of its own.
func (p *proc) end(why error) {
	p.mu.Lock()
	if p.fault == nil {
		p.fault = why
	}
	p.mu.Unlock()
	p.tree.Kill()
}

func (p *proc) transport() mcp.Transport {
	return &mcp.IOTransport{Reader: p.in, Writer: p.tree.Stdin(), MaxLineLength: longestLine + 1024}
}

// why is how it ended.
func (p *proc) why() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault != nil {
		return p.fault
	}
	select {
	case <-p.tree.Exited():
		return errors.New(p.tree.Exit().String())
	default:
		return errors.New("it closed its stdout")
	}
}

// gone waits until it has ended, for a while.
func (p *proc) gone(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.tree.Exited():
		return true
	case <-timer.C:
		return false
	}
}

// stop closes its stdin, terminates it, kills it. It returns when nothing is left.
func (p *proc) stop() {
	p.tree.Stdin().Close()
	if !p.gone(grace) {
		p.tree.Terminate()
		if !p.gone(grace) {
			p.tree.Kill()
		}
	}
	<-p.tree.Done()
	p.in.Close() //nolint:errcheck // a pipe in memory
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.read:
	case <-timer.C:
	}
	p.tree.Stdout().Close()
	<-p.read
}

// oldest is asked for first over stdio: some servers end when they are greeted in a way that they do not know.
const oldest = "2025-11-25"

// dialProc starts a server and greets it. One that does not know the greeting of old is started again and greeted anew.
func dialProc(ctx context.Context, k *keeper, argv []string) (*link, error) {
	versions := []string{oldest, ""}
	if k.config.protocol != "" {
		versions = []string{k.config.protocol}
	}
	var problem error
	for _, version := range versions {
		p, err := startProc(k.config, argv, k.env)
		if err != nil {
			return nil, err
		}
		l := newLink(k)
		l.proc = p
		if problem = l.greet(ctx, p.transport(), version); problem == nil {
			return l, nil
		}
		if !p.gone(0) && ctx.Err() != nil {
			problem = errors.New("it does not answer")
		} else if p.gone(100 * time.Millisecond) {
			problem = fmt.Errorf("%w: %w", p.why(), problem)
		}
		l.close()
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errGreeting(problem)
}

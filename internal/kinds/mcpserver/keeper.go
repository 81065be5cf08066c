package mcpserver

import (
	"context"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// How long a keeper waits before it tries again. A connection that lasted a while forgets what went wrong before.
const (
	firstPause  = 500 * time.Millisecond
	longPause   = 30 * time.Second
	goodWhile   = 30 * time.Second
	connectTime = 60 * time.Second
)

// keeper keeps one connection to the server alive for as long as the component lives.
type keeper struct {
	config config
	spec   component.Spec
	env    component.Env
	emit   func(session, name string, fields map[string]any)

	cancel context.CancelCauseFunc
	done   chan struct{}

	mu   sync.Mutex
	now  *link         // nil while there is none; guarded by mu
	last error         // why there is none; guarded by mu
	away bool          // trying did not help: nobody waits for it; guarded by mu
	turn chan struct{} // closed at the next change; guarded by mu
}

func newKeeper(c config, spec component.Spec, env component.Env, emit func(string, string, map[string]any)) *keeper {
	ctx, cancel := context.WithCancelCause(context.Background())
	k := &keeper{config: c, spec: spec, env: env, emit: emit, cancel: cancel, done: make(chan struct{}), turn: make(chan struct{})}
	go k.run(ctx)
	return k
}

// run connects, waits for the end of the connection, and connects again.
func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	for failures := 0; ctx.Err() == nil; {
		began := time.Now()
		l, err := k.connect(ctx)
		if err == nil {
			k.become(l, nil)
			k.status("connected", "")
			k.env.Log.Info("the MCP server is there", "server", k.config.shown(), "tools", len(l.functions()))
			err = l.wait(ctx)
			k.become(nil, nil) // the next try is soon: calls wait for it
			l.close()
			if ctx.Err() != nil {
				return
			}
			if time.Since(began) > goodWhile {
				failures = 0
			}
			failures++
			k.gone(failures, err)
			k.rest(ctx, failures)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		failures++
		k.become(nil, errTries(failures, pauseAfter(failures), err))
		k.gone(failures, err)
		k.rest(ctx, failures)
	}
}

func pauseAfter(failures int) time.Duration { return min(firstPause<<min(failures-1, 10), longPause) }

// gone tells that there is no connection.
func (k *keeper) gone(failures int, why error) {
	k.status("failed", why.Error())
	k.env.Log.Warn("the MCP server is gone", "server", k.config.shown(), "error", errTries(failures, pauseAfter(failures), why))
}

func (k *keeper) rest(ctx context.Context, failures int) {
	select {
	case <-time.After(pauseAfter(failures)):
	case <-ctx.Done():
	}
}

func (k *keeper) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	return dial(ctx, k)
}

func (k *keeper) status(word, why string) {
	fields := map[string]any{"component": k.spec.Name, "server": k.config.shown(), "status": word}
	if why != "" {
		fields["error"] = why
	}
	k.emit("", "mcp.status", fields)
}

func (k *keeper) become(l *link, why error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now, k.last, k.away = l, why, why != nil
	close(k.turn)
	k.turn = make(chan struct{})
}

// session is the connection. While it is made for the first time, or again for the first time, it is waited for; a server
// that did not come then is said to be away.
func (k *keeper) session(ctx context.Context) (*link, error) {
	for {
		k.mu.Lock()
		l, err, away, turn := k.now, k.last, k.away, k.turn
		k.mu.Unlock()
		switch {
		case l != nil && !l.over():
			return l, nil
		case away:
			return nil, err
		}
		select {
		case <-turn:
		case <-k.done:
			return nil, errClosing
		case <-ctx.Done():
			return nil, errStarting
		}
	}
}

func (k *keeper) close(ctx context.Context) {
	k.cancel(errClosing)
	select {
	case <-k.done:
	case <-ctx.Done():
		k.mu.Lock()
		l := k.now
		k.mu.Unlock()
		if l != nil {
			l.kill()
		}
		<-k.done
	}
}

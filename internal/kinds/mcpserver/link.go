package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// link is one connection to the server, from its greeting to its end.
type link struct {
	k       *keeper
	ctx     context.Context //nolint:containedctx // ends with the connection, and with it every call
	cancel  context.CancelFunc
	proc    *proc // one of the two
	web     *web
	session *mcp.ClientSession
	changed chan struct{} // a list of the server is another one
	doubted chan string   // a call of it has timed out
	ended   chan struct{} // closed when the connection has ended
	serial  atomic.Int64
	aside   sync.WaitGroup

	mu      sync.Mutex
	lists   lists             // guarded by mu
	waiters map[string]waiter // the calls in flight by token; guarded by mu
}

// waiter is a call in flight.
type waiter struct {
	began time.Time
	turn  events.Turn
	hear  func(mcp.ProgressNotificationParams)
	hold  func(bool) // stops the time that the call has, and gives it back
}

// dial makes a connection of what is declared.
func dial(ctx context.Context, k *keeper) (*link, error) {
	c := k.config
	if c.server.ID != "" {
		found, err := c.resolve(ctx)
		if err != nil {
			return nil, err
		}
		if found.url != "" {
			c.headers = headersFor(found.headers, c.headers, nil)
			return dialWeb(ctx, k, c, found.url, found.sse)
		}
		return dialProc(ctx, k, found.argv)
	}
	if c.server.URL != "" {
		return dialWeb(ctx, k, c, c.server.URL, false)
	}
	return dialProc(ctx, k, c.server.Argv)
}

func newLink(k *keeper) *link {
	ctx, cancel := context.WithCancel(context.Background())
	return &link{
		k: k, ctx: ctx, cancel: cancel, changed: make(chan struct{}, 1), doubted: make(chan string, 1), ended: make(chan struct{}),
		waiters: map[string]waiter{},
	}
}

// greet opens the session and reads what the server has.
func (l *link) greet(ctx context.Context, t mcp.Transport, version string) error {
	// No roots: a server that is told some works in these and forgets the directories of its own command line.
	can := &mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: &mcp.FormElicitationCapabilities{}}}
	client := mcp.NewClient(&mcp.Implementation{Name: "ww", Version: "1"}, &mcp.ClientOptions{
		Logger:       slog.New(slog.DiscardHandler),
		Capabilities: can, ElicitationHandler: l.elicit,
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
			l.touch()
		},
		ResourceListChangedHandler: func(context.Context, *mcp.ResourceListChangedRequest) { l.touch() },
		PromptListChangedHandler:   func(context.Context, *mcp.PromptListChangedRequest) { l.touch() },
		ResourceUpdatedHandler: func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) {
			l.k.emit("", "resource.changed", map[string]any{"component": l.k.spec.Name, "uri": r.Params.URI})
			l.touch()
		},
		LoggingMessageHandler: func(_ context.Context, r *mcp.LoggingMessageRequest) { //nolint:staticcheck // the servers of today log this way
			l.k.env.Log.Info("the MCP server says", "level", string(r.Params.Level), "data", fmt.Sprintf("%.2000v", r.Params.Data))
		},
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { l.progressed(*r.Params) },
	})
	var err error
	if l.session, err = client.Connect(ctx, t, &mcp.ClientSessionOptions{ProtocolVersion: version}); err != nil {
		return err
	}
	l.aside.Go(func() {
		l.session.Wait() //nolint:errcheck // how it ended is asked elsewhere
		close(l.ended)
	})
	if err := l.list(ctx); err != nil {
		return err
	}
	l.subscribe(ctx)
	l.aside.Go(l.refresh)
	if l.proc != nil {
		l.aside.Go(l.examine)
	}
	return nil
}

// touch asks for the lists to be read again, once for many changes.
func (l *link) touch() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *link) refresh() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.ended:
			return
		case <-l.changed:
		}
		ctx, cancel := context.WithTimeout(l.ctx, l.k.config.timeout)
		if err := l.list(ctx); err != nil && l.ctx.Err() == nil {
			l.k.env.Log.Warn("the tools of the MCP server cannot be read again", "error", err)
		} else if err == nil {
			l.k.env.Log.Info("the MCP server has changed what it offers", "tools", len(l.functions()))
			l.k.status("changed", "")
		}
		cancel()
	}
}

// wait returns why the connection has ended.
func (l *link) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.ended:
		return l.why(errors.New("it closed the connection"))
	}
}

func (l *link) why(otherwise error) error {
	if l.proc != nil {
		l.proc.gone(grace)
		return l.proc.why()
	}
	return l.web.why(otherwise)
}

// over reports whether the connection has ended.
func (l *link) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// call calls a tool of the server, or one of ours for its resources and prompts.
func (l *link) call(ctx context.Context, turn events.Turn, c tool.Call) (component.Result, error) {
	session := turn.Session
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(l.ctx, func() { cancel(mcp.ErrConnectionClosed) })
	defer stop()
	limit := l.k.config.timeout
	timer := time.AfterFunc(limit, func() { cancel(errTimeout) })
	defer timer.Stop()
	hold := func(on bool) {
		if timer.Stop(); !on {
			timer.Reset(limit)
		}
	}
	token, done := l.watch(waiter{began: time.Now(), turn: turn, hold: hold, hear: func(p mcp.ProgressNotificationParams) {
		timer.Reset(limit)
		l.k.emit(session, "tool.progress", map[string]any{
			"tool": l.k.spec.Name, "action": c.Action, "progress": p.Progress, "total": p.Total, "message": p.Message,
		})
	}})
	defer done()
	res, err := l.ask(ctx, c, token)
	if err == nil {
		return res, nil
	}
	return l.failed(ctx, session, c, err)
}

func (l *link) failed(ctx context.Context, session string, c tool.Call, err error) (component.Result, error) {
	name := l.k.spec.Name + "." + c.Action
	var said *jsonrpc.Error
	lost := errors.Is(context.Cause(ctx), mcp.ErrConnectionClosed)
	switch {
	case errors.Is(context.Cause(ctx), errTimeout):
		l.k.emit(session, "mcp.cancelled", map[string]any{"tool": l.k.spec.Name, "action": c.Action, "reason": "timeout"})
		select {
		case l.doubted <- name:
		default: // it is looked after
		}
		return component.Result{}, fmt.Errorf("%s: %w", name, errSlow(l.k.config.timeout))
	case ctx.Err() != nil && !lost:
		l.k.emit(session, "mcp.cancelled", map[string]any{"tool": l.k.spec.Name, "action": c.Action, "reason": "canceled"})
		return component.Result{}, context.Cause(ctx)
	case errors.As(err, &said) && !lost && !l.over():
		return tool.Failed("%s", said.Message), nil
	}
	if l.proc != nil || lost || errors.Is(err, mcp.ErrConnectionClosed) {
		select {
		case <-l.ended: // whoever calls next finds a new connection
		case <-time.After(grace):
		}
	}
	if l.over() {
		return component.Result{}, errMidCall(name, l.why(err))
	}
	return component.Result{}, fmt.Errorf("%s: %w", name, l.why(err))
}

// watch hears of what comes up in one call.
func (l *link) watch(w waiter) (token string, done func()) {
	token = fmt.Sprintf("ww-%d", l.serial.Add(1))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters[token] = w
	return token, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiters, token)
	}
}

func (l *link) progressed(p mcp.ProgressNotificationParams) {
	token, _ := p.ProgressToken.(string)
	l.mu.Lock()
	w := l.waiters[token]
	l.mu.Unlock()
	if w.hear != nil {
		w.hear(p)
	}
}

// kill ends the server now.
func (l *link) kill() {
	if l.proc != nil {
		l.proc.tree.Kill()
	}
	l.cancel()
}

// close ends the connection and what it held.
func (l *link) close() {
	if l.proc != nil {
		l.cancel()
		l.proc.stop()
	} else {
		timer := time.AfterFunc(grace, l.cancel) // a server that does not say good-bye
		defer timer.Stop()
	}
	if l.session != nil {
		l.session.Close() //nolint:errcheck // how it ended is known
	}
	l.cancel()
	l.aside.Wait()
	if l.web != nil {
		l.web.base.CloseIdleConnections()
	}
}

// oneLine is a text without its line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

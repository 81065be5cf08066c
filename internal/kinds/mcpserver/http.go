package mcpserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// web sends the requests to a server behind an address: with the headers that are declared, to that host only, with
// bounded answers, and no longer than the connection lasts.
type web struct {
	base    *http.Transport
	host    string
	headers map[string]string
	ctx     context.Context //nolint:containedctx // the life of the connection, beside that of each request

	mu     sync.Mutex
	status int   // the last one that was a refusal; guarded by mu
	broken error // why the last request did not arrive; guarded by mu
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(w.ctx, cancel)
	end := func() { stop(); cancel() }
	r = r.Clone(ctx)
	if r.URL.Host == w.host {
		for name, value := range w.headers {
			r.Header.Set(name, value)
		}
	}
	resp, err := w.base.RoundTrip(r)
	w.mu.Lock()
	if w.broken = err; err == nil && resp.StatusCode >= 400 {
		w.status = resp.StatusCode
	}
	w.mu.Unlock()
	if err != nil {
		end()
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, left: longestLine, end: end, endless: strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream")}
	return resp, nil
}

// why is what went wrong, in words for people.
func (w *web) why(otherwise error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.broken != nil && !errors.Is(w.broken, context.Canceled):
		return w.broken
	case w.status == 0 || w.status == http.StatusBadRequest:
		return otherwise
	}
	return errStatus(w.status, w.host)
}

// body is an answer of bounded size; a stream of events is bounded by its events.
type body struct {
	io.ReadCloser
	left    int
	endless bool
	end     func()
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 && !b.endless {
		return 0, errTooLong(longestLine - b.left)
	}
	return n, err
}

func (b *body) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// dialWeb reaches a server behind an address, by streamable HTTP or, where the registry or the path says so, by the
// events of old.
func dialWeb(ctx context.Context, k *keeper, c config, url string, sse bool) (*link, error) {
	headers, err := c.sent()
	if err != nil {
		return nil, err
	}
	first, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	l := newLink(k)
	base := http.DefaultTransport.(*http.Transport).Clone()
	l.web = &web{base: base, host: first.URL.Host, headers: headers, ctx: l.ctx}
	client := &http.Client{Transport: l.web}
	var t mcp.Transport = &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: client, MaxEventSize: longestLine}
	if sse || strings.HasSuffix(first.URL.Path, "/sse") {
		t = &mcp.SSEClientTransport{Endpoint: url, HTTPClient: client}
	}
	if err := l.greet(ctx, t, c.protocol); err != nil {
		err = l.web.why(err)
		l.close()
		return nil, err
	}
	return l, nil
}

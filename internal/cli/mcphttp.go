package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	mcpPath      = "/mcp"
	mcpTokenFile = "mcp.token" // in the state of the app: a client's configuration stays true
	mcpTokenName = "WW_MCP_TOKEN"
	mcpIdle      = time.Hour       // without a word, a client's session is over
	mcpFarewell  = 2 * time.Second // for calls under way, at the end
)

// listen offers the app over HTTP until ctx ends.
func (s *mcpDoor) listen(ctx context.Context, o mcpOptions) error {
	l, err := listenAt(ctx, o.Listen)
	if err != nil {
		return err
	}
	token, where, err := s.token(o)
	if err != nil {
		_ = l.Close() // nobody knows of it yet
		return failed(err)
	}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.server },
		&mcp.StreamableHTTPOptions{Logger: slog.New(slog.DiscardHandler), SessionTimeout: mcpIdle})
	mux := http.NewServeMux()
	mux.Handle(mcpPath, http.NewCrossOriginProtection().Handler(withToken(token, handler)))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	fmt.Fprintln(o.Out, "http://"+l.Addr().String()+mcpPath)
	fmt.Fprintln(o.Err, "ww: clients present the token "+where+", as in Authorization: Bearer …")
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), mcpFarewell)
	defer cancel()
	if server.Shutdown(last) != nil { // streams stay open as long as their clients like
		_ = server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func listenAt(ctx context.Context, address string) (net.Listener, error) {
	if !strings.Contains(address, ":") {
		address = ":" + address // a port
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usage("--listen %s is no address (%w); write it as in 127.0.0.1:7330", address, err)
	}
	if host == "" {
		host = "127.0.0.1" // other machines are let in by name only
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, failed(fmt.Errorf("--listen %s: %w", address, err))
	}
	return l, nil
}

// token is what clients must present, and where they find it. It is made once for an app, and only its user can read it.
func (s *mcpDoor) token(o mcpOptions) (token, where string, err error) {
	if token, ok := o.Env(mcpTokenName); ok && token != "" {
		return token, "that " + mcpTokenName + " holds", nil
	}
	file := filepath.Join(s.r.app.State, mcpTokenFile)
	b, err := os.ReadFile(file)
	switch token = strings.TrimSpace(string(b)); {
	case err == nil && token != "":
		return token, "in " + file, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", "", err
	}
	token = strings.ToLower(rand.Text())
	tmp, err := os.CreateTemp(s.r.app.State, mcpTokenFile+"-") // 0600
	if err != nil {
		return "", "", err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it has another name when all is well
	_, err = tmp.WriteString(token + "\n")
	if err := errors.Join(err, tmp.Close()); err != nil {
		return "", "", err
	}
	return token, "in " + file, os.Rename(tmp.Name(), file)
}

// withToken lets nobody in who does not have the token.
func withToken(token string, h http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a token is needed: Authorization: Bearer …; ww mcp says where it is", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

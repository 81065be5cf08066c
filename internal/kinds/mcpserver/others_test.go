package mcpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// others is the directory of servers by others: .ci/run installs it and sets WW_MCP_SERVERS.
func others(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WW_MCP_SERVERS")
	if _, err := exec.LookPath("node"); dir == "" || err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs node, and in WW_MCP_SERVERS a directory where npm has installed @modelcontextprotocol/server-everything and server-filesystem")
		}
		t.Skip("needs node and WW_MCP_SERVERS")
	}
	return dir
}

func TestAServerByOthersOverStdio(t *testing.T) {
	dir := others(t)
	for name, command := range map[string][]any{
		"node": {"node", filepath.Join(dir, "node_modules/@modelcontextprotocol/server-everything/dist/index.js")},
		"npx":  {"npx", "--prefix", dir, "--no-install", "mcp-server-everything"},
	} {
		t.Run(name, func(t *testing.T) {
			r := started(t, map[string]any{"command": command, "timeout": 60})
			everything(t, r)
		})
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "hello.txt"), []byte("hello from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := started(t, map[string]any{"command": []any{"node", filepath.Join(dir, "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js")}, "args": []any{root}})
	if got, _, err := r.call(t.Context(), "read_text_file", map[string]any{"path": filepath.Join(root, "hello.txt")}); got != "hello from a file" {
		t.Errorf("%q, %v", got, err)
	}
	if got, typ, err := r.call(t.Context(), "read_text_file", map[string]any{"path": "/etc/passwd"}); !strings.Contains(typ, "failure") || !strings.Contains(got, "denied") {
		t.Errorf("%q (%s), %v", got, typ, err)
	}
}

func TestAServerByOthersOverHTTP(t *testing.T) {
	dir := others(t)
	port := freePort(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "node_modules/@modelcontextprotocol/server-everything/dist/index.js"), "streamableHttp")
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		cmd.Wait()
	}()
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "listening") {
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	r := started(t, map[string]any{"url": fmt.Sprintf("http://127.0.0.1:%d/mcp", port)})
	everything(t, r)
	if err := r.Close(context.Background()); err != nil {
		t.Error(err)
	}
	cancel()
	<-drained
}

// everything is what the server of all features must be able to do.
func everything(t *testing.T, r *running) {
	t.Helper()
	for _, c := range []struct {
		name   string
		inputs map[string]any
		want   string
	}{
		{"echo", map[string]any{"message": "hi"}, "Echo: hi"},
		{"get-sum", map[string]any{"a": 2, "b": 3}, "5"},
		{"get-tiny-image", nil, "[image image/png,"},
		{"trigger-long-running-operation", map[string]any{"duration": 1, "steps": 2}, "completed"},
		{"read_resource", map[string]any{"uri": "demo://resource/static/document/features.md"}, "Everything Server"},
		{"get_prompt", map[string]any{"name": "args-prompt", "arguments": map[string]any{"city": "Oslo"}}, "Oslo"},
	} {
		if got, _, err := r.call(t.Context(), c.name, c.inputs); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %.300q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

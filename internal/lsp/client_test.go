package lsp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/woodwork-lang/ww/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ww": func() {
		os.Exit(cli.Main(context.Background(), cli.System(), os.Args[1:]))
	}})
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// client is an editor: it talks to a `ww lsp` that is a process of its own.
type client struct {
	*testing.T
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan answer
	stderr  strings.Builder
	dir     string
	next    int
	kept    []answer // what came while something else was waited for
}

// answer is anything that the server says.
type answer struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func start(t *testing.T, env ...string) *client {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &client{T: t, dir: dir, answers: make(chan answer, 1000), cmd: exec.CommandContext(t.Context(), "ww", "lsp", "--stdio")}
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Dir, c.cmd.Stderr = dir, &c.stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.listen(bufio.NewReader(out))
	t.Cleanup(func() {
		c.in.Close()
		_ = c.cmd.Wait()
	})
	return c
}

// listen reads answers by code that shares nothing with the server. Anything else on standard output is an error.
func (c *client) listen(r *bufio.Reader) {
	defer close(c.answers)
	for {
		h, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			if len(h) > 0 {
				c.Errorf("standard output holds something else: %v %v", h, err)
			}
			return
		}
		n, err := strconv.Atoi(h.Get("Content-Length"))
		if err != nil {
			c.Errorf("a header without length: %v", h)
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			c.Errorf("a message is cut short: %v", err)
			return
		}
		var a answer
		if err := json.Unmarshal(body, &a); err != nil {
			c.Errorf("%s: %v", body, err)
			return
		}
		c.answers <- a
	}
}

func (c *client) write(text string) {
	c.Helper()
	if _, err := fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		c.Fatal(err)
	}
}

func (c *client) send(v map[string]any) {
	c.Helper()
	v["jsonrpc"] = "2.0"
	b, err := json.Marshal(v)
	if err != nil {
		c.Fatal(err)
	}
	c.write(string(b))
}

func (c *client) notify(method string, params any) {
	c.Helper()
	c.send(map[string]any{"method": method, "params": params})
}

// ask sends a request and waits for its answer.
func (c *client) ask(method string, params any) answer {
	c.Helper()
	c.next++
	id := c.next
	c.send(map[string]any{"id": id, "method": method, "params": params})
	return c.await(func(a answer) bool { return string(a.ID) == strconv.Itoa(id) })
}

// result is ask for what must not fail.
func result[T any](c *client, method string, params any) T {
	c.Helper()
	a := c.ask(method, params)
	if a.Error != nil {
		c.Fatalf("%s: %s", method, a.Error.Message)
	}
	var v T
	if err := json.Unmarshal(a.Result, &v); err != nil {
		c.Fatalf("%s: %v in %s", method, err, a.Result)
	}
	return v
}

func (c *client) await(wanted func(answer) bool) answer {
	c.Helper()
	for i, a := range c.kept {
		if wanted(a) {
			c.kept = append(c.kept[:i], c.kept[i+1:]...)
			return a
		}
	}
	limit := time.After(patience)
	for {
		select {
		case a, ok := <-c.answers:
			if !ok {
				c.Fatalf("the server is gone: %s", c.stderr.String())
			}
			if wanted(a) {
				return a
			}
			c.kept = append(c.kept, a)
		case <-limit:
			c.Fatal("the server does not answer")
		}
	}
}

// published waits for the diagnostics of a version and is CODE@line:character for each.
func (c *client) published(uri string, version int) string {
	c.Helper()
	for {
		a := c.await(func(a answer) bool { return a.Method == "textDocument/publishDiagnostics" })
		var p struct {
			URI         string
			Version     *int
			Diagnostics []struct {
				Code  string
				Range struct{ Start struct{ Line, Character int } }
			}
		}
		if err := json.Unmarshal(a.Params, &p); err != nil {
			c.Fatal(err)
		}
		if p.URI != uri || p.Version != nil && *p.Version != version {
			continue
		}
		var all []string
		for _, d := range p.Diagnostics {
			all = append(all, fmt.Sprintf("%s@%d:%d", d.Code, d.Range.Start.Line, d.Range.Start.Character))
		}
		return strings.Join(all, " ")
	}
}

// hello begins a session as an editor with all that we use.
func (c *client) hello(encodings ...string) map[string]any {
	c.Helper()
	params := map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{
		"general":      map[string]any{"positionEncodings": encodings},
		"textDocument": map[string]any{"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true}}},
		"workspace":    map[string]any{"workspaceEdit": map[string]any{"documentChanges": true}},
	}}
	got := result[map[string]any](c, "initialize", params)
	c.notify("initialized", map[string]any{})
	return got["capabilities"].(map[string]any)
}

// open opens main.ww with a text in which ‸ is the cursor, and is the parameters of a question about that place.
func (c *client) open(text string) map[string]any {
	c.Helper()
	before, after, _ := strings.Cut(text, "‸")
	uri := c.uri("main.ww")
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": "ww", "version": 1, "text": before + after,
	}})
	lines := strings.Split(before, "\n")
	return map[string]any{
		"textDocument": map[string]any{"uri": uri},
		"position": map[string]any{
			"line": len(lines) - 1, "character": len(utf16.Encode([]rune(lines[len(lines)-1]))),
		},
		"context": map[string]any{"includeDeclaration": true},
	}
}

func (c *client) uri(name string) string { return "file://" + filepath.Join(c.dir, name) }

func (c *client) file(name, text string) {
	c.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

// exit waits for the process to end and is its exit status.
func (c *client) exit() int {
	c.Helper()
	done := make(chan struct{})
	go func() {
		for range c.answers {
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		c.Fatal("the server does not end")
	}
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

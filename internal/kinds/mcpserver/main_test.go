package mcpserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/mcpserver"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/script"
)

// The test binary plays the guard and the server.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "guard":
			os.Exit(script.RunGuard())
		case "server":
			serve(os.Args[2:])
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

type none struct{}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}

// faulty is a server with a tool for each thing that can go wrong.
func faulty() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "faulty", Version: "1"}, &mcp.ServerOptions{Instructions: "Be careful with {braces}."})
	add := func(name string, do func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
		mcp.AddTool(s, &mcp.Tool{Name: name, Description: "does " + name}, func(ctx context.Context, r *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
			res, err := do(ctx, r)
			return res, nil, err
		})
	}
	type word struct {
		Text string `json:"text" jsonschema:"what is said"`
	}
	mcp.AddTool(s, &mcp.Tool{Name: "echo", Description: "says it again", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}},
		func(_ context.Context, _ *mcp.CallToolRequest, w word) (*mcp.CallToolResult, any, error) {
			return text(w.Text), nil, nil
		})
	add("crash", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		os.Exit(7)
		return nil, nil
	})
	add("fail", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, fmt.Errorf("the shelf is empty")
	})
	add("flood", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for line := strings.Repeat("x", 1<<16) + "\n"; ; {
			if _, err := os.Stdout.WriteString(line); err != nil {
				os.Exit(1)
			}
		}
	})
	add("noise", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		os.Stdout.WriteString("a print\n{\"not\": \"a message\"}\n{broken\n")
		return text("after the noise"), nil
	})
	add("large", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("y", 1<<20)), nil
	})
	add("huge", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("y", 20<<20)), nil
	})
	add("slow", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		os.Stderr.WriteString("slow begins\n")
		<-ctx.Done()
		os.Stderr.WriteString("slow was canceled\n")
		return nil, ctx.Err()
	})
	add("roots", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		can := r.Session.InitializeParams().Capabilities
		return text(fmt.Sprint("told of roots: ", can != nil && can.RootsV2 != nil)), nil //nolint:staticcheck // the servers of today look there
	})
	add("asks", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		res, err := r.Session.Elicit(ctx, &mcp.ElicitParams{Message: "Sure?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{"sure":{"type":"boolean"}},"required":["sure"]}`)})
		if err != nil {
			return nil, err
		}
		return text(fmt.Sprint(res.Action, res.Content)), nil
	})
	add("progress", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range 6 {
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // a server whose work takes long
			r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: r.Params.GetProgressToken(), Progress: float64(i), Total: 6})
		}
		return text("done"), nil
	})
	add("grow", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		add("grown", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text("I am new"), nil })
		return text("grows"), nil
	})
	add("whoami", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(fmt.Sprint(os.Getpid(), os.Getenv("KEY"), os.Getenv("OPENAI_API_KEY"))), nil
	})
	s.AddResource(&mcp.Resource{Name: "notes", URI: "mem://notes", MIMEType: "text/plain"}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "mem://notes", Text: "remember the milk"}}}, nil
	})
	s.AddPrompt(&mcp.Prompt{Name: "hello", Arguments: []*mcp.PromptArgument{{Name: "who"}}}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "say hello to " + r.Params.Arguments["who"]}}}}, nil
	})
	return s
}

// serve plays a server: one that works, or one that does not even greet.
func serve(args []string) {
	mood := ""
	if len(args) > 0 {
		mood = args[0]
	}
	switch mood {
	case "dies":
		os.Stderr.WriteString("no license\n")
		os.Exit(3)
	case "mute":
		io.Copy(io.Discard, os.Stdin)
	case "single":
		single()
	case "stubborn": // it starts something that outlives it, and does not end
		faulty().Run(context.Background(), &mcp.StdioTransport{})
		select {}
	default:
		faulty().Run(context.Background(), &mcp.StdioTransport{})
	}
}

// single is a server that does one thing at a time, as many are that people write; and one thing it does for ever.
func single() {
	for lines := json.NewDecoder(os.Stdin); ; {
		var m struct {
			ID     any
			Method string
			Params struct{ Name, ProtocolVersion string }
		}
		if lines.Decode(&m) != nil {
			return
		}
		result := ""
		switch {
		case m.ID == nil:
			continue
		case m.Method == "initialize":
			result = fmt.Sprintf(`{"protocolVersion":%q,"serverInfo":{"name":"single","version":"1"},"capabilities":{"tools":{}}}`, m.Params.ProtocolVersion)
		case m.Method == "tools/list":
			result = `{"tools":[{"name":"whoami","inputSchema":{"type":"object"}},{"name":"stuck","inputSchema":{"type":"object"}}]}`
		case m.Params.Name == "stuck":
			time.Sleep(time.Hour) //nolint:forbidigo // that is what is wrong with it
		case m.Params.Name == "whoami":
			result = fmt.Sprintf(`{"content":[{"type":"text","text":"%d"}]}`, os.Getpid())
		default:
			result = `{}`
		}
		fmt.Printf(`{"jsonrpc":"2.0","id":%v,"result":%s}`+"\n", m.ID, result)
	}
}

type lockedLog struct {
	mu sync.Mutex
	b  strings.Builder
	on chan string // gets each write
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.on <- string(p):
	default:
	}
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type running struct {
	component.Kind
	log  *lockedLog
	pids chan []int
	told chan string
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t *testing.T, config map[string]any) (*running, error) {
	t.Helper()
	dir := t.TempDir()
	kind, err := mcpserver.New(component.Spec{Name: "srv", Kind: "mcp", Type: "server", Config: config, App: component.App{Dir: dir, Tag: "tag"}})
	if err != nil {
		return nil, err
	}
	r := &running{Kind: kind, log: &lockedLog{on: make(chan string, 1000)}, pids: make(chan []int, 100), told: make(chan string, 1000)}
	t.Cleanup(func() {
		if err := kind.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	_, err = kind.Start(t.Context(), component.Env{
		Log: slog.New(slog.NewTextHandler(r.log, nil)), Stdout: r.log, Stderr: r.log,
		Processes: func(_, _ int, all []int) { r.pids <- all },
		Emit:      func(_, name string, data json.RawMessage) { r.told <- name + " " + string(data) },
	})
	return r, err
}

func started(t *testing.T, config map[string]any) *running {
	t.Helper()
	if config["command"] == nil && config["url"] == nil && config["server"] == nil {
		config["command"] = []any{executable(t), "server"}
	}
	r, err := start(t, config)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *running) call(ctx context.Context, name string, inputs map[string]any) (string, string, error) {
	res, err := r.Kind.(component.Answerer).Answer(ctx, component.Question{Session: "s", Body: tool.Call{Action: name, Inputs: inputs}.Request("srv").Body})
	return string(res.Body), res.ContentType, err
}

func (r *running) describe(t *testing.T) string {
	t.Helper()
	res, err := r.Kind.(component.Describer).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(res.Body)
}

// until waits for a line of a channel that has the text.
func until(t *testing.T, c <-chan string, want string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case s := <-c:
			if strings.Contains(s, want) {
				return s
			}
		case <-limit:
			t.Fatalf("%q does not come", want)
		}
	}
}

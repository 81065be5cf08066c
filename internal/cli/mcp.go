package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/turn"
)

func mcpCmd(world IO) *cobra.Command {
	o := mcpOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Offer a running app to MCP clients, on standard input and output or over HTTP",
		Long: "Offer a running app to clients that speak the Model Context Protocol, on standard input and output: each input is a\n" +
			"tool that asks the app, each agent and each function of a tool is a tool of its own. It ends with its input.\n" +
			"With --listen it is offered over streamable HTTP instead, at the address that is printed, until a signal; clients\n" +
			"present the token that is in the file that is named then, or that WW_MCP_TOKEN holds.\n" +
			"Exit status: 0 the client has gone, 1 failed, 2 an address that is none, 3 not running.",
		GroupID: groupRun,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runMCP(cmd.Context(), o) },
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().StringVar(&o.Listen, "listen", "", "offer it over HTTP at this `ADDRESS`, such as 127.0.0.1:7330 (port 0: a free one)")
	return cmd
}

type mcpOptions struct {
	appOptions
	Listen string // empty: standard input and output
}

// mcpRefresh is how often it is looked what the app offers; describePatience how long one component may take to say it.
const (
	mcpRefresh       = 3 * time.Second
	describePatience = 2 * time.Second
)

func runMCP(ctx context.Context, o mcpOptions) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	r, err := o.joinWaiting(ctx, askWait)
	if err != nil {
		return err
	}
	defer r.close()
	d, err := r.app.Desired()
	if err != nil {
		return failed(err)
	}
	s := &mcpDoor{r: r, session: turn.NewSession(), offered: map[string]string{}, server: mcp.NewServer(
		&mcp.Implementation{Name: d.Name, Version: "1"},
		&mcp.ServerOptions{Logger: slog.New(slog.DiscardHandler), Instructions: "A ww app: " + d.Name + ". What is said within one connection is one session."},
	)}
	s.offer(ctx)
	refreshed := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(refreshed)
		s.refresh(ctx)
	}()
	if o.Listen != "" {
		err = s.listen(ctx, o)
	} else {
		err = s.server.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(o.In), Writer: nopWriteCloser{o.Out}})
	}
	interrupted := ctx.Err() != nil
	cancel()
	<-refreshed
	if interrupted {
		return nil
	}
	var own *exitError
	if errors.As(err, &own) {
		return err
	}
	return failedIf(err)
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }

// mcpDoor is an app as an MCP server.
type mcpDoor struct {
	r       *running
	server  *mcp.Server
	session string            // of the turns of a client that has no session of its own
	offered map[string]string // what is offered, by name: its definition as JSON
}

// refresh offers what a reload has added, and no more what it has taken away. The client is told.
func (s *mcpDoor) refresh(ctx context.Context) {
	tick := time.NewTicker(mcpRefresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.offer(ctx)
		}
	}
}

func (s *mcpDoor) offer(ctx context.Context) {
	d, err := s.r.app.Desired()
	if err != nil {
		return // it is being written, or the app has ended: calls say so
	}
	seen := map[string]bool{}
	add := func(t *mcp.Tool, h mcp.ToolHandler) {
		b, err := json.Marshal(t)
		if seen[t.Name] = true; err != nil || s.offered[t.Name] == string(b) {
			return
		}
		s.offered[t.Name] = string(b)
		s.server.AddTool(t, h)
	}
	for _, c := range d.Components {
		switch {
		case c.Acceptor:
			add(&mcp.Tool{Name: c.Name, Description: "Asks the app " + d.Name + " and returns its answer.", InputSchema: askSchema()}, s.ask(c.Name))
		case c.Kind == "agent":
			add(&mcp.Tool{Name: c.Name, Description: "Asks the agent " + c.Name + " of the app " + d.Name + ".", InputSchema: askSchema()}, s.call(c.Name, ""))
		default:
			s.functions(ctx, c.Name, add)
		}
	}
	for name := range s.offered {
		if !seen[name] {
			delete(s.offered, name)
			s.server.RemoveTools(name)
		}
	}
}

func askSchema() json.RawMessage {
	return json.RawMessage(`{"type":"object","properties":{"text":{"type":"string","description":"what is asked"}},"required":["text"]}`)
}

// functions offers what a component says of itself. One that says nothing is no tool.
func (s *mcpDoor) functions(ctx context.Context, name string, add func(*mcp.Tool, mcp.ToolHandler)) {
	ctx, cancel := context.WithTimeout(ctx, describePatience)
	defer cancel()
	m, err := s.r.seat.Call(ctx, name, event.Message{Header: event.Header{Type: event.TypeDescribe}}, nil)
	var d tool.Description
	if err != nil || json.Unmarshal(m.Body, &d) != nil {
		return
	}
	for _, f := range d.Functions {
		schema := f.Parameters
		var head struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(schema, &head) != nil || head.Type != "object" {
			schema = json.RawMessage(`{"type":"object"}`)
		}
		add(&mcp.Tool{Name: name + "__" + f.Name, Description: f.Description, InputSchema: schema}, s.call(name, f.Name))
	}
}

// ask is a turn of the app.
func (s *mcpDoor) ask(input string) mcp.ToolHandler {
	return func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		text, err := wordsOf(r)
		if err != nil {
			return said(err.Error(), true), nil
		}
		t := turn.Turn{ID: turn.NewID(), Session: s.sessionOf(r), Text: text, To: input}
		follow, answered := s.questions(ctx, r.Session, t)
		defer answered()
		end, err := s.r.client().Ask(ctx, t, follow)
		switch {
		case err != nil:
			return said(err.Error(), true), nil
		case end.Status != event.StatusOK:
			return said(fmt.Sprintf("%s: %s", end.Status, end.Error), true), nil
		}
		return said(end.Answer, false), nil
	}
}

func wordsOf(r *mcp.CallToolRequest) (string, error) {
	var in struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(r.Params.Arguments, &in); err != nil || in.Text == "" {
		return "", errors.New(`the call needs {"text": "…"}`)
	}
	return in.Text, nil
}

// call is a request to one component.
func (s *mcpDoor) call(component, function string) mcp.ToolHandler {
	return func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		c := tool.Call{Action: function}
		if function == "" {
			text, err := wordsOf(r)
			if err != nil {
				return said(err.Error(), true), nil
			}
			c.Action = text
		} else if len(r.Params.Arguments) > 0 {
			if err := json.Unmarshal(r.Params.Arguments, &c.Inputs); err != nil {
				return said("the arguments are no JSON object: "+err.Error(), true), nil //nolint:nilerr // it is told to whoever calls
			}
		}
		q := c.Request(component)
		id := turn.NewID()
		m, err := s.r.seat.Call(ctx, component, event.Message{Header: event.Header{
			ID: id, Type: event.TypeProcess, Session: s.sessionOf(r), Turn: id, DataContentType: q.ContentType,
		}, Body: q.Body}, func(event.Message) {})
		if err != nil {
			return said(err.Error(), true), nil
		}
		return said(string(m.Body), m.DataContentType == tool.Failure), nil
	}
}

func said(text string, failed bool) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}, IsError: failed}
}

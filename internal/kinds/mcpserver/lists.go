package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// The tools that we add for what a server has besides its own.
const (
	listResources = "list_resources"
	readResource  = "read_resource"
	getPrompt     = "get_prompt"
)

// How much of a server is shown to a model.
const (
	mostTools   = 500
	mostListed  = 100
	mostContext = 64 << 10
)

// lists are what a server offers.
type lists struct {
	tools     []*mcp.Tool
	resources []*mcp.Resource
	prompts   []*mcp.Prompt
	context   string // the texts of the resources that are declared
}

// list reads what the server offers. Resources and prompts that cannot be read are missing, no more.
func (l *link) list(ctx context.Context) error {
	var got lists
	caps := &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}}
	if r := l.session.InitializeResult(); r != nil && r.Capabilities != nil {
		caps = r.Capabilities
	}
	if caps.Tools != nil {
		for t, err := range l.session.Tools(ctx, nil) {
			if err != nil {
				return fmt.Errorf("its tools cannot be read: %w", err)
			}
			if l.k.config.readonly && (t.Annotations == nil || !t.Annotations.ReadOnlyHint) {
				continue
			}
			if got.tools = append(got.tools, t); len(got.tools) == mostTools {
				break
			}
		}
	}
	if caps.Resources != nil {
		got.resources = first(l.session.Resources(ctx, nil))
		got.context = l.context(ctx)
	}
	if caps.Prompts != nil {
		got.prompts = first(l.session.Prompts(ctx, nil))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lists = got
	return nil
}

func first[T any](all func(func(T, error) bool)) (some []T) {
	for one, err := range all {
		if err != nil || len(some) == mostListed {
			return some
		}
		some = append(some, one)
	}
	return some
}

// context are the texts of the resources that the declaration names.
func (l *link) context(ctx context.Context) string {
	var b strings.Builder
	for _, uri := range l.k.config.resources {
		r, err := l.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri})
		if err != nil {
			l.k.env.Log.Warn("a resource of the MCP server cannot be read", "uri", uri, "error", err)
			continue
		}
		fmt.Fprintf(&b, "\n<resource uri=%q>\n%s\n</resource>", uri, strings.TrimSpace(contents(r.Contents)))
	}
	if b.Len() > mostContext {
		return strings.ToValidUTF8(b.String()[:mostContext], "") + "\n… (cut)"
	}
	return b.String()
}

// subscribe asks to hear when those resources change.
func (l *link) subscribe(ctx context.Context) {
	r := l.session.InitializeResult()
	if r == nil || r.Capabilities == nil || r.Capabilities.Resources == nil || !r.Capabilities.Resources.Subscribe {
		return
	}
	for _, uri := range l.k.config.resources {
		if err := l.session.Subscribe(ctx, &mcp.SubscribeParams{URI: uri}); err != nil {
			l.k.env.Log.Warn("changes of a resource are not heard of", "uri", uri, "error", err)
		}
	}
}

func (l *link) offered() lists {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lists
}

// functions are what can be called.
func (l *link) functions() []tool.Function {
	o := l.offered()
	var all []tool.Function
	for _, t := range o.tools {
		f := tool.Function{Name: t.Name, Description: t.Description}
		if schema, err := json.Marshal(t.InputSchema); err == nil && t.InputSchema != nil {
			f.Parameters = schema
		}
		all = append(all, f)
	}
	own := func(name, description, parameters string) {
		if !slices.ContainsFunc(all, func(f tool.Function) bool { return f.Name == name }) {
			all = append(all, tool.Function{Name: name, Description: description, Parameters: json.RawMessage(parameters)})
		}
	}
	if len(o.resources) > 0 {
		own(listResources, "Lists the resources of this server: name, uri and what they are.", `{"type":"object","properties":{}}`)
		own(readResource, "Reads a resource of this server.", `{"type":"object","properties":{"uri":{"type":"string"}},"required":["uri"]}`)
	}
	if len(o.prompts) > 0 {
		own(getPrompt, "Reads a prepared prompt of this server.",
			`{"type":"object","properties":{"name":{"type":"string"},"arguments":{"type":"object","additionalProperties":{"type":"string"}}},"required":["name"]}`)
	}
	return all
}

// description is what agents are told.
func (l *link) description() tool.Description {
	o := l.offered()
	d := tool.Description{Type: "mcp_server", Functions: l.functions()}
	var b strings.Builder
	if r := l.session.InitializeResult(); r != nil {
		if r.ServerInfo != nil {
			fmt.Fprintf(&b, "MCP server %s.\n", r.ServerInfo.Name)
		}
		if r.Instructions != "" {
			fmt.Fprintf(&b, "%s\n", strings.TrimSpace(r.Instructions))
		}
	}
	for i, f := range d.Functions {
		fmt.Fprintf(&b, "%d. %s - %s\n%s", i+1, f.Name, oneLine(f.Description), parameters(f.Parameters))
	}
	if len(o.resources) > 0 {
		b.WriteString("Resources:\n")
	}
	for _, r := range o.resources {
		fmt.Fprintf(&b, "- %s (%s) %s %s\n", r.Name, r.URI, r.MIMEType, oneLine(r.Description))
	}
	if len(o.prompts) > 0 {
		b.WriteString("Prompts:\n")
	}
	for _, p := range o.prompts {
		fmt.Fprintf(&b, "- %s: %s", p.Name, oneLine(p.Description))
		for _, a := range p.Arguments {
			fmt.Fprintf(&b, " {%s}", a.Name)
		}
		b.WriteByte('\n')
	}
	b.WriteString(o.context)
	b.WriteString("\nThe action is the name of a tool, the inputs are its parameters.")
	d.Text = b.String()
	return d
}

// parameters are the properties of a schema, a line each.
func parameters(schema json.RawMessage) string {
	var s struct {
		Properties map[string]struct {
			Type        any    `json:"type"`
			Description string `json:"description"`
		} `json:"properties"`
		Required []string `json:"required"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return ""
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		p, must := s.Properties[name], "optional"
		if slices.Contains(s.Required, name) {
			must = "required"
		}
		typ := "any"
		if p.Type != nil {
			typ = fmt.Sprint(p.Type)
		}
		fmt.Fprintf(&b, "   - %s (%s, %s)", name, typ, must)
		if p.Description != "" {
			b.WriteString(" - " + oneLine(p.Description))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// ask asks the server.
func (l *link) ask(ctx context.Context, c tool.Call, token string) (component.Result, error) {
	if !l.theirs(c.Action) {
		switch c.Action {
		case listResources:
			return l.limited(l.resourceList())
		case readResource:
			uri, _ := c.Inputs["uri"].(string)
			r, err := l.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri})
			if err != nil {
				return component.Result{}, err
			}
			return l.limited(contents(r.Contents))
		case getPrompt:
			return l.prompt(ctx, c)
		}
	}
	inputs := c.Inputs
	if inputs == nil {
		inputs = map[string]any{}
	}
	params := &mcp.CallToolParams{Name: c.Action, Arguments: inputs}
	params.SetProgressToken(token)
	r, err := l.session.CallTool(ctx, params)
	if err != nil {
		return component.Result{}, err
	}
	return l.result(r)
}

// theirs reports whether the server itself has a tool of the name.
func (l *link) theirs(name string) bool {
	for _, t := range l.offered().tools {
		if t.Name == name {
			return true
		}
	}
	return false
}

func (l *link) resourceList() string {
	var b strings.Builder
	for _, r := range l.offered().resources {
		fmt.Fprintf(&b, "%s (%s) %s %s\n", r.Name, r.URI, r.MIMEType, oneLine(r.Description))
	}
	return b.String()
}

func (l *link) prompt(ctx context.Context, c tool.Call) (component.Result, error) {
	name, _ := c.Inputs["name"].(string)
	given, _ := c.Inputs["arguments"].(map[string]any)
	arguments := map[string]string{}
	for k, v := range given {
		arguments[k] = tool.Show(v)
	}
	r, err := l.session.GetPrompt(ctx, &mcp.GetPromptParams{Name: name, Arguments: arguments})
	if err != nil {
		return component.Result{}, err
	}
	var parts []string
	for _, m := range r.Messages {
		parts = append(parts, string(m.Role)+": "+shown(m.Content))
	}
	return l.limited(strings.Join(parts, "\n"))
}

// result is what a tool answered: its texts, with a word for what a model cannot read.
func (l *link) result(r *mcp.CallToolResult) (component.Result, error) {
	parts := make([]string, 0, len(r.Content))
	for _, c := range r.Content {
		parts = append(parts, shown(c))
	}
	text := strings.Join(parts, "\n")
	if r.IsError {
		if text == "" {
			text = "the tool failed and did not say why"
		}
		return tool.Failed("%s", cut(text, l.k.config.largest)), nil
	}
	if text == "" && r.StructuredContent != nil {
		b, err := json.Marshal(r.StructuredContent)
		if err != nil {
			return component.Result{}, err
		}
		res, err := l.limited(string(b))
		if res.ContentType == tool.Text {
			res.ContentType = tool.JSON
		}
		return res, err
	}
	return l.limited(text)
}

// limited refuses what is too large for a message and for any model.
func (l *link) limited(text string) (component.Result, error) {
	if most := l.k.config.largest; len(text) > most {
		return tool.Failed("the answer has %d bytes, at most %d are taken; ask for less (or set max_result). It begins: %s", len(text), most, cut(text, 500)), nil
	}
	return component.Result{ContentType: tool.Text, Body: []byte(text)}, nil
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func shown(c mcp.Content) string {
	switch c := c.(type) {
	case *mcp.TextContent:
		return c.Text
	case *mcp.ImageContent:
		return fmt.Sprintf("[image %s, %d bytes]", c.MIMEType, len(c.Data))
	case *mcp.AudioContent:
		return fmt.Sprintf("[audio %s, %d bytes]", c.MIMEType, len(c.Data))
	case *mcp.ResourceLink:
		return strings.TrimSpace(fmt.Sprintf("[resource %s %s] %s", c.Name, c.URI, c.Description))
	case *mcp.EmbeddedResource:
		if c.Resource != nil {
			return contents([]*mcp.ResourceContents{c.Resource})
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "[something that cannot be shown]"
	}
	return string(b)
}

func contents(all []*mcp.ResourceContents) string {
	parts := make([]string, 0, len(all))
	for _, c := range all {
		if c.Text == "" && len(c.Blob) > 0 {
			parts = append(parts, fmt.Sprintf("[%s %s, %d bytes]", c.URI, c.MIMEType, len(c.Blob)))
			continue
		}
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, "\n")
}

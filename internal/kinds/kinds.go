// Package kinds lists the built-in components: one table of what `kind type` in a .ww file is made by.
package kinds

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/agentllm"
	"github.com/woodwork-lang/ww/internal/kinds/apiweb"
	"github.com/woodwork-lang/ww/internal/kinds/commandline"
	"github.com/woodwork-lang/ww/internal/kinds/console"
	"github.com/woodwork-lang/ww/internal/kinds/echo"
	"github.com/woodwork-lang/ww/internal/kinds/fileoutput"
	"github.com/woodwork-lang/ww/internal/kinds/functions"
	"github.com/woodwork-lang/ww/internal/kinds/httpinput"
	"github.com/woodwork-lang/ww/internal/kinds/knowledgebase"
	"github.com/woodwork-lang/ww/internal/kinds/listening"
	"github.com/woodwork-lang/ww/internal/kinds/llm"
	"github.com/woodwork-lang/ww/internal/kinds/mcpserver"
	"github.com/woodwork-lang/ww/internal/kinds/memory"
	"github.com/woodwork-lang/ww/internal/kinds/process"
	"github.com/woodwork-lang/ww/internal/kinds/replay"
	"github.com/woodwork-lang/ww/internal/kinds/scripted"
	"github.com/woodwork-lang/ww/internal/kinds/taskmaster"
	"github.com/woodwork-lang/ww/internal/kinds/voice"
	"github.com/woodwork-lang/ww/internal/kinds/webhook"
	"github.com/woodwork-lang/ww/internal/kinds/workspace"
)

// Entry is one built-in component.
type Entry struct {
	Kind, Type string
	// New makes the component of a spec. It only looks at the properties: files, processes and connections wait for
	// Start.
	New func(component.Spec) (component.Kind, error)
}

// List returns the built-in components in the order of Kind, then Type.
func List() []Entry {
	return []Entry{
		{"agent", "llm", agentllm.New},
		{"agent", "scripted", scripted.NewAgent},
		{"api", "functions", functions.New},
		{"api", "web", apiweb.New},
		{"core", "code", workspace.New},
		{"core", "command_line", workspace.New},
		{"custom", "process", process.New},
		{"custom", "scripted", scripted.NewTool},
		{"custom", "tool", functions.NewTool},
		{"environment", "coding", workspace.New},
		{"input", "api", httpinput.New},
		{"input", "command_line", commandline.New},
		{"input", "keyword_voice", voice.New},
		{"input", "push_to_talk", voice.New},
		{"knowledge_base", "chroma", knowledgebase.New},
		{"knowledge_base", "neo4j", knowledgebase.NewNeo4j},
		{"knowledge_base", "text_file", knowledgebase.NewTextFile},
		{"llm", "claude", llm.New},
		{"llm", "echo", echo.New},
		{"llm", "hugging_face", llm.New},
		{"llm", "ollama", llm.New},
		{"llm", "openai", llm.New},
		{"llm", "replay", replay.New},
		{"llm", "scripted", scripted.New},
		{"mcp", "server", mcpserver.New},
		{"memory", "short_term", memory.New},
		{"model", "pytorch", functions.NewModel},
		{"output", "console", console.New},
		{"output", "file", fileoutput.New},
		{"output", "voice", voice.NewOutput},
		{"output", "webhook", webhook.New},
		{"task_master", "central", taskmaster.New},
	}
}

// Lookup returns what makes a component of this kind and type, with the hooks, pipes and Python files that it has.
func Lookup(kind, typ string) (func(component.Spec) (component.Kind, error), bool) {
	list := List()
	i := slices.IndexFunc(list, func(e Entry) bool { return e.Kind == kind && e.Type == typ })
	if i < 0 {
		return nil, false
	}
	return func(spec component.Spec) (component.Kind, error) {
		k, err := list[i].New(spec)
		if err != nil {
			return nil, err
		}
		return listening.Wrap(k, spec), nil
	}, true
}

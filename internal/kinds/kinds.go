// Package kinds lists the built-in components: one table of what `kind type` in a .ww file is made by.
package kinds

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/agentllm"
	"github.com/woodwork-lang/ww/internal/kinds/apiweb"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
	"github.com/woodwork-lang/ww/internal/kinds/commandline"
	"github.com/woodwork-lang/ww/internal/kinds/console"
	"github.com/woodwork-lang/ww/internal/kinds/echo"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/fileoutput"
	"github.com/woodwork-lang/ww/internal/kinds/functions"
	"github.com/woodwork-lang/ww/internal/kinds/httpinput"
	"github.com/woodwork-lang/ww/internal/kinds/knowledgebase"
	"github.com/woodwork-lang/ww/internal/kinds/listening"
	"github.com/woodwork-lang/ww/internal/kinds/llm"
	"github.com/woodwork-lang/ww/internal/kinds/mcpserver"
	"github.com/woodwork-lang/ww/internal/kinds/memory"
	"github.com/woodwork-lang/ww/internal/kinds/process"
	"github.com/woodwork-lang/ww/internal/kinds/pyfile"
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
	// Takes is which types of message it takes; nil: its program says so.
	Takes func() []string
}

// passing is for what only works on the messages of turns.
func passing() []string { return []string{event.TypeText} }

// asked is for what others may also ask.
func asked() []string { return append(passing(), event.TypeProcess) }

// conversing is for models, which agents hold conversations with.
func conversing() []string { return append(asked(), chat.Type) }

// List returns the built-in components in the order of Kind, then Type.
func List() []Entry {
	return []Entry{
		{"agent", "llm", agentllm.New, asked},
		{"agent", "scripted", scripted.NewAgent, asked},
		{"api", "functions", functions.New, asked},
		{"api", "web", apiweb.New, asked},
		{"core", "code", workspace.New, asked},
		{"core", "command_line", workspace.New, asked},
		{"custom", "process", process.New, nil},
		{"custom", "scripted", scripted.NewTool, asked},
		{"custom", "tool", functions.NewTool, asked},
		{"environment", "coding", workspace.New, asked},
		{"input", "api", httpinput.New, passing},
		{"input", "command_line", commandline.New, passing},
		{"input", "keyword_voice", voice.New, passing},
		{"input", "push_to_talk", voice.New, passing},
		{"knowledge_base", "chroma", knowledgebase.New, asked},
		{"knowledge_base", "neo4j", knowledgebase.NewNeo4j, asked},
		{"knowledge_base", "text_file", knowledgebase.NewTextFile, asked},
		{"llm", "claude", llm.New, conversing},
		{"llm", "echo", echo.New, conversing},
		{"llm", "hugging_face", llm.New, conversing},
		{"llm", "ollama", llm.New, conversing},
		{"llm", "openai", llm.New, conversing},
		{"llm", "replay", replay.New, conversing},
		{"llm", "scripted", scripted.New, conversing},
		{"mcp", "server", mcpserver.New, asked},
		{"memory", "short_term", memory.New, asked},
		{"model", "pytorch", functions.NewModel, asked},
		{"output", "console", console.New, passing},
		{"output", "file", fileoutput.New, passing},
		{"output", "voice", voice.NewOutput, passing},
		{"output", "webhook", webhook.New, passing},
		{"task_master", "central", taskmaster.New, nil},
	}
}

// Takes is the types of message that a component takes, nil for all; and those by which ww's own parts speak to each other,
// of which the .ww file knows nothing.
func Takes(spec component.Spec) (types, own []string) {
	list := List()
	if i := slices.IndexFunc(list, func(e Entry) bool { return e.Kind == spec.Kind && e.Type == spec.Type }); i >= 0 && list[i].Takes != nil {
		types = list[i].Takes()
	}
	own = []string{events.TypeHook, agentllm.TypeRecall}
	if len(spec.Files) > 0 {
		own = append(own, events.TypePipe, pyfile.TypeCall, pyfile.TypeDescribe)
	}
	return types, own
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

package process

import (
	"context"
	"encoding/json"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// hasTools says whether the process has named what it can be called for.
func (p *process) hasTools() bool { return len(p.worker.Ready().Tools) > 0 }

// description is what agents are told. One that names no tools takes whatever it is asked.
func (p *process) description() tool.Description {
	said := p.worker.Ready()
	d := tool.Description{Text: said.Description, Free: len(said.Tools) == 0}
	for _, t := range said.Tools {
		d.Functions = append(d.Functions, tool.Function{Name: t.Name, Description: t.Description, Parameters: t.InputSchema})
	}
	return d
}

// Describe implements component.Describer.
func (p *process) Describe(context.Context) (component.Result, error) {
	return p.description().Result()
}

// emit tells an event of the process: hooks hear of it as of any other, and whoever watches the bus.
func (p *process) emit(env component.Env, session, name string, data json.RawMessage) {
	if env.Emit != nil {
		env.Emit(session, name, data)
	}
	if !p.tell.Wanted(name) {
		return
	}
	fields := map[string]any{}
	if json.Unmarshal(data, &fields) != nil { // it is no object
		fields = map[string]any{"data": data}
	}
	if _, err := p.tell.Hear(session, name, fields); err != nil {
		env.Log.Warn("an event was not told", "event", name, "error", err)
	}
}

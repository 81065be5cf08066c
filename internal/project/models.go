package project

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/schema"
)

// OfflineScript is the file beside a .ww file that models play when the app runs offline.
const OfflineScript = "offline.script"

// modelKeys are the properties of an agent that brings its own model which are really the model's.
func modelKeys() []string {
	return []string{"api_key", "base_url", "temperature", "max_tokens"}
}

// implyModels gives every agent a model that has none but a key: a component of its own, right before the agent.
func (c *checker) implyModels(made []Component) []Component {
	if !slices.ContainsFunc(made, c.lacksModel) {
		return made
	}
	all := make([]Component, 0, 2*len(made))
	for _, a := range made {
		if c.lacksModel(a) {
			m := c.implied(&a)
			a.Config["model"] = Ref(m.Name)
			a.DependsOn = append(a.DependsOn, m.Name)
			all = append(all, m)
		}
		all = append(all, a)
	}
	return all
}

// lacksModel reports whether a component is an agent that brings its own model, which nobody has declared. When it has
// not even a key for one, its missing model has been reported.
func (c *checker) lacksModel(a Component) bool {
	_, short := a.Config["provider"].(string)
	return a.Kind == "agent" && a.Type == "llm" && !isRef(a.Config["model"]) && (short || a.Config["api_key"] != nil || c.offline)
}

// implied takes the model out of an agent.
func (c *checker) implied(a *Component) Component {
	provider, short := a.Config["provider"].(string)
	if !short {
		provider = "openai"
	}
	name := a.Name + "_model"
	for c.linked.names[name] != nil || c.kinds[name] != nil {
		name += "_"
	}
	c.kinds[name], _ = c.schema.Find("llm", provider)
	m := Component{Name: name, Kind: "llm", Type: provider, Config: map[string]any{}, Implied: true, Span: a.Span}
	for _, key := range modelKeys() {
		if v, ok := a.Config[key]; ok {
			m.Config[key] = v
			delete(a.Config, key)
		}
	}
	if text, ok := a.Config["model"].(string); ok {
		m.Config["model"] = text
	}
	delete(a.Config, "provider")
	return m
}

func isRef(v any) bool {
	_, ok := v.(Ref)
	return ok
}

// playModels replaces every model of a service by one that needs neither key nor network.
func (p *Project) playModels(script string) {
	if script == "" {
		if info, err := os.Stat(filepath.Join(p.Dir, OfflineScript)); err == nil && info.Mode().IsRegular() {
			script = OfflineScript
		}
	}
	for i := range p.Components {
		c := &p.Components[i]
		if _, server := c.Config["uri"]; server && (c.Kind == "agent" || c.Kind == "decomposer") { // plans are kept here instead
			config := maps.Clone(c.Config)
			delete(config, "uri")
			c.Config = config
		}
		if c.Kind == "knowledge_base" || c.Kind == "environment" || c.Kind == "core" || c.Kind == "input" || c.Kind == "output" {
			c.atHome()
			continue
		}
		if !service(*c) {
			continue
		}
		p.Played = append(p.Played, c.Name)
		config := map[string]any{"offline": true}
		if script != "" {
			config["script"] = script
		}
		for _, key := range []string{"to", "memory", "hooks", "pipes", "knowledge_base", "orchestration_mode", "deployment"} {
			if v, ok := c.Config[key]; ok {
				config[key] = v
			}
		}
		c.Declared, c.Type, c.Config = c.Type, "scripted", config
	}
}

// atHome makes a component need neither key nor network.
func (c *Component) atHome() {
	config := maps.Clone(c.Config)
	switch c.Type {
	case "chroma":
		delete(config, "url")
		config["embedding"] = "local"
	case "neo4j", "coding", "code", "push_to_talk", "keyword_voice", "voice":
		config["offline"] = true
	case "command_line":
		if c.Kind == "input" {
			return
		}
		config["offline"] = true
	}
	c.Config = config
}

// service reports whether a component is a model that somebody else runs.
func service(c Component) bool {
	return c.Kind == "llm" && slices.Contains(schema.Services(), c.Type)
}

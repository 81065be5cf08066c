package project

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
)

// elsewhere says so when a block asks for something that is not on this machine.
func (c *checker) elsewhere(e *entry, k *schema.Kind, config map[string]any) {
	if _, typ := meaning(k); typ != "local" {
		c.report(localOnly(e.decl.Body.Kind.Range, k.Name()))
		return
	}
	for _, p := range e.decl.Body.Pairs {
		if p.Key.Name == "message_bus" && p.Value != nil {
			c.remote(p.Value.Span(), "message_bus", config["message_bus"])
		}
	}
}

// remote is elsewhere for a bus or deployment that is written as text or as a block inside another one.
func (c *checker) remote(at diag.Span, key string, v any) {
	if what := carrier(v); isElsewhere(what) {
		c.report(localOnly(at, key+" "+what))
	}
}

// isElsewhere reports whether a kind of bus or deployment is not on this machine.
func isElsewhere(what string) bool {
	switch what {
	case "", "local", "memory", "in_memory", "auto":
		return false
	}
	return true
}

// carrier is what kind of bus or deployment a value means; "" when it does not say.
func carrier(v any) string {
	switch v := v.(type) {
	case string:
		scheme, _, _ := strings.Cut(v, "://")
		return scheme
	case Secret:
		return carrier(string(v))
	case map[string]any:
		if typ, ok := v["type"].(string); ok {
			return typ
		}
		return carrier(v["url"])
	}
	return ""
}

// carried takes what the block of the bus says of all messages for the whole file, unless the file says it itself.
func (c *checker) carried() {
	for _, e := range c.linked.entries {
		v, _ := c.settings[e.name()].(map[string]any)
		props, _ := v["props"].(map[string]any)
		if v["kind"] == "deployment" {
			bus, _ := props["message_bus"].(map[string]any)
			if props = bus; bus["props"] != nil {
				props, _ = bus["props"].(map[string]any)
			}
		}
		if ttl := props["delivery_ttl"]; ttl != nil && c.settings["delivery_ttl"] == nil {
			c.settings["delivery_ttl"] = ttl
		}
	}
}

// block is how a typed block stands among the values of a component.
func block(kind, typ string, props map[string]any) map[string]any {
	return map[string]any{"kind": kind, "type": typ, "props": props}
}

package engine

import (
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/project"
)

// What a component says of itself counts more than what the file says of all; both reach the runner.
func TestSettingsOfTheFileHoldForEveryComponentThatDoesNotSayOtherwise(t *testing.T) {
	p := &project.Project{
		Settings: map[string]any{"durability": "disk", "max_hops": int64(9), "turn_timeout": 60.0},
		Components: []project.Component{
			{Name: "a", Kind: "input", Config: map[string]any{}},
			{Name: "b", Kind: "llm", Config: map[string]any{"durability": "process", "max_hops": int64(3), "fallback": map[string]any{"kind": "static", "text": "x"}}},
		},
	}
	a, b := Lower(p, p.Components[0], Place{}), Lower(p, p.Components[1], Place{})
	if a.Durability != component.DurabilityDisk || a.MaxHops != 9 || a.Calls["b"].Fallback.Text != "x" {
		t.Errorf("a is %+v", a)
	}
	if b.Durability != "process" || b.MaxHops != 3 || len(b.Calls) != 0 {
		t.Errorf("b is %+v", b)
	}
	if d, _ := p.Given(p.Components[0]).Duration("turn_timeout"); d != time.Minute {
		t.Errorf("turns of a have %s", d)
	}
	if len(p.Components[0].Config) != 0 {
		t.Error("the project was changed")
	}
}

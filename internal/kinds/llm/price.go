package llm

import (
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/chat"
)

// dollars are what a million tokens cost.
type dollars struct{ in, out float64 }

// prices of models by the beginning of their names, as their makers published them; a longer beginning wins. A model that
// is not here costs an unknown amount, which counts as nothing.
func prices() map[string]dollars {
	return map[string]dollars{
		"gpt-4o-mini": {0.15, 0.60}, "gpt-4o": {2.50, 10}, "gpt-4.1": {2, 8}, "gpt-4.1-mini": {0.40, 1.60}, "gpt-4.1-nano": {0.10, 0.40},
		"gpt-5": {1.25, 10}, "gpt-5-mini": {0.25, 2}, "gpt-5-nano": {0.05, 0.40}, "o3": {2, 8}, "o4-mini": {1.10, 4.40},
		"claude-sonnet-4": {3, 15}, "claude-opus-4": {15, 75}, "claude-opus-4-5": {5, 25}, "claude-haiku-4-5": {1, 5},
		"claude-3-7-sonnet": {3, 15}, "claude-3-5-sonnet": {3, 15}, "claude-3-5-haiku": {0.80, 4}, "claude-3-haiku": {0.25, 1.25},
	}
}

func price(model string, u chat.Usage) float64 {
	best, cost := "", dollars{}
	for name, d := range prices() {
		if strings.HasPrefix(model, name) && len(name) > len(best) {
			best, cost = name, d
		}
	}
	return (float64(u.In)*cost.in + float64(u.Out)*cost.out) / 1e6
}

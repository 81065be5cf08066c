package logs

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
)

// typed gives a key to the search field. Every change searches anew, on everything on disk.
func (m Model) typed(k tea.KeyMsg) (Model, order.Order) {
	switch {
	case key.Matches(k, m.keys.accept):
		m.typing = false
		return m, nil
	case key.Matches(k, m.keys.clear):
		m.typing, m.field, m.problem = false, kit.Editor{}, ""
		if m.grep == nil {
			return m, nil
		}
		m.grep = nil
		return m.ask()
	}
	field, took := m.field.Update(k)
	if !took || field.Value() == m.field.Value() {
		m.field = field
		return m, nil
	}
	m.field, m.problem = field, ""
	if field.Empty() {
		m.grep = nil
		return m.ask()
	}
	re, err := regexp.Compile(smart(field.Value()))
	if err != nil {
		m.problem = "not a regular expression yet: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return m, nil
	}
	m.grep = re
	return m.ask()
}

// smart ignores case as long as the pattern has no capital letter.
func smart(pattern string) string {
	if strings.ToLower(pattern) == pattern {
		return "(?i)" + pattern
	}
	return pattern
}

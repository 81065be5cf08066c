package fleet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/kit"
)

// ordering is which rows are shown, and in which order.
type ordering struct {
	by     int    // which of sorts
	filter string // words that a row must have
	typing bool   // the filter has the keys
	field  kit.Editor
}

// sorts are the orders, the usual one first. Within the same value the order of the app holds.
var sorts = [...]struct {
	name    string
	compare func(a, b *state.Component) int
}{
	{"name", func(a, b *state.Component) int { return 0 }},
	{"state", func(a, b *state.Component) int { return cmp.Compare(urgency(a), urgency(b)) }},
	{"load", func(a, b *state.Component) int { return cmp.Compare(b.InFlight+b.Queued, a.InFlight+a.Queued) }},
	{"time", func(a, b *state.Component) int { return cmp.Compare(b.Pace.Service, a.Pace.Service) }},
	{"memory", func(a, b *state.Component) int { return cmp.Compare(b.Usage.Memory, a.Usage.Memory) }},
	{"cpu", func(a, b *state.Component) int { return cmp.Compare(b.Usage.CPU, a.Usage.CPU) }},
	{"restarts", func(a, b *state.Component) int { return cmp.Compare(b.Restarts, a.Restarts) }},
}

// urgency is lower for what needs a person sooner.
func urgency(c *state.Component) int {
	return slices.Index([]state.Word{state.Failed, state.Starting, state.Draining, state.Stopped, state.Active, state.Ready}, c.State)
}

// Typing says that letters go into the filter.
func (m Model) Typing() bool { return m.order.typing }

// sorted goes on to the next order.
func (m Model) sorted() Model {
	m.order.by = (m.order.by + 1) % len(sorts)
	return m.arrange(true)
}

// arrange makes the shown rows from all of them. Without again rows keep the places they had, and new ones come last.
func (m Model) arrange(again bool) Model {
	before := m.rows
	m.rows = slices.DeleteFunc(slices.Clone(m.all), func(r row) bool { return !r.has(m.order.filter) })
	by := sorts[m.order.by]
	switch {
	case m.order.by == 0: // as the app has them
	case again:
		slices.SortStableFunc(m.rows, func(a, b row) int { return by.compare(&a.Component, &b.Component) })
	default:
		place := func(r row) int {
			if i, ok := find(before, r.Name, r.Instance); ok {
				return i
			}
			if i := slices.IndexFunc(before, func(o row) bool { return o.Name == r.Name && o.Ordinal == r.Ordinal }); i >= 0 {
				return i // another instance stands for it
			}
			return len(before)
		}
		slices.SortStableFunc(m.rows, func(a, b row) int { return cmp.Compare(place(a), place(b)) })
	}
	m.selected = m.where()
	there := slices.ContainsFunc(m.all, func(r row) bool { return r.Name == m.held[0] }) // perhaps not shown
	if r, ok := m.current(); ok && (!there || m.held[0] == r.Name) {
		m.held = [2]string{r.Name, r.Instance}
	}
	return m.enable()
}

// where finds the row that stands for what was chosen. While that is not shown, the list keeps its place.
func (m Model) where() int {
	if i, ok := find(m.rows, m.held[0], m.held[1]); ok {
		return i
	}
	if i := slices.IndexFunc(m.rows, func(r row) bool { return r.Name == m.held[0] }); i >= 0 {
		return i
	}
	return max(0, min(m.selected, len(m.rows)-1))
}

// pick chooses a row.
func (m Model) pick(i int) Model {
	m.selected, m.chosen, m.down = max(0, min(i, len(m.rows)-1)), true, 0
	if r, ok := m.current(); ok {
		m.held = [2]string{r.Name, r.Instance}
	}
	return m
}

// has says whether a row has every word: in its name, instance, kind, type or state.
func (r row) has(words string) bool {
	if words == "" {
		return true
	}
	text := strings.ToLower(strings.Join([]string{r.Name, r.Instance, r.Kind, r.Type, string(r.State)}, " "))
	for w := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// typed gives a key to the filter.
func (m Model) typed(k tea.KeyMsg) Model {
	switch {
	case key.Matches(k, m.keys.accept):
		m.order.typing = false
		return m
	case k.String() == "esc" || key.Matches(k, m.keys.clear):
		m.order.typing = false
		return m.filtered(kit.Editor{})
	}
	field, took := m.order.field.Update(k)
	if !took || strings.Contains(field.Value(), "\n") {
		return m
	}
	return m.filtered(field)
}

func (m Model) filtered(by kit.Editor) Model {
	m.order.field, m.order.filter = by, strings.TrimSpace(by.Value())
	return m.arrange(false)
}

// how says, at the foot of the list, what is shown in which order.
func (m Model) how() string {
	var parts []string
	if m.order.by > 0 {
		parts = append(parts, "sort: "+sorts[m.order.by].name)
	}
	if m.order.typing || m.order.filter != "" {
		text := "/" + kit.CleanLine(m.order.field.Value())
		if m.order.typing {
			text += m.theme.Marks.Cursor
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " "+m.theme.Marks.Dot+" ")
}

package tui

import (
	"path"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/chat"
	"github.com/woodwork-lang/ww/tui/fleet"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/palette"
	"github.com/woodwork-lang/ww/tui/sheet"
	"github.com/woodwork-lang/ww/tui/theme"
)

// pane is what can have the focus.
type pane int

const (
	rightPane pane = iota
	fleetPane
	paneCount
)

// overlay is what covers the panes.
type overlay struct {
	help    bool
	scroll  int            // lines of the help above the screen
	palette *palette.Model // nil: closed
	sheet   *sheet.Model   // nil: closed
}

// flash is a line in the footer for a few seconds.
type flash struct {
	text  string
	bad   bool
	until time.Time
}

// flashFor is how long it stays.
const flashFor = 5 * time.Second

// model is the whole screen. It routes messages and places panes; what a pane shows is the pane's business.
type model struct {
	do     commands
	look   theme.Options
	theme  *theme.Theme
	keys   keyMap
	state  state.State
	now    time.Time
	screen screen
	focus  pane
	tab    order.Pane
	zoom   bool // the pane with the focus has the whole screen
	wiring graph.Graph
	over   overlay

	replaying replaying
	setback   string // why what was saved last does not run; empty: it does

	flash flash
	drag  drag
	plain plain
	early []state.TurnCalled // calls of turns that were asked elsewhere and are not known yet
	wrong string             // with the file of keys
	lost  bool               // no more events will come
	leave int                // how often the user has asked to quit

	fleet fleet.Model
	panes panes
}

// newModel is the screen of that picture. It learns its size from the first message.
func newModel(do commands, look theme.Options, snap state.State, now time.Time) model {
	th := theme.New(look)
	m := model{
		do: do, look: look, theme: th, keys: newKeys(do.keys), state: snap, now: now,
		fleet: fleet.New(th, do.keys), panes: newPanes(th, do.keys),
	}
	return m.heed(snap.Notice).refill().arrange()
}

// Init asks for the time, which starts the clock, and readies the terminal.
func (m model) Init() tea.Cmd { return tea.Batch(m.do.now(), m.do.prepare()) }

// refill gives the panes the picture.
func (m model) refill() model {
	s := m.state
	kinds := make(map[string]string, len(s.Components))
	for _, c := range s.Components {
		kinds[c.Name] = c.Kind
	}
	logs := ""
	if s.Dir != "" {
		logs = s.Dir + "/logs"
	}
	m.fleet = m.fleet.With(s.Components, m.now).WithLogs(logs).WithMode(s.ModeNote)
	m.panes.chat = m.panes.chat.With(s.Session, s.Turns, kinds).WithHello(chat.Hello(appName(s), s.Ready, failed(s.Components)))
	m.panes.chains = m.panes.chains.With(s.Turns)
	m.panes.logs = m.panes.logs.WithSession(s.Session)
	m.panes.graph = m.panes.graph.With(m.wiring, s.Components, s.Turns, s.Faults)
	m.panes.config = m.panes.config.WithRoot(m.root()).With(s.Diagnostics, s.Sources, s.Generation, s.Plan).WithSetback(m.setback)
	return m
}

// arrange gives the panes their places and the focus.
func (m model) arrange() model {
	m.screen = layout(m.screen.W, m.screen.H, m.focus, m.zoom)
	on := m.focused()
	m.fleet = m.fleet.WithSize(m.screen.Fleet.W, m.screen.Fleet.H, m.screen.Framed).WithFocus(on == fleetPane).WithWay(m.keys.nextPane.Help().Key)
	right := m.screen.Right
	if m.over.sheet != nil {
		p := m.over.sheet.WithSize(m.screen.W, m.screen.bodyHeight())
		m.over.sheet = &p
	}
	m.panes = m.panes.place(m.tab, m.title(right.W), right.W, right.H, on == rightPane)
	return m
}

// focused is the pane that gets the keys: never one that is not on the screen, because nobody can see what is
// typed there. Before the size is known, keys typed ahead are for the text field.
func (m model) focused() pane {
	if m.focus == rightPane && m.screen.W > 0 && !m.screen.Right.shown() {
		return fleetPane
	}
	return m.focus
}

// active are the keys that act now.
func (m model) active() keyMap {
	keys := m.keys.forFocus(m.typing(), m.hasPanes())
	keys.unplay.SetEnabled(m.replaying.session != "")
	return keys
}

// typing says that letters go into a text field.
func (m model) typing() bool {
	if m.focused() == rightPane {
		return m.panes.typing(m.tab)
	}
	return m.fleet.Typing()
}

// hasPanes says that there is room for more than the fleet.
func (m model) hasPanes() bool { return m.screen.Tabs.shown() || m.screen.Right.shown() }

// root is the directory of the app.
func (m model) root() string {
	if m.state.File == "" {
		return ""
	}
	return path.Dir(m.state.File)
}

// failed are the components that do not run, each once.
func failed(components []state.Component) []string {
	var names []string
	for _, c := range components {
		if name := kit.CleanLine(c.Name); c.State == state.Failed && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func appName(s state.State) string {
	if s.App == "" {
		return "the app"
	}
	return s.App
}

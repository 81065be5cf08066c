package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/theme"
)

// clumsy is a screen that breaks where it is told to.
type clumsy struct{ update, view bool }

func (clumsy) Init() tea.Cmd { return nil }
func (c clumsy) Update(tea.Msg) (tea.Model, tea.Cmd) {
	if c.update {
		panic("in Update")
	}
	return c, nil
}

func (c clumsy) View() string {
	if c.view {
		panic("in View")
	}
	return "fine"
}

func TestAPanicIsRecordedOnce(t *testing.T) {
	t.Parallel()
	rec := newRecord(nil)
	next, cmd := guarded{clumsy{update: true}, rec}.Update(tea.WindowSizeMsg{})
	if !quits(cmd) || next == nil {
		t.Error("a panic in Update does not end the program")
	}
	if got := (guarded{clumsy{view: true}, rec}).View(); got != "" {
		t.Errorf("a broken view shows %q", got)
	}
	dir := t.TempDir()
	if err := rec.report(dir); err == nil || !strings.Contains(err.Error(), "in Update") {
		t.Errorf("reported %v", err)
	}
	if err := rec.report(filepath.Join(dir, "nowhere")); err == nil || !strings.Contains(err.Error(), "could not be written") {
		t.Errorf("reported %v", err)
	}
	if err := newRecord(nil).report(dir); err != nil {
		t.Errorf("without a panic: %v", err)
	}
}

func TestTheRecordIsBounded(t *testing.T) {
	t.Parallel()
	rec := newRecord(nil)
	for i := range 3 * keptMessages {
		rec.add(eventsMsg{events: make([]state.Event, 5000)})
		rec.add(tea.WindowSizeMsg{Width: i})
	}
	if len(rec.last) != keptMessages {
		t.Errorf("%d messages are kept", len(rec.last))
	}
	for _, m := range rec.last {
		if e, ok := m.(eventsMsg); ok && cap(e.events) > 2*keptEvents {
			t.Fatalf("%d events of a batch are kept", cap(e.events))
		}
	}
	if last := rec.last[keptMessages-1].(tea.WindowSizeMsg); last.Width != 3*keptMessages-1 {
		t.Errorf("the last message is %+v", last)
	}
}

func TestTheTraceHasEveryMessage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trace")
	f, err := privateFile("WW_TUI_TRACE", func(string) string { return path })
	if err != nil {
		t.Fatal(err)
	}
	g := guarded{clumsy{}, newRecord(f)}
	g.Update(tea.WindowSizeMsg{Width: 7})
	g.Update(lostMsg{})
	f.Close()
	got, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(got), "tea.WindowSizeMsg {Width:7 Height:0}") || !strings.Contains(string(got), "tui.lostMsg") {
		t.Errorf("the trace is %q (%v)", got, err)
	}
	err = Run(context.Background(), newFake(), Options{Getenv: func(k string) string {
		return map[string]string{"WW_TUI_TRACE": filepath.Join(path, "not-a-directory")}[k]
	}})
	if err == nil || !strings.Contains(err.Error(), "WW_TUI_TRACE") {
		t.Errorf("a trace that cannot be written: %v", err)
	}
}

func TestTheEnvironmentDecidesTheLook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		env  string
		want theme.Options
	}{
		{"TERM=xterm LANG=de_DE.UTF-8 NO_COLOR=1", theme.Options{Profile: termenv.Ascii}},
		{"TERM=xterm LANG=de_DE.utf8 WW_NO_COLOR=1", theme.Options{Profile: termenv.Ascii}},
		{"TERM=dumb", theme.Options{Profile: termenv.Ascii, ASCII: true, Plain: true}},
		{"TERM=xterm NO_COLOR=1 LC_ALL=C LANG=en_US.UTF-8", theme.Options{Profile: termenv.Ascii, ASCII: true}},
		{"TERM=xterm NO_COLOR=1 LANG=POSIX", theme.Options{Profile: termenv.Ascii, ASCII: true}},
		{"TERM=xterm NO_COLOR=1 WW_ASCII=1", theme.Options{Profile: termenv.Ascii, ASCII: true}},
		{"TERM=xterm NO_COLOR=1 COLORFGBG=0;15", theme.Options{Profile: termenv.Ascii, Light: true}},
		{"TERM=xterm NO_COLOR=1 COLORFGBG=15;0", theme.Options{Profile: termenv.Ascii}},
	}
	for _, tt := range tests {
		env := map[string]string{}
		for _, kv := range strings.Fields(tt.env) {
			k, v, _ := strings.Cut(kv, "=")
			env[k] = v
		}
		o := Options{Getenv: func(k string) string { return env[k] }}.withDefaults()
		if got := o.look(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.env, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", tt.want))
		}
	}
}

package tui

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// TestMain also makes the test binary a small demonstration: go test -c, then WW_TUI_DEMO=1 ./tui.test shows an
// app that echoes, on the terminal it was started in.
func TestMain(m *testing.M) {
	if os.Getenv("WW_TUI_DEMO") == "" {
		golden.Main(m, "tui/app")
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := newFake()
	go f.live(ctx)
	err := Run(ctx, f, Options{})
	cancel()
	fmt.Println("left:", err)
}

// live keeps the demonstration moving.
func (f *fake) live(ctx context.Context) {
	notes := state.Component{
		Name: "notes", Kind: "memory", Type: "short_term", State: state.Failed, Restarts: 3, SuccessRate: 0.5,
		Reason:    "exit status 1: ModuleNotFoundError: No module named 'sqlite_vec'",
		LastLines: []string{`File "notes.py", line 3, in <module>`, "import sqlite_vec"},
	}
	f.events <- []state.Event{state.ComponentChanged{Component: notes}}
	beat := time.NewTicker(2 * time.Second)
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			for _, c := range f.snap.Components {
				f.events <- []state.Event{state.Heartbeat{Name: c.Name, Instance: c.Instance, At: now, Health: event.Health{Max: 10, SuccessRate: 1}}}
			}
		case text := <-f.sent:
			f.answer(fmt.Sprint(f.turns.Load()), text)
		}
	}
}

func (f *fake) answer(id, text string) {
	if strings.HasPrefix(text, "fail") {
		f.end(id, event.StatusFailed, "", "connection refused")
		return
	}
	said := "You said: " + text + "\n\n- first, a list whose items are long enough to be wrapped somewhere\n- second\n\n```\nfunc main() {}\n```\nDone."
	at := 0
	for _, w := range strings.SplitAfter(said, " ") {
		f.stream(id, at, w)
		at += len(w)
		time.Sleep(80 * time.Millisecond) //nolint:forbidigo // a demonstration for a person
	}
	f.end(id, event.StatusOK, said, "")
}

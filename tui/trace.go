package tui

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

const (
	keptMessages = 200 // how many messages a crash report has
	keptEvents   = 20  // how many events or lines of a batch are kept in memory for it
	crashFile    = "tui-crash.txt"
)

// record remembers the last messages and the first panic. It is shared by the event loop and by commands.
type record struct {
	out     io.Writer     // every message goes here; nil when no trace is wanted
	crashed chan struct{} // closed by the first panic

	mu    sync.Mutex // guards what follows
	last  []tea.Msg
	what  any
	stack []byte
}

func newRecord(out io.Writer) *record { return &record{out: out, crashed: make(chan struct{})} }

// add remembers a message. It is formatted only when somebody reads it.
func (r *record) add(msg tea.Msg) {
	msg = few(msg)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last) == keptMessages {
		r.last = append(r.last[:0], r.last[1:]...)
	}
	r.last = append(r.last, msg)
}

// few is a message with only the first of its many parts: the others are not kept for a crash that does not come.
func few(msg tea.Msg) tea.Msg {
	switch m := msg.(type) {
	case eventsMsg:
		m.events = slices.Clone(m.events[:min(len(m.events), keptEvents)])
		return m
	case heardMsg:
		m.events = slices.Clone(m.events[:min(len(m.events), keptEvents)])
		return m
	case linesMsg:
		m.found = m.found.First(keptEvents)
		return m
	}
	return msg
}

// trace writes a message to the trace file.
func (r *record) trace(msg tea.Msg) {
	if r.out == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, "%s %T %+v\n", time.Now().Format("15:04:05.000"), msg, msg)
}

// crash keeps the first panic and where it was.
func (r *record) crash(what any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.what != nil {
		return
	}
	r.what, r.stack = what, debug.Stack()
	close(r.crashed)
}

// report writes the crash to dir and returns the sentence for the user; nil when nothing crashed.
func (r *record) report(dir string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.what == nil {
		return nil
	}
	if dir == "" {
		dir = os.TempDir()
	}
	path := filepath.Join(dir, crashFile)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return crashed(r.what, path, err)
	}
	defer f.Close()
	fmt.Fprintf(f, "panic: %v\n\n%s\nlast messages, oldest first:\n", r.what, r.stack)
	for _, m := range r.last {
		fmt.Fprintf(f, "%T %+v\n", m, m)
	}
	return crashed(r.what, path, f.Sync())
}

// guarded keeps a panic of the screen from leaving the terminal in a mess: it is recorded, the program ends in
// order, and Run says where the trace is.
type guarded struct {
	tea.Model

	record *record
}

func (g guarded) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if p := recover(); p != nil {
			g.record.crash(p)
			next, cmd = g, tea.Quit
		}
	}()
	g.record.add(msg)
	g.record.trace(msg)
	g.Model, cmd = g.Model.Update(msg)
	return g, cmd
}

func (g guarded) View() (view string) {
	defer func() {
		if p := recover(); p != nil {
			g.record.crash(p)
			view = ""
		}
	}()
	return g.Model.View()
}

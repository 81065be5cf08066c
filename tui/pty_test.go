//go:build unix

package tui

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

// glass is a terminal with the app running in it: what the keys of a person reach and what that person sees.
type glass struct {
	t       *testing.T
	term    vt10x.Terminal
	keys    *os.File // the person's side
	tty     *os.File // the program's side
	before  *term.State
	changed chan struct{}
	done    chan error

	mu  sync.Mutex // guards raw
	raw bytes.Buffer
}

// patience is how long a test waits for a screen that never comes.
const patience = 30 * time.Second

func open(ctx context.Context, t *testing.T, b Backend, w, h int) *glass {
	t.Helper()
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close(); keys.Close() })
	if err := pty.Setsize(keys, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	g := &glass{
		t: t, term: vt10x.New(vt10x.WithSize(w, h), vt10x.WithWriter(keys)), keys: keys, tty: tty, before: before,
		changed: make(chan struct{}, 1), done: make(chan error, 1),
	}
	go g.watch()
	env := map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8", "EDITOR": "sh " + filepath.Join("testdata", "editor.sh")}
	go func() {
		g.done <- Run(ctx, b, Options{In: tty, Out: tty, Getenv: func(k string) string { return env[k] }})
	}()
	return g
}

// Write notes what the program says to its terminal.
func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.raw.Write(p)
}

func (g *glass) said() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.raw.String()
}

// watch draws what the program says.
func (g *glass) watch() {
	out := bufio.NewReader(io.TeeReader(g.keys, g))
	for g.term.Parse(out) == nil {
		select {
		case g.changed <- struct{}{}:
		default:
		}
	}
}

func (g *glass) press(keys string) {
	g.t.Helper()
	if _, err := io.WriteString(g.keys, keys); err != nil {
		g.t.Fatal(err)
	}
}

// until waits for a screen that has all of the texts.
func (g *glass) until(texts ...string) {
	g.t.Helper()
	g.wait(fmt.Sprintf("%q", texts), func(s string) bool {
		for _, want := range texts {
			if !strings.Contains(s, want) {
				return false
			}
		}
		return true
	})
}

func (g *glass) wait(what string, ok func(screen string) bool) {
	g.t.Helper()
	late := time.After(patience)
	for !ok(g.term.String()) {
		select {
		case <-g.changed:
		case err := <-g.done:
			g.t.Fatalf("the program ended (%v) while waiting for %s; the screen:\n%s", err, what, g.term.String())
		case <-late:
			g.t.Fatalf("no %s; the screen:\n%s", what, g.term.String())
		}
	}
}

// ended waits for the program and checks that the terminal is as it was.
func (g *glass) ended() error {
	g.t.Helper()
	var err error
	select {
	case err = <-g.done:
	case <-time.After(patience):
		g.t.Fatalf("the program does not end; the screen:\n%s", g.term.String())
	}
	after, serr := term.GetState(g.tty.Fd())
	if serr != nil {
		g.t.Fatal(serr)
	}
	if !reflect.DeepEqual(g.before, after) {
		g.t.Errorf("the terminal's modes were not restored:\nbefore %+v\nafter  %+v", g.before, after)
	}
	// What the program wrote last may still be on its way: write a mark behind it and wait for that.
	io.WriteString(g.tty, "<the end>")
	late := time.After(patience)
	for !strings.Contains(g.term.String(), "<the end>") {
		select {
		case <-g.changed:
		case <-late:
			g.t.Fatalf("the terminal is stuck; the screen:\n%s", g.term.String())
		}
	}
	if mode := g.term.Mode(); mode&vt10x.ModeAltScreen != 0 || mode&vt10x.ModeHide != 0 || mode&vt10x.ModeWrap == 0 {
		g.t.Errorf("the screen was left with mode %b: alternate screen, hidden cursor or no line wrap", mode)
	}
	for _, mode := range []string{"2004", "1000", "1002", "1003", "1006", "1049"} {
		said := g.said()
		if on, off := strings.LastIndex(said, "\x1b[?"+mode+"h"), strings.LastIndex(said, "\x1b[?"+mode+"l"); on > off {
			g.t.Errorf("mode %s was left on", mode)
		}
	}
	return err
}

// field waits until the text field holds exactly text.
func (g *glass) field(text string) {
	g.t.Helper()
	g.wait(fmt.Sprintf("text field with %q", text), func(s string) bool {
		i := strings.LastIndex(s, "│ › ")
		if i < 0 {
			return false
		}
		line, _, _ := strings.Cut(s[i+len("│ › "):], "│")
		return strings.TrimSpace(line) == text
	})
}

func TestAPersonTalksLooksAroundAndLeaves(t *testing.T) {
	t.Parallel()
	f := newFake()
	g := open(t.Context(), t, f, 80, 24)
	g.until("hello is ready", "● brain", "pid 41207 · llm", "♥", "0/10", "▸ chat")
	g.press("hello, is anybody there?")
	g.field("hello, is anybody there?")
	g.press("\r")
	g.until("working…")
	g.field("")
	f.stream("1", 0, "Yes, I am ")
	g.until("brain    Yes, I am")
	f.stream("1", 10, "here.")
	g.until("brain    Yes, I am here.▌")
	f.end("1", event.StatusOK, "Yes, I am here.", "")
	g.wait("whole answer", func(s string) bool { return strings.Contains(s, "Yes, I am here. ") && !strings.Contains(s, "▌") })

	g.press("\x1b[A") // up: the history
	g.field("hello, is anybody there?")
	g.press("\x15\x1b[200~two\nlines\x1b[201~") // ctrl+u, a paste
	g.until("› two", "lines")
	g.press("\t") // the other pane
	g.until("▸ fleet", "●›brain", "q quit")
	g.press("j\r")
	g.until("in (input command_line) ready", "heartbeat")
	g.press("r")
	if name := <-f.restarts; name != "in" {
		t.Errorf("%s was restarted", name)
	}
	g.until("in was restarted")
	g.press("?")
	g.until("▸ help", "everywhere")
	g.press("\x1b")
	// A screen is drawn from its top: until the help is gone from there the card below it may still be the one from before,
	// and esc and q pressed together are another key.
	g.wait("card without the help", func(s string) bool { return !strings.Contains(s, "▸ help") && strings.Contains(s, "heartbeat") })
	g.press("q")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
	if text := <-f.sent; text != "hello, is anybody there?" {
		t.Errorf("%q was sent", text)
	}
}

func TestCtrlCLeavesFromTheTextField(t *testing.T) {
	t.Parallel()
	g := open(t.Context(), t, newFake(), 80, 24)
	g.press("half a sent")
	g.field("half a sent")
	g.press("\x03")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestTheEndOfTheContextEndsTheScreen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	g := open(ctx, t, newFake(), 80, 24)
	g.until("hello is ready")
	cancel()
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestTheScreenFollowsTheSizeOfTheTerminal(t *testing.T) {
	g := open(t.Context(), t, newFake(), 80, 24) // not parallel: the signal reaches every screen of this process
	g.until("hello is ready")
	for _, size := range []struct {
		w, h int
		want []string
	}{
		{50, 15, []string{"▸ chat", "fleet  [1 chat] of 7"}},
		{20, 5, []string{"●›brain     ready", "? help · q quit"}},
		{120, 40, []string{"kind        pid  beat  load", "hello is ready"}},
	} {
		g.term.Resize(size.w, size.h)
		if err := pty.Setsize(g.keys, &pty.Winsize{Cols: uint16(size.w), Rows: uint16(size.h)}); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
			t.Fatal(err)
		}
		g.until(size.want...)
	}
	g.press("\x03")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// The signal of a new size may come before anybody listens for it, or never.
func TestTheScreenFollowsTheSizeWithoutASignal(t *testing.T) {
	t.Parallel()
	g := open(t.Context(), t, newFake(), 80, 24)
	g.until("hello is ready")
	g.term.Resize(120, 40)
	if err := pty.Setsize(g.keys, &pty.Winsize{Cols: 120, Rows: 40}); err != nil {
		t.Fatal(err)
	}
	g.until("kind        pid  beat  load", "hello is ready")
	g.press("\x03")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// TestKeysWorkUnderAFlood: while events come as fast as they can be sent, a person can type, see it and leave.
func TestKeysWorkUnderAFlood(t *testing.T) {
	t.Parallel()
	f := newFake()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			id := fmt.Sprint("flood", i/50)
			events := []state.Event{
				state.Heartbeat{Name: "brain", Instance: "brain-k3q9", At: time.Now(), Health: event.Health{InFlight: i % 10, Max: 10}},
				state.TurnStarted{Turn: state.Turn{ID: id, Session: "s-7f2a", Text: "flood", StartedAt: time.Now()}},
				state.TurnChunk{Turn: id, Chunk: event.Chunk{Stream: id, Offset: i % 50, Text: "x"}},
			}
			select {
			case f.events <- events:
			case <-ctx.Done():
			}
		}
	}()
	g := open(ctx, t, f, 80, 24)
	g.until("xxx")
	g.press("still here")
	g.field("still here")
	g.press("\t")
	g.until("▸ fleet")
	g.press("q")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestARefusedMessageIsTold(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.refuse = func(string) error { return errors.New("in takes no more: 250 turns wait") }
	g := open(t.Context(), t, f, 80, 24)
	g.until("hello is ready")
	g.press("hello\r")
	g.until("not sent: in takes no more")
	g.field("hello")
	g.press("\x03")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestAPanicLeavesTheTerminalAndATrace(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.snap.Dir = t.TempDir()
	f.refuse = func(string) error { panic("boom") }
	g := open(t.Context(), t, f, 80, 24)
	g.until("hello is ready")
	g.press("hello\r")
	err := g.ended()
	path := filepath.Join(f.snap.Dir, crashFile)
	if err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), path) {
		t.Errorf("Run returned %v; it should tell of the panic and of %s", err, path)
	}
	trace, rerr := os.ReadFile(path)
	if rerr != nil {
		t.Fatal(rerr)
	}
	for _, want := range []string{"panic: boom", "fake_test.go", "tea.KeyMsg", "tea.WindowSizeMsg"} {
		if !bytes.Contains(trace, []byte(want)) {
			t.Errorf("the trace has no %q:\n%s", want, trace)
		}
	}
	if info, serr := os.Stat(path); serr == nil && info.Mode().Perm() != 0o600 {
		t.Errorf("the trace has mode %v", info.Mode())
	}
}

// TestTheEditorHasTheTerminalAndGivesItBack: it reads from the terminal itself, its text is in the field at once, and keys,
// a paste and the mouse work afterwards.
func TestTheEditorHasTheTerminalAndGivesItBack(t *testing.T) {
	t.Parallel()
	f := newFake()
	g := open(t.Context(), t, f, 80, 24)
	g.until("hello is ready")
	g.press("draft\x0f") // ctrl+o
	g.until("› draft of a terminal")
	g.press("\x1b[200~ and\rmore\x1b[201~")
	g.until("of a terminal and", "  more")
	g.press("\x1b[<0;5;6M\x1b[<0;5;6m") // a click into the fleet
	g.until("▸ fleet")
	g.press("q")
	if err := g.ended(); err != nil {
		t.Errorf("Run returned %v", err)
	}
	said := g.said()
	if on := strings.LastIndex(said, "\x1b[?1002h"); on < strings.Index(said, "\x1b[?1002l") {
		t.Error("the mouse was not taken back")
	}
}

// Package tui shows a running app in a terminal and takes the user's orders.
//
// What it knows comes from a [Backend] as one picture and the changes after it; what it asks goes back through the
// same Backend. The parts: bridge.go brings changes in, update.go routes every message, the packages below draw
// one pane each, layout.go places them, cmds.go is the only way out.
package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/tui/canvas"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/order"
	"github.com/woodwork-lang/ww/tui/theme"
)

// Backend is what the screen asks of a running app.
type Backend interface {
	// Subscribe returns the picture and the changes that follow it, without a gap and without a repeat. The
	// channel is a mailbox: its sender never waits for the reader. It ends with ctx; when it is closed before
	// that, the app is gone.
	Subscribe(ctx context.Context) (state.State, <-chan []state.Event)
	// Send submits text to the app's input and returns once it is accepted; the answer comes as events.
	Send(ctx context.Context, session, text string) (turn string, err error)
	// Say answers a question that a turn asks the user.
	Say(ctx context.Context, session string, a event.UserAnswer) error
	// Cancel asks for the end of a turn. Whether it was in time says the turn's end.
	Cancel(ctx context.Context, session, turn string) error
	// Restart ends the component and starts it again; Start and Stop do one of both.
	Restart(ctx context.Context, name string) error
	Start(ctx context.Context, name string) error
	Stop(ctx context.Context, name string) error
	// ReloadFiles reads the files of the app again and says what that did.
	ReloadFiles(ctx context.Context) (string, error)
	// Sessions are the sessions that can be gone on with, the one that was used last first. Talk goes on with one, or with
	// a new one when none is named: an event says which.
	Sessions(ctx context.Context) ([]state.Talk, error)
	Talk(ctx context.Context, session string) error
	// Overhear puts into the picture what turns that were asked elsewhere did since it was called last.
	Overhear(ctx context.Context) error
	// Messages and Recording are what is known of a turn, as text.
	Messages(ctx context.Context, session, turn string) (string, error)
	Recording(ctx context.Context, session, turn string) (string, error)
	// Replay asks a session again beside the app, and says as text how that went.
	Replay(ctx context.Context, o order.Replay) (string, error)
	// Why tells why an instance is as it is, and how the one before it ended, as lines with a label.
	Why(ctx context.Context, name, instance string) ([]state.Entry, error)
	// Chaos orders a practice fault of a component, or with from of what that sends to it: kill, hang, slow or drop; stop
	// ends them, all when none is named.
	Chaos(ctx context.Context, do, name, from string) error
	// Breakers asks every component for the breakers of its calls.
	Breakers(ctx context.Context) ([]state.Breaker, error)
	// OrderBreakers trips, resets or holds the breakers of every caller to a target.
	OrderBreakers(ctx context.Context, do, target, typ string) error
	// Logs is the directory of the components' log files.
	Logs() string
	// LogsAbout makes a query of them one for the lines about a session or a turn.
	LogsAbout(session, turn string, q *logbuf.Query) error
	// Listen passes on what the components tell of themselves, until ctx ends.
	Listen(ctx context.Context, take func(event.Message)) error
	// Graph is how the components are connected.
	Graph() graph.Graph
	// Config is the resolved configuration as text, secrets masked.
	Config() (string, error)
}

// Options are where the terminal is. The zero value is the process's own.
type Options struct {
	In     io.Reader           // default os.Stdin
	Out    io.Writer           // default os.Stdout
	Getenv func(string) string // default os.Getenv: TERM, NO_COLOR, WW_ASCII, WW_KEYS, WW_LINKS, WW_MOTION, WW_MOUSE, WW_THEME, WW_TUI_FRAMES, WW_TUI_TRACE, LANG, …
}

// Run shows the app until the user quits or ctx ends; both return nil. It returns [ErrKill] when the user asked
// twice. The terminal is as it was before whenever Run returns, also after a panic in here, which is an error
// that names the file with its trace.
func Run(ctx context.Context, b Backend, o Options) error {
	o = o.withDefaults()
	out, err := privateFile("WW_TUI_TRACE", o.Getenv) // it has what was typed
	if err != nil {
		return err
	}
	if out != nil {
		defer out.Close()
	}
	times, err := privateFile("WW_TUI_FRAMES", o.Getenv)
	if err != nil {
		return err
	}
	if times != nil {
		defer times.Close()
	}
	return run(ctx, b, o, out, times)
}

// asideFPS is how often the library looks whether there is something to draw: only plain lines wait for that.
const asideFPS = 5

func run(ctx context.Context, b Backend, o Options, trace, times *os.File) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rec := newRecord(nil)
	if trace != nil {
		rec.out = trace
	}
	// Before anything can happen, so that nothing is missed.
	snap, events := b.Subscribe(ctx)
	input, asked := o.input()
	keys, bad := o.keys()
	pane := canvas.New(o.Out)
	do := commands{ctx: ctx, backend: b, record: rec, term: terminal{o.In, o.Out}, out: pane, keys: keys, asks: asked != nil, editor: o.editor(), clipboard: o.clipboard(), mouse: len(o.mouse()) > 0, follow: &follower{}, ears: &ears{}, rerun: &rerun{}}
	m := newModel(do, o.look(), snap, time.Now()).complain(o.wrong(bad))
	var frames *builds
	if times != nil {
		frames = &builds{out: times, clock: time.Now}
	}
	p := tea.NewProgram(drawn{guarded: guarded{m, rec}, canvas: pane, clock: time.Now, still: o.still(), builds: frames}, append(o.mouse(), tea.WithInput(input), tea.WithOutput(pane.Output()),
		tea.WithAltScreen(), tea.WithFPS(asideFPS), tea.WithoutSignalHandler())...)
	if asked != nil {
		asked.tell = func(light bool) { p.Send(backgroundMsg{light}) }
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		bridge{events: events, record: rec, send: p.Send, quit: p.Quit}.run(ctx)
	})
	wg.Go(func() { // a context given to bubbletea would close the input under its reader
		<-ctx.Done()
		p.Quit()
	})
	last, err := p.Run()
	_, _ = io.WriteString(o.Out, wrapOn)
	cancel()
	wg.Wait()
	if crash := rec.report(snap.Dir); crash != nil {
		return crash
	}
	if d, ok := last.(drawn); ok && d.Model.(model).leave > 1 {
		return ErrKill
	}
	return err
}

func (o Options) withDefaults() Options {
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	return o
}

// input is what bubbletea reads: a terminal that can be asked for its background is sifted for the answer.
func (o Options) input() (io.Reader, *answers) {
	f, ok := o.In.(*os.File)
	switch term := o.Getenv("TERM"); {
	case !ok, o.Getenv("WW_THEME") == "light", o.Getenv("WW_THEME") == "dark", term == "dumb", term == "linux", o.colors() == termenv.Ascii:
		return o.In, nil
	}
	a := &answers{File: f, until: time.Now().Add(answerWithin)}
	return a, a
}

// keysFile is where a person's keys are, when no variable says otherwise.
const keysFile = "ww/keys.toml"

// keys are those of a person's file. A file that is wrong changes none, and is told.
func (o Options) keys() (keymap.Map, error) {
	path := o.Getenv("WW_KEYS")
	asked := path != ""
	if !asked {
		dir := o.Getenv("XDG_CONFIG_HOME")
		if home := o.Getenv("HOME"); dir == "" && home != "" {
			dir = filepath.Join(home, ".config")
		}
		if dir == "" {
			return keymap.Map{}, nil
		}
		path = filepath.Join(dir, keysFile)
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return keymap.Map{}, nil
	case err != nil:
		return keymap.Map{}, err
	}
	return keymap.Parse(path, text, actions())
}

// mouse asks the terminal for what the mouse does, unless the person wants it for the terminal's own use.
func (o Options) mouse() []tea.ProgramOption {
	if o.Getenv("WW_MOUSE") == "off" || o.Getenv("TERM") == "dumb" {
		return nil
	}
	return []tea.ProgramOption{tea.WithMouseCellMotion()}
}

// editor is what the user writes in.
func (o Options) editor() string {
	return cmp.Or(o.Getenv("VISUAL"), o.Getenv("EDITOR"), "vi")
}

// look reads from the environment what the terminal can.
func (o Options) look() theme.Options {
	dumb := o.Getenv("TERM") == "dumb"
	return theme.Options{
		Profile: o.colors(),
		Light:   o.Getenv("WW_THEME") == "light" || o.Getenv("WW_THEME") == "" && lightByEnv(o.Getenv("COLORFGBG")),
		Strong:  o.Getenv("WW_THEME") == "contrast",
		ASCII:   dumb || o.Getenv("WW_ASCII") != "" || !utf8Locale(o.Getenv),
		Plain:   dumb,
		Still:   o.still(),
		Links:   o.links(),
	}
}

func (o Options) colors() termenv.Profile {
	if o.Getenv("NO_COLOR") != "" || o.Getenv("WW_NO_COLOR") != "" || o.Getenv("TERM") == "dumb" {
		return termenv.Ascii
	}
	return termenv.NewOutput(o.Out, termenv.WithEnvironment(environ{o.Getenv})).EnvColorProfile()
}

// environ is the environment as termenv wants to see it.
type environ struct{ get func(string) string }

func (environ) Environ() []string           { return nil }
func (e environ) Getenv(name string) string { return e.get(name) }

// lightByEnv reads COLORFGBG, "foreground;background", as rxvt and konsole set it.
func lightByEnv(s string) bool {
	bg := s[strings.LastIndexByte(s, ';')+1:]
	return bg == "7" || bg == "15"
}

// utf8Locale is true unless the locale names another character set. No locale at all says nothing.
func utf8Locale(get func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(get(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

// privateFile opens the file that a variable names, for nobody else to read; nil when it names none.
func privateFile(variable string, getenv func(string) string) (*os.File, error) {
	path := getenv(variable)
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return f, nil
}

package tui

import (
	"context"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/keymap"
	"github.com/woodwork-lang/ww/tui/order"
)

// commands is the only way from the screen to the world outside: this file alone calls the Backend and the clock.
type commands struct {
	ctx       context.Context
	backend   Backend
	record    *record
	term      terminal
	out       io.Writer // the terminal
	keys      keymap.Map
	mouse     bool     // the terminal tells what the mouse does
	asks      bool     // the terminal's answer can be read
	clipboard []string // the program that has it here
	editor    string   // the user's
	follow    *follower
	ears      *ears
	rerun     *rerun
}

// terminal is what the screen was given, for programs that take its place for a while.
type terminal struct {
	in  io.Reader
	out io.Writer
}

// tickEvery is how often ages move. They are shown in whole seconds.
const tickEvery = time.Second

// guard keeps a panic in a command from taking the terminal with it.
func (c commands) guard(do func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if p := recover(); p != nil {
				c.record.crash(p)
			}
		}()
		return do()
	}
}

func (c commands) now() tea.Cmd {
	return func() tea.Msg { return tickMsg(time.Now()) }
}

func (c commands) tick() tea.Cmd {
	return tea.Tick(tickEvery, func(t time.Time) tea.Msg { return tickMsg(t) })
}

// size tells the size of the terminal when it is another one than w×h: a signal that came before somebody listened to it, or
// never, leaves a screen that does not fit.
func (c commands) size(w, h int) tea.Cmd {
	f, ok := c.term.out.(*os.File)
	if !ok {
		return nil
	}
	return c.guard(func() tea.Msg {
		if nw, nh, err := term.GetSize(f.Fd()); err == nil && (nw != w || nh != h) {
			return tea.WindowSizeMsg{Width: nw, Height: nh}
		}
		return nil
	})
}

func (c commands) send(session, text string) tea.Cmd {
	return c.guard(func() tea.Msg {
		turn, err := c.backend.Send(c.ctx, session, text)
		return sentMsg{turn, err}
	})
}

func (c commands) say(o order.Say) tea.Cmd {
	return c.guard(func() tea.Msg {
		a := event.UserAnswer{ID: o.Question, Text: o.Text}
		return doneMsg{failed: notSaid, err: c.backend.Say(c.ctx, o.Session, a)}
	})
}

func (c commands) life(o order.Life) tea.Cmd {
	return c.guard(func() tea.Msg {
		do, did := c.backend.Restart, " was restarted"
		switch o.Do {
		case order.Start:
			do, did = c.backend.Start, " was started"
		case order.Stop:
			do, did = c.backend.Stop, " was stopped"
		case order.Restart:
		}
		return doneMsg{well: o.Component + did, failed: notDone(o.Component, did), err: do(c.ctx, o.Component)}
	})
}

func (c commands) reload() tea.Cmd {
	return c.guard(func() tea.Msg {
		text, err := c.backend.ReloadFiles(c.ctx)
		return doneMsg{well: text, failed: notReloaded, err: err}
	})
}

// talks asks for the sessions to go on with.
func (c commands) talks() tea.Cmd {
	return c.guard(func() tea.Msg {
		talks, err := c.backend.Sessions(c.ctx)
		return talksMsg{talks, err}
	})
}

// talk goes on with a session; the picture follows as an event.
func (c commands) talk(session string) tea.Cmd {
	return c.guard(func() tea.Msg { return doneMsg{failed: notTalking, err: c.backend.Talk(c.ctx, session)} })
}

// overhear asks what turns of other faces do; the picture follows as events.
func (c commands) overhear() tea.Cmd {
	return c.guard(func() tea.Msg {
		if err := c.backend.Overhear(c.ctx); err != nil {
			return doneMsg{failed: notOverheard, err: err}
		}
		return nil
	})
}

// text asks for a text about a turn.
func (c commands) text(o order.Read) tea.Cmd {
	return c.guard(func() tea.Msg {
		read := c.backend.Messages
		if o.What == order.Recording {
			read = c.backend.Recording
		}
		text, err := read(c.ctx, o.Session, o.Turn)
		return pageMsg{o.What + " of turn " + o.Turn, text, err}
	})
}

// rerun is the replay that goes on, so that it can be ended. It is not a value, as follower is not.
type rerun struct{ end context.CancelFunc }

// replay asks the turns of a session again, which takes its time.
func (c commands) replay(o order.Replay) tea.Cmd {
	ctx, end := context.WithCancel(c.ctx)
	c.rerun.end = end
	return c.guard(func() tea.Msg {
		defer end()
		text, err := c.backend.Replay(ctx, o)
		return replayedMsg{pageMsg{"replay of session " + o.Session, text, err}, ctx.Err() != nil}
	})
}

// unplay ends it.
func (c commands) unplay() {
	if c.rerun.end != nil {
		c.rerun.end()
	}
}

func (c commands) cancel(session, turn string) tea.Cmd {
	return c.guard(func() tea.Msg { return doneMsg{failed: notCanceled, err: c.backend.Cancel(c.ctx, session, turn)} })
}

func (c commands) breakers() tea.Cmd {
	return c.guard(func() tea.Msg {
		rows, err := c.backend.Breakers(c.ctx)
		return breakersMsg{rows, err}
	})
}

func (c commands) fault(o order.Fault) tea.Cmd {
	return c.guard(func() tea.Msg {
		return doneMsg{failed: notFaulty, err: c.backend.Chaos(c.ctx, o.Do, o.Component, o.From)}
	})
}

// why asks why a component is as it is.
func (c commands) why(o order.Explain) tea.Cmd {
	return c.guard(func() tea.Msg {
		entries, err := c.backend.Why(c.ctx, o.Component, o.Instance)
		return whyMsg{o, entries, err}
	})
}

// wiring reads how the app is connected and configured.
func (c commands) wiring() tea.Cmd {
	return c.guard(func() tea.Msg {
		text, err := c.backend.Config()
		return wiringMsg{graph: c.backend.Graph(), config: text, err: err}
	})
}

func (c commands) route(o order.Route) tea.Cmd {
	return c.guard(func() tea.Msg {
		return doneMsg{well: "done: " + o.Do + " " + o.Target, failed: notOrdered, err: c.backend.OrderBreakers(c.ctx, o.Do, o.Target, o.Type)}
	})
}

// The terminal shall not begin a new line by itself: when it takes a character for wider than we do, one frame
// line loses its end instead of moving all lines below it.
const (
	wrapOff = "\x1b[?7l"
	wrapOn  = "\x1b[?7h"
)

// prepare readies the terminal and asks for its background. It goes out after the terminal was made raw, or the
// answer would be echoed; the answer comes through the input, or never.
func (c commands) prepare() tea.Cmd {
	if c.asks {
		return c.write(wrapOff + backgroundQuery)
	}
	return c.write(wrapOff)
}

// suspend hands the terminal back to the shell for a while.
func (c commands) suspend() tea.Cmd { return tea.Sequence(c.write(wrapOn), tea.Suspend) }

// resume is prepare after that, and after the user's editor had the terminal.
func (c commands) resume() tea.Cmd {
	if c.mouse {
		return tea.Batch(c.write(wrapOff), tea.EnableMouseCellMotion)
	}
	return c.write(wrapOff)
}

// leftPlain comes back when a frame without the line below the plain lines has surely been drawn.
func (c commands) leftPlain() tea.Cmd {
	return tea.Tick(2*frame, func(time.Time) tea.Msg { return leftPlainMsg{} })
}

func (c commands) write(s string) tea.Cmd {
	return c.guard(func() tea.Msg {
		_, _ = io.WriteString(c.out, s) // a terminal that cannot be written to ends the program by itself
		return nil
	})
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"github.com/woodwork-lang/ww/internal/app"
)

// The terminal of the bench "tui".
const (
	glassColumns = 120
	glassRows    = 40
	glassHeld    = 1 << 20 // bytes of what the screen said that are kept at most
	glassPatient = 10 * time.Second
)

// prompt stands before what is written into the text field of the chat.
const prompt = "› "

// warmKey is the first that is pressed; how soon it is seen is no measure.
const warmKey = "z"

// glass is ww dev with its screen, in a terminal that this process reads and writes as a person would.
type glass struct {
	app     detachedApp
	cmd     *exec.Cmd
	tty     *os.File
	changed chan struct{}
	closed  chan struct{}

	mu   sync.Mutex // guards said
	said bytes.Buffer
}

// openGlass starts an app and returns when its components are ready and its screen is there.
func openGlass(ctx context.Context, dir, source string) (*glass, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, app.DefaultFile), []byte(source), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(executable(), "dev", "--ui=tui", "--trust")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "WW_TUI_FRAMES="+framesFile(dir))
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: glassColumns, Rows: glassRows})
	if err != nil {
		return nil, err
	}
	g := &glass{app: detachedApp{dir}, cmd: cmd, tty: tty, changed: make(chan struct{}, 1), closed: make(chan struct{})}
	go g.read()
	_, err = g.app.ww("wait", "ready")
	if err == nil {
		err = g.until(ctx, func(said string) bool { return strings.Contains(ansi.Strip(said), prompt) })
	}
	if err == nil {
		_, err = g.echo(ctx, warmKey, warmKey)
	}
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func framesFile(dir string) string { return filepath.Join(dir, "frames") }

// frames are how long the frames so far took to build, the shortest first.
func frames(dir string) ([]time.Duration, error) {
	b, err := os.ReadFile(framesFile(dir))
	if err != nil {
		return nil, err
	}
	var all []time.Duration
	for line := range strings.Lines(string(b)) {
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			return nil, err
		}
		all = append(all, time.Duration(n)*time.Microsecond)
	}
	slices.Sort(all)
	return all, nil
}

// explain puts what the screen said last behind an error.
func (g *glass) explain(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	said := strings.TrimSpace(ansi.Strip(g.said.String()))
	return fmt.Errorf("%w; the terminal said: %q", err, said[max(0, len(said)-500):])
}

// read takes what the screen says, also when nobody looks: a full terminal would hold the program up.
func (g *glass) read() {
	defer close(g.closed)
	buf := make([]byte, 64<<10)
	for {
		n, err := g.tty.Read(buf)
		g.mu.Lock()
		if g.said.Len() > glassHeld {
			g.said.Reset()
		}
		g.said.Write(buf[:n])
		g.mu.Unlock()
		select {
		case g.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return // EIO: the program is gone
		}
	}
}

// echo presses keys and says how long it took until a frame shows that text in the text field.
func (g *glass) echo(ctx context.Context, keys, text string) (time.Duration, error) {
	g.mu.Lock()
	g.said.Reset()
	g.mu.Unlock()
	began := time.Now()
	if _, err := g.tty.WriteString(keys); err != nil {
		return 0, err
	}
	err := g.until(ctx, func(said string) bool { return echoed(said, text) })
	if took := time.Since(began); err == nil {
		return took, nil
	}
	return 0, fmt.Errorf("%q in the text field: %w", text, err)
}

// until waits for something that the screen says.
func (g *glass) until(ctx context.Context, is func(said string) bool) error {
	late := time.NewTimer(glassPatient)
	defer late.Stop()
	for {
		g.mu.Lock()
		there := is(g.said.String())
		g.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-g.changed:
		case <-g.closed:
			return g.explain(errors.New("ww dev ended"))
		case <-late.C:
			return g.explain(fmt.Errorf("not seen within %s", glassPatient))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// echoed says that a text field holds exactly that text in what a screen said. A field of which the end has not arrived
// is not there yet.
func echoed(said, text string) bool {
	plain := ansi.Strip(said)
	for {
		_, rest, found := strings.Cut(plain, prompt)
		if !found {
			return false
		}
		if after, is := strings.CutPrefix(rest, text); is && after != "" {
			if r, _ := utf8.DecodeRuneInString(after); r != utf8.RuneError && !unicode.IsLetter(r) {
				return true
			}
		}
		plain = rest
	}
}

// close ends the app and its screen, and waits for both.
func (g *glass) close() error {
	_, err := g.app.ww("down")
	if err != nil {
		err = errors.Join(err, g.cmd.Process.Kill())
	}
	if werr := g.cmd.Wait(); err == nil {
		err = werr
	}
	<-g.closed
	return errors.Join(err, g.tty.Close())
}

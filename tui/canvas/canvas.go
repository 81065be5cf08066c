// Package canvas puts frames on a terminal: at once when somebody waits for them, and no line that is there already.
//
// The terminal library draws sixty times a second whether there is something to draw or not, and what a key changed waits
// for the next of these. Here it keeps the terminal's modes and the plain lines; frames go by its side.
package canvas

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// Aside is what the library is told to draw while frames go by its side: nothing that can be seen, but known again.
const Aside = "\x1b[8m\x1b[28m"

// The screen that frames are drawn on is on from the one and off from the other.
const (
	altOn  = "\x1b[?1049h"
	altOff = "\x1b[?1049l"
)

// Canvas is the terminal. It has two writers, the library and who draws.
type Canvas struct {
	out io.Writer

	mu    sync.Mutex // guards what follows
	on    bool       // frames can be drawn
	lines []string   // what the terminal shows; nil when that is not known
}

// New is the terminal at the other end of out.
func New(out io.Writer) *Canvas { return &Canvas{out: out} }

// Output is c as the library wants it: a file when the terminal is one.
func (c *Canvas) Output() io.Writer {
	if f, ok := c.out.(*os.File); ok {
		return file{f, c}
	}
	return c
}

// file is a terminal in the eyes of the library.
type file struct {
	*os.File

	canvas *Canvas
}

// Write implements io.Writer.
func (f file) Write(p []byte) (int, error) { return f.canvas.Write(p) }

// WriteString implements io.StringWriter: os.File has one of its own.
func (f file) WriteString(s string) (int, error) { return f.canvas.Write([]byte(s)) }

// Write passes on what the library says, but for its empty frames. Whatever it is, the next frame is drawn whole.
func (c *Canvas) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on && bytes.Contains(p, []byte(Aside)) {
		return len(p), nil
	}
	c.lines = nil
	switch on, off := bytes.LastIndex(p, []byte(altOn)), bytes.LastIndex(p, []byte(altOff)); {
	case on > off:
		c.on = true
	case off > on:
		c.on = false
	}
	return c.out.Write(p)
}

// Forget has the next frame drawn whole: the terminal was resized.
func (c *Canvas) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = nil
}

// Draw shows a frame of at most w columns and h lines, when frames can be shown now.
func (c *Canvas) Draw(frame string, w, h int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.on || w <= 0 || h <= 0 {
		return nil
	}
	lines := strings.Split(frame, "\n")
	lines = lines[:min(len(lines), h)]
	text := changes(c.lines, lines, w, h)
	if text == "" {
		return nil
	}
	c.lines = lines
	_, err := io.WriteString(c.out, text)
	return err
}

// changes is what makes a screen of the old lines, nil when they are unknown, one of the new ones.
func changes(old, lines []string, w, h int) string {
	var b strings.Builder
	for i, line := range lines {
		if i < len(old) && old[i] == line {
			continue
		}
		b.WriteString(ansi.CursorPosition(1, i+1))
		line = ansi.Truncate(line, w, "")
		b.WriteString(line)
		if ansi.StringWidth(line) < w { // in the last column, erasing would take the last character
			b.WriteString(ansi.EraseLineRight)
		}
	}
	if old == nil && len(lines) < h || len(lines) < len(old) {
		b.WriteString(ansi.CursorPosition(1, len(lines)+1))
		b.WriteString(ansi.EraseScreenBelow)
	}
	if b.Len() > 0 {
		b.WriteString(ansi.CursorPosition(1, len(lines)))
	}
	return b.String()
}

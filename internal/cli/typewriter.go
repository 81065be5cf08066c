package cli

import (
	"io"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// typewriter shows an answer on a terminal while it comes. What counts is the end: when it says something else, it is
// written in full below.
type typewriter struct {
	w      io.Writer // nil: nothing is shown before the end
	stream string
	shown  strings.Builder
	lost   bool // a piece is missing, so that nothing more is shown
}

func (t *typewriter) follow() turn.Follow {
	if t.w == nil {
		return turn.Follow{}
	}
	return turn.Follow{Chunk: t.chunk}
}

func (t *typewriter) chunk(c event.Chunk) {
	if c.Stream != t.stream {
		if t.shown.Len() > 0 { // another attempt begins again
			t.write("\n… again: ")
			t.shown.Reset()
		}
		t.stream, t.lost = c.Stream, false
	}
	from := t.shown.Len() - c.Offset
	if from < 0 {
		t.lost = true
	}
	if t.lost || from >= len(c.Text) {
		return
	}
	t.shown.WriteString(c.Text[from:])
	t.write(c.Text[from:])
}

func (t *typewriter) write(text string) { _, _ = io.WriteString(t.w, text) } // the end is written once more, and checked

// end completes what was shown to the text; false when nothing was shown and the caller has to print it.
func (t *typewriter) end(text string) bool {
	if t.w == nil || t.shown.Len() == 0 {
		return false
	}
	shown := t.shown.String()
	if rest, ok := strings.CutPrefix(text, shown); ok {
		t.write(rest + "\n")
		return true
	}
	t.write("\n")
	return false
}

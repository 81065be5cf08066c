package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/knowledge"
)

// bar shows how far reading in is: on one line of a terminal, elsewhere a line every few seconds.
type bar struct {
	w      io.Writer
	name   string
	live   bool
	shown  time.Time
	filled bool
}

// barEvery is how often a bar that is not on a terminal says something.
const barEvery = 5 * time.Second

func newBar(w io.Writer, name string) *bar {
	return &bar{w: w, name: name, live: isTerminal(w), shown: time.Now()}
}

func (b *bar) show(p knowledge.Progress) {
	if !b.live {
		if time.Since(b.shown) >= barEvery {
			b.shown = time.Now()
			fmt.Fprintf(b.w, "%s: %d of %d passages, %s\n", b.name, p.Passages, p.Total, p.File)
		}
		return
	}
	b.filled = true
	fmt.Fprintf(b.w, "\r\x1b[K%s %s", drawn(p.Passages, p.Total, 30), tail(p.File, max(10, width(b.w)-50)))
}

// end leaves the line.
func (b *bar) end() {
	if b.filled {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

// drawn is a bar of so many places.
func drawn(done, total, places int) string {
	n := places
	if total > 0 {
		n = min(places, done*places/total)
	}
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", places-n) + fmt.Sprintf("] %d/%d", done, total)
}

// tail is the end of a path.
func tail(path string, most int) string {
	if r := []rune(path); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return path
}

package logs

import (
	"slices"

	"github.com/woodwork-lang/ww/internal/logbuf"
)

// pageLines is how many lines a page of a Tail holds: 28 kB, which is given out without the memory being fetched and cleared
// anew as for large objects. That would be done while a frame is built.
const pageLines = 256

// Tail is the last lines of many. They are kept in pages, so that neither what comes nor what goes moves the others. It is a
// value; but of those that have grown from the same one only one may be added to.
type Tail struct {
	pages   [][]logbuf.Line // none is empty, and all but the last stay as they are
	n       int             // lines in them
	skipped int             // lines that came before the first one and are not held any more
}

// TailOf is lines of which none is forgotten.
func TailOf(lines ...logbuf.Line) Tail {
	var t Tail
	for _, l := range lines {
		t = t.Add(l, 0)
	}
	return t
}

// Len is how many lines are held.
func (t Tail) Len() int { return t.n }

// Skipped is how many lines came before those that are held.
func (t Tail) Skipped() int { return t.skipped }

// At is the line with a number, which is less than Len and counts from 0.
func (t Tail) At(i int) *logbuf.Line {
	for _, p := range t.pages {
		if i < len(p) {
			return &p[i]
		}
		i -= len(p)
	}
	panic("logs: there is no such line")
}

// All passes on every line.
func (t Tail) All(yield func(*logbuf.Line) bool) {
	for _, p := range t.pages {
		for i := range p {
			if !yield(&p[i]) {
				return
			}
		}
	}
}

// Add appends a line. Of more than most lines it forgets old ones, a page at a time; most 0: none.
func (t Tail) Add(l logbuf.Line, most int) Tail {
	last := len(t.pages) - 1
	if last < 0 || len(t.pages[last]) == cap(t.pages[last]) {
		t.pages = append(t.pages, make([]logbuf.Line, 0, pageLines))
		last++
	}
	t.pages[last] = append(t.pages[last], l)
	t.n++
	for most > 0 && t.n-len(t.pages[0]) >= most {
		t = t.forget(len(t.pages[0]))
	}
	return t
}

// Join appends what came next, and holds the last most lines of all that. Neither Tail is changed by it, and what is added to
// them later does not show.
func (t Tail) Join(next Tail, most int) Tail {
	if next.skipped > 0 { // lines with a gap between them must not stand together
		next.skipped += t.skipped + t.n
		t = Tail{skipped: next.skipped}
	}
	pages := make([][]logbuf.Line, 0, len(t.pages)+len(next.pages))
	pages = append(pages, t.pages...)
	for i, p := range next.pages {
		p = p[:len(p):len(p)]
		if last := len(pages) - 1; i == 0 && last >= 0 && len(pages[last])+len(p) <= pageLines {
			pages[last] = slices.Concat(pages[last], p) // or a line a batch were a page each
			continue
		}
		pages = append(pages, p)
	}
	t.pages, t.n = pages, t.n+next.n
	for over := t.n - most; over > 0; over = t.n - most {
		t = t.forget(min(over, len(t.pages[0])))
	}
	return t
}

// forget takes n lines of the first page away. The list of pages must be its own when that is not the whole page.
func (t Tail) forget(n int) Tail {
	if n == len(t.pages[0]) {
		t.pages = t.pages[1:]
	} else {
		t.pages[0] = t.pages[0][n:]
	}
	t.n, t.skipped = t.n-n, t.skipped+n
	return t
}

// First is the first n lines, or all when there are fewer, in memory of their own.
func (t Tail) First(n int) Tail {
	out := Tail{skipped: t.skipped}
	for l := range t.All {
		if out.n == n {
			break
		}
		out = out.Add(*l, 0)
	}
	return out
}

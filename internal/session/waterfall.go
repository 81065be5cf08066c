package session

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/event"
)

// Layout says how a waterfall is drawn.
type Layout struct {
	Width int  // columns; default 120
	ASCII bool // no lines and blocks
}

// The columns that a waterfall spends on its bars: none when the text would be cut for them.
const (
	maxBar = 56
	minBar = 16
)

// Waterfall draws the trace: a line a hop, what it did on the left, when on the right.
func (tr Trace) Waterfall(l Layout) string {
	if l.Width <= 0 {
		l.Width = 120
	}
	rows, text := tr.rows(l, false)
	if text+4+minBar > l.Width {
		rows, text = tr.rows(l, true)
	}
	bar := min(maxBar, l.Width-text-4)
	var b strings.Builder
	line := func(left, right string) {
		if right != "" {
			left += strings.Repeat(" ", text-utf8.RuneCountInString(left)+2) + right
		}
		b.WriteString(strings.TrimRight(" "+left, " ") + "\n")
	}
	if bar < minBar || len(rows) == 0 {
		bar = 0
	}
	line(tr.title(), scale(tr.total(), bar))
	for i, r := range rows {
		line(r, tr.Hops[i].bar(tr.total(), bar, l.ASCII))
	}
	line(tr.summary(), "")
	return b.String()
}

// total is what the scale ends at.
func (tr Trace) total() float64 { return max(tr.TookMS, tr.SumMS) }

func (tr Trace) title() string {
	parts := []string{"turn " + tr.Turn, tr.Session, millis(tr.TookMS), tr.status()}
	if tr.Status == event.StatusPending {
		parts = []string{"turn " + tr.Turn, tr.Session, "not ended"}
	}
	if tr.RetryOf != "" {
		parts = append(parts, "again for "+tr.RetryOf)
	}
	return strings.Join(parts, " · ")
}

// rows are the left halves: name, queue, service and what is special, in columns; and how wide the widest line is. Brief
// ones say only what is out of the ordinary.
func (tr Trace) rows(l Layout, brief bool) (rows []string, width int) {
	names, notes := tr.names(l.ASCII), make([]string, len(tr.Hops))
	var name, queue, service int
	for i := range tr.Hops {
		name = max(name, utf8.RuneCountInString(names[i]))
		queue = max(queue, len(millis(tr.Hops[i].QueueMS)))
		service = max(service, len(millis(tr.Hops[i].ServiceMS)))
		notes[i] = tr.Hops[i].note(brief)
	}
	for i := range tr.Hops {
		h := &tr.Hops[i]
		pad := strings.Repeat(" ", name-utf8.RuneCountInString(names[i]))
		row := fmt.Sprintf("%s%s  queue %*s  service %*s  %s", names[i], pad, queue, millis(h.QueueMS), service, millis(h.ServiceMS), notes[i])
		rows = append(rows, strings.TrimRight(row, " "))
		width = max(width, utf8.RuneCountInString(rows[i]))
	}
	return rows, max(width, utf8.RuneCountInString(tr.title()))
}

// names are the components with the branches of the tree before them.
func (tr Trace) names(ascii bool) []string {
	fork, last, pass := "├ ", "└ ", "│ "
	if ascii {
		fork, last, pass = "|-", "`-", "| "
	}
	out := make([]string, len(tr.Hops))
	for i := range tr.Hops {
		h := &tr.Hops[i]
		prefix := ""
		for at := i; tr.Hops[at].Depth > 0; at = tr.Hops[at].From {
			switch more := tr.more(at); {
			case at == i && more:
				prefix = fork + prefix
			case at == i:
				prefix = last + prefix
			case more:
				prefix = pass + prefix
			default:
				prefix = "  " + prefix
			}
		}
		out[i] = prefix + printable(h.Component)
	}
	return out
}

// more reports whether a later hop has the same sender.
func (tr Trace) more(at int) bool {
	for i := at + 1; i < len(tr.Hops); i++ {
		if tr.Hops[i].From == tr.Hops[at].From {
			return true
		}
	}
	return false
}

func (s *Span) note(brief bool) string {
	var parts []string
	if !brief {
		parts = append(parts, fmt.Sprintf("%s → %s", size(s.BytesIn), size(s.BytesOut)))
	}
	if s.Attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", s.Attempt))
	}
	if !brief {
		parts = append(parts, fmt.Sprintf("gen %d  inst %s", s.Generation, printable(s.Instance)))
	}
	if s.Fallbacks != "" {
		said := strings.NewReplacer(" ", ", ", ":", " ", "/", " → ").Replace(s.Fallbacks)
		parts = append(parts, "fallback: "+printable(said))
	}
	if s.Error != "" {
		parts = append(parts, "✗ "+printable(s.Error))
	}
	return strings.Join(parts, "  ")
}

// status is how the turn ended; an answer that rests on fallbacks is no ordinary one.
func (tr Trace) status() string {
	n := 0
	for i := range tr.Hops {
		n += len(strings.Fields(tr.Hops[i].Fallbacks))
	}
	switch n {
	case 0:
		return string(tr.Status)
	case 1:
		return string(tr.Status) + " (1 fallback)"
	}
	return fmt.Sprintf("%s (%d fallbacks)", tr.Status, n)
}

// bar is the hop on the scale: dots while it waited, blocks while it worked.
func (s *Span) bar(total float64, width int, ascii bool) string {
	if width == 0 || total <= 0 {
		return ""
	}
	wait, work, point := "·", "█", "▏"
	if ascii {
		wait, work, point = ".", "#", "|"
	}
	col := func(ms float64) int { return min(width, max(0, int(math.Round(ms/total*float64(width))))) }
	from, begin, end := col(s.StartMS), col(s.StartMS+s.QueueMS), col(s.endMS())
	if end == begin {
		from, begin = min(from, width-1), min(begin, width-1)
		return strings.Repeat(" ", from) + strings.Repeat(wait, begin-from) + point
	}
	return strings.Repeat(" ", from) + strings.Repeat(wait, begin-from) + strings.Repeat(work, end-begin)
}

// scale is the line above the bars.
func scale(total float64, width int) string {
	if width == 0 {
		return ""
	}
	end := millis(total)
	return "0" + strings.Repeat(" ", max(1, width-1-len(end))) + end
}

// handedOn is how many hops went by way of another component, and of which.
func (tr Trace) handedOn() (master string, n int) {
	for i := range tr.Hops {
		if tr.Hops[i].HandedOn {
			master = tr.Hops[i].Component
			n++
		}
	}
	return master, n
}

func (tr Trace) summary() string {
	if tr.Status == event.StatusPending {
		return fmt.Sprintf("%s so far; where it is now: ww ps", plural(len(tr.Hops), "hop"))
	}
	s := "hops " + millis(tr.SumMS) + " of " + millis(tr.TookMS)
	if tr.TookMS > 0 {
		s += fmt.Sprintf(" (%.0f %%)", 100*min(1, tr.SumMS/tr.TookMS))
	}
	s += ", " + millis(tr.BetweenMS) + " between them"
	if master, n := tr.handedOn(); n > 0 {
		s += ", " + plural(n, "time") + " by way of " + master
	}
	if tr.Error != "" {
		s += "\n ✗ " + printable(tr.Error)
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// millis is a time with a unit and at most one decimal.
func millis(ms float64) string {
	switch {
	case ms >= 999.95:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 99.95:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

// printable keeps what components say from moving the cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

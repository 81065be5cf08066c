package logs

import (
	"maps"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/order"
)

// mark is a line that was marked, wherever a query finds it.
type mark struct {
	at              time.Time
	component, text string
}

func markOf(l *logbuf.Line) mark { return mark{l.Time, l.Component, l.Text} }

// marked puts a mark below the last line that is shown, or takes it away. It stays with its line when the lines are asked
// for again.
func (m Model) marked() Model {
	if m.lines.Len() == 0 {
		return m
	}
	marks := make(map[mark]bool, len(m.marks)+1)
	maps.Copy(marks, m.marks)
	if k := markOf(m.lines.At(m.lines.Len() - 1 - m.hold)); marks[k] {
		delete(marks, k)
	} else {
		marks[k] = true
	}
	m.marks = marks
	return m
}

// copied is what stands on the screen, unwrapped and without borders; from the last mark on when there is one.
func (m Model) copied() order.Order {
	if m.lines.Len() == 0 {
		return nil
	}
	end := m.lines.Len() - m.hold
	start := max(0, end-m.height())
	for i := end - 2; i >= 0 && len(m.marks) > 0; i-- {
		if m.marks[markOf(m.lines.At(i))] {
			start = i + 1
			break
		}
	}
	var b strings.Builder
	for i := start; i < end; i++ {
		b.WriteString(kit.Clean(m.lines.At(i).Text) + "\n")
	}
	return order.Copy{Text: b.String(), What: counted(end-start, "line")}
}

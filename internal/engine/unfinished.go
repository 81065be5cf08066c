package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// Unfinished is a turn that was accepted and has no end yet. It goes on at the next start.
type Unfinished struct {
	Turn    string    `json:"turn"`
	Session string    `json:"session"`
	Input   string    `json:"input"`
	Text    string    `json:"text"` // its beginning
	At      time.Time `json:"at"`   // when it was accepted
}

// UnfinishedOf reads the journals of the inputs of an app that does not run, the oldest turn first. What cannot be read is
// not listed.
func UnfinishedOf(state string, inputs []string) []Unfinished {
	var open []Unfinished
	for _, input := range inputs {
		turns := map[string]Unfinished{}
		_ = readInbox(state, input, func(r *delivery.Record) error {
			switch r.Kind {
			case delivery.Turn:
				turns[r.Head.Turn] = Unfinished{
					Turn: r.Head.Turn, Session: r.Head.Session, Input: input, Text: shortText(r.Head), At: time.UnixMilli(r.At),
				}
			case delivery.End:
				delete(turns, r.Head.Turn)
			}
			return nil
		})
		for _, u := range turns {
			open = append(open, u)
		}
	}
	slices.SortFunc(open, func(a, b Unfinished) int { return a.At.Compare(b.At) })
	return open
}

// sayStale says which turns are too old to go on with: their components set them aside when they start.
func (e *Engine) sayStale() {
	if e.o.Resume || len(e.heirs) > 0 {
		return
	}
	var old []Unfinished
	for _, u := range UnfinishedOf(e.o.App.State, e.inputs()) {
		if u.At.Before(e.began.Add(-e.o.Timing.Stale)) {
			old = append(old, u)
		}
	}
	if len(old) == 0 {
		return
	}
	turns := "1 unfinished turn is"
	if len(old) > 1 {
		turns = fmt.Sprintf("%d unfinished turns are", len(old))
	}
	e.o.Say(fmt.Sprintf("%s older than %s and set aside; ww dlq retry TURN asks again, ww dev --resume would have gone on:", turns, span(e.o.Timing.Stale)))
	for i, u := range old {
		if i == mostStale {
			e.o.Say(fmt.Sprintf("  … and %d more", len(old)-i))
			break
		}
		e.o.Say(fmt.Sprintf("  %s %s %q (accepted %s ago)", u.Turn, u.Session, u.Text, span(e.began.Sub(u.At))))
	}
}

// mostStale is how many of them are named.
const mostStale = 10

// shortText is the beginning of a message on one line.
func shortText(m event.Message) string {
	b := m.Body[:min(len(m.Body), 4*textShown)]
	r := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(string(b), "")), " "))
	if len(r) > textShown {
		return string(r[:textShown-1]) + "…"
	}
	return string(r)
}

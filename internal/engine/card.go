package engine

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/secret"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/supervisor"
)

// CardOf reads the card of a component from its log and its journals. It needs no running app.
func CardOf(ctx context.Context, a app.App, r Row, mask *secret.Masker) state.Card {
	c := state.Card{
		Name: r.Name, Instance: r.Instance, Reason: r.Reason, Exit: r.Exit, Restarts: r.Restarts, LastDeath: r.LastDeath,
		NextIn: time.Duration(r.NextStartMS) * time.Millisecond, LastLines: []string{},
	}
	for _, line := range lastLines(ctx, a.Logs(), r.Name) {
		c.LastLines = append(c.LastLines, logbuf.Sanitize(line))
	}
	m := mail{mask: mask, open: map[string]bool{}}
	if err := readInbox(a.State, r.Name, m.take); err == nil {
		c.LastIn, c.LastOut, c.Waiting = m.in, m.out, len(m.open)
	}
	return c
}

// mail is what passed through the journals of a component.
type mail struct {
	mask    *secret.Masker
	in, out *state.Passed
	open    map[string]bool // work that was taken and is not done
}

func (m *mail) take(r *delivery.Record) error {
	h := &r.Head
	work := strings.Join([]string{h.Source, h.Base, seqText(h.Seq)}, "/")
	if h.Source == "" {
		work = h.Turn
	}
	switch {
	case r.Kind == delivery.Turn, r.Kind == delivery.In && h.Type == event.TypeText:
		m.open[work] = true
		later(&m.in, m.passed(h, h.Source, r.At))
	case r.Kind == delivery.Out && h.Type != "call", r.Kind == delivery.Dead:
		delete(m.open, work)
		msgs := r.Msgs
		if r.Kind == delivery.Dead && len(msgs) > 0 {
			msgs = msgs[1:] // the message that was set aside
		}
		for i := range msgs {
			later(&m.out, m.passed(&msgs[i], msgs[i].Subject, r.At))
		}
	}
	return nil
}

func seqText(n uint64) string { return strconv.FormatUint(n, 10) }

// textShown is how much of a message a card shows.
const textShown = 100

func (m *mail) passed(h *event.Message, peer string, at int64) *state.Passed {
	text := ""
	if utf8.Valid(h.Body) {
		text = m.mask.Text(string(h.Body))
	}
	if runes := []rune(text); len(runes) > textShown {
		text = string(runes[:textShown]) + "…"
	}
	return &state.Passed{
		At: time.UnixMilli(at).UTC(), Peer: peer, Type: h.Type, Turn: h.Turn, Session: h.Session, Bytes: len(h.Body),
		Text: text,
	}
}

// later keeps the younger one: partitions are read one after another.
func later(old **state.Passed, p *state.Passed) {
	if *old == nil || !p.At.Before((*old).At) {
		*old = p
	}
}

func exitOf(x supervisor.Exit) state.Exit {
	e := state.Exit{Code: x.Code, OOM: x.OOM}
	if x.Signal != 0 {
		e.Signal = orElse(unix.SignalName(x.Signal), x.Signal.String())
	}
	return e
}

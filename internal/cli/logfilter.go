package cli

import (
	"regexp"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/session"
)

// query turns the flags into what is wanted of the logs.
func (o logsOptions) query(a app.App, now time.Time) (logbuf.Query, error) {
	q := logbuf.Query{Components: o.Names, Stream: o.Stream, Tail: o.Tail}
	var err error
	if o.Tail < 0 {
		return q, usage("--tail is how many lines, from 0 (all) on, not %d", o.Tail)
	}
	if q.Since, err = moment("--since", o.Since, now); err != nil {
		return q, err
	}
	if q.Until, err = moment("--until", o.Until, now); err != nil {
		return q, err
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Until.After(q.Since) {
		return q, usage("nothing is after --since %s and before --until %s", o.Since, o.Until)
	}
	if o.Grep != "" {
		if q.Grep, err = regexp.Compile(o.Grep); err != nil {
			return q, usage("--grep: %w", err)
		}
	}
	if o.Level != "" {
		if q.Level, err = logbuf.ParseLevel(o.Level); err != nil {
			return q, usage("--level: %w", err)
		}
	}
	return q, o.pick(a, &q)
}

// moment reads a time of day, a date with one, or how long ago.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(strings.TrimSuffix(text, " ago")); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, now.Location()), nil
		}
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("%s is how long ago (90s, 10m, 2h), a time of day (14:02), or a date with one (2006-01-02 14:02), not %q", flag, text)
}

// span is when a component worked on a turn.
type span struct{ from, to time.Time }

// spanSlack is what the clocks of two processes of one machine and the rounding of the figures may differ.
const spanSlack = 2 * time.Millisecond

// spansOf is when each component worked on these turns.
func spansOf(turns []session.Turn) map[string][]span {
	spans := map[string][]span{}
	for _, t := range turns {
		if t.At.IsZero() {
			continue
		}
		trace := session.NewTrace(t)
		late := trace.BetweenMS // what passed between the hops may have passed before any of them
		for _, h := range trace.Hops {
			from := t.At.Add(milliseconds(h.StartMS))
			to := from.Add(milliseconds(h.QueueMS + h.ServiceMS + late))
			spans[h.Component] = append(spans[h.Component], span{from.Add(-spanSlack), to.Add(spanSlack)})
		}
	}
	return spans
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func during(spans []span, at time.Time) bool {
	for _, s := range spans {
		if !at.Before(s.from) && !at.After(s.to) {
			return true
		}
	}
	return false
}

func namesAny(text string, names []string) bool {
	for _, n := range names {
		if strings.Contains(text, n) {
			return true
		}
	}
	return false
}

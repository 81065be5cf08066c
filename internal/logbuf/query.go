package logbuf

import (
	"context"
	"os"
	"regexp"
	"slices"
	"time"
)

// Query says which lines are wanted. The zero value wants all.
type Query struct {
	Components []string       // empty: all that have a log
	Stream     string         // empty: all
	Since      time.Time      // not before
	Until      time.Time      // before
	Grep       *regexp.Regexp // matches the text
	Level      Level          // at least; lines that say no level count as info, or as what they continue
	Only       func(Line) bool
	Tail       int // only the last so many; 0: all; negative: none, which is of use to Follow
	// Late decides in Follow, instead of Only, about the lines that it passes on, in their order: one that is Undecided is
	// asked for again, and the later ones wait behind it. Nil: Only decides.
	Late func(Line) (Verdict, error)
	// Gently makes Follow rest while new lines come in floods: a process has a fair share of a busy machine, and whoever takes
	// it at once for lines keeps people waiting for the rest of what it does.
	Gently bool
}

// Verdict says whether a line is wanted.
type Verdict int

// The verdicts.
const (
	Undecided Verdict = iota // nobody knows yet
	Wanted
	Unwanted
)

// wants is everything but Level and Only.
func (q *Query) wants(r *raw) bool {
	return (q.Stream == "" || string(r.stream) == q.Stream) &&
		(q.Since.IsZero() || !r.at.Before(q.Since)) &&
		(q.Until.IsZero() || r.at.Before(q.Until)) &&
		(q.Grep == nil || q.Grep.Match(r.text))
}

// all reports whether every line is wanted.
func (q *Query) all() bool {
	return q.Stream == "" && q.Since.IsZero() && q.Until.IsZero() && q.Grep == nil && q.Level == Unknown && q.Only == nil
}

// surely reports whether a line is wanted whatever stands before it.
func (q *Query) surely(r *raw) bool {
	return q.wants(r) && (q.Level == Unknown || LevelOf(r.text) >= q.Level) && (q.Only == nil || q.Only(r.line()))
}

// Read returns the lines that are there, of several components in the order of their time.
func Read(ctx context.Context, dir string, q Query) ([]Line, error) {
	var lines []Line
	err := Each(ctx, dir, q, func(l Line) error {
		lines = append(lines, l)
		return nil
	})
	return lines, err
}

// Each calls take for every line that Read would return, without holding them all.
func Each(ctx context.Context, dir string, q Query, take func(Line) error) error {
	m, err := newMerger(dir, q)
	if err != nil {
		return err
	}
	defer m.close()
	return m.drain(ctx, q, take)
}

// merger reads several logs as one.
type merger struct {
	dir     string
	cursors []*cursor
	heads   []*Line // the next line of each cursor, nil when it has none
	dry     []bool  // it had none a moment ago, and is not asked for each line of the others
}

// dryFor is how many lines of other logs pass before one that had none is asked again.
const dryFor = 1024

func newMerger(dir string, q Query) (*merger, error) {
	m := &merger{dir: dir}
	names := q.Components
	if len(names) == 0 {
		var err error
		if names, err = Components(dir); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	for _, name := range names {
		m.add(name, q)
	}
	return m, nil
}

func (m *merger) add(component string, q Query) {
	c := &cursor{dir: m.dir, component: component, query: q}
	c.seek(q)
	m.cursors = append(m.cursors, c)
	m.heads = append(m.heads, nil)
	m.dry = append(m.dry, false)
}

func (m *merger) has(component string) bool {
	return slices.ContainsFunc(m.cursors, func(c *cursor) bool { return c.component == component })
}

func (m *merger) close() {
	for _, c := range m.cursors {
		c.close()
	}
}

// next returns the oldest of what all cursors have next. Lines of one component keep the order of their file.
func (m *merger) next() (Line, bool) {
	oldest := -1
	for i, c := range m.cursors {
		if m.heads[i] == nil && !m.dry[i] {
			line, ok := c.next()
			if ok {
				m.heads[i] = &line
			}
			m.dry[i] = !ok
		}
		if m.heads[i] != nil && (oldest < 0 || m.heads[i].Time.Before(m.heads[oldest].Time)) {
			oldest = i
		}
	}
	if oldest < 0 {
		return Line{}, false
	}
	line := *m.heads[oldest]
	m.heads[oldest] = nil
	return line, true
}

// drain passes on what is there now; with a tail only the end of it.
func (m *merger) drain(ctx context.Context, q Query, take func(Line) error) error {
	var tail []Line
	for n := 0; ; n++ {
		if n%dryFor == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			clear(m.dry)
		}
		if q.Gently && n%gentleLines == gentleLines-1 && n < gentleMost {
			rest(ctx)
		}
		line, ok := m.next()
		switch {
		case !ok:
			return each(tail[max(0, len(tail)-max(0, q.Tail)):], take)
		case q.Tail < 0:
		case q.Tail == 0:
			if err := take(line); err != nil {
				return err
			}
		default:
			if tail = append(tail, line); len(tail) >= 2*q.Tail {
				tail = append(tail[:0], tail[len(tail)-q.Tail:]...)
			}
		}
	}
}

// A reader that is gentle rests after so many lines, which are read in 0.3 ms or so: 75,000 lines are read in a second like
// that. When more have come than half a second is enough for, it hurries, or it would stay behind for ever.
const (
	gentleLines = 256
	gentleRest  = 3 * time.Millisecond
	gentleMost  = 32 << 10
)

func rest(ctx context.Context) {
	select {
	case <-time.After(gentleRest):
	case <-ctx.Done():
	}
}

func each(lines []Line, take func(Line) error) error {
	for _, l := range lines {
		if err := take(l); err != nil {
			return err
		}
	}
	return nil
}

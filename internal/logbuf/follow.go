package logbuf

import (
	"context"
	"errors"
	"time"
)

// pollPause is how often a follower looks at the files. A look costs one stat a component; nothing has to be told.
const pollPause = 100 * time.Millisecond

// Follow passes on what Read would return and then every new line, until ctx ends (which is no error) or take fails.
// New lines of several components are in the order of their time as far as they come together. Components that appear
// later are followed too, unless q names some.
func Follow(ctx context.Context, dir string, q Query, take func(Line) error) error {
	m, err := newMerger(dir, q)
	if err != nil {
		return err
	}
	defer m.close()
	return m.follow(ctx, q, take)
}

// FollowRun is Follow for the length of a run: its components have ended when ctx ends, and what they wrote last is
// passed on, too.
func FollowRun(ctx context.Context, dir string, q Query, take func(Line) error) error {
	m, err := newMerger(dir, q)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.follow(ctx, q, take); err != nil {
		return err
	}
	q.Tail = 0
	m.grow(q)
	return m.drain(context.WithoutCancel(ctx), q, take)
}

func (m *merger) follow(ctx context.Context, q Query, take func(Line) error) error {
	h := &held{late: q.Late, take: take}
	there := q
	there.Gently = false // what is there already is waited for
	err := errors.Join(m.drain(ctx, there, h.put), h.pass())
	q.Tail = 0
	if q.Late != nil {
		m.takeAll(&q)
	}
	tick := time.NewTicker(pollPause)
	defer tick.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		m.grow(q)
		if !h.full() {
			err = m.drain(ctx, q, h.put)
		}
		err = errors.Join(err, h.pass())
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// grow adds the logs that have appeared.
func (m *merger) grow(q Query) {
	if len(q.Components) > 0 {
		return
	}
	names, _ := Components(m.dir) // a directory that is gone may come back
	for _, name := range names {
		if !m.has(name) {
			m.add(name, q)
		}
	}
}

// takeAll leaves the decision about a line to whoever holds it.
func (m *merger) takeAll(q *Query) {
	q.Only = nil
	for _, c := range m.cursors {
		c.query.Only = nil
	}
}

package recording

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/session"
)

// Of puts the recording of a session together, from an app's state directory.
func Of(state, id string) (*Recording, error) {
	s, err := session.In(state).Show(id)
	if err != nil {
		return nil, err
	}
	r := &Recording{Head: Head{V: Version, Kind: KindRecording, Session: s.ID, Made: time.Now().UTC(), Route: s.Route}}
	at := map[string]int{}
	for _, t := range s.List {
		at[t.ID] = len(r.Turns)
		r.Turns = append(r.Turns, turnOf(t))
	}
	if len(r.Turns) == 0 {
		return nil, errNone(id)
	}
	if err := collect(filepath.Join(state, DirName), r, at); err != nil {
		return nil, err
	}
	for i, t := range s.List {
		r.Turns[i].arrange(t)
	}
	r.involved()
	return r, nil
}

func turnOf(t session.Turn) Turn {
	out := Turn{
		Kind: KindTurn, ID: t.ID, Input: t.Acceptor, At: t.At.UTC(), Type: t.ContentType, Text: t.Text, Status: t.Status, Answer: t.Answer,
		Outputs: t.Outputs, Error: t.Error, TookMS: t.TookMS, Chain: []string{},
	}
	for _, h := range t.Hops {
		out.Chain = append(out.Chain, h.Component)
	}
	return out
}

// collect reads the lines of all components that belong to a session's turns.
func collect(dir string, r *Recording, at map[string]int) error {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	slices.SortFunc(names, func(a, b fs.DirEntry) int {
		return cmp.Or(modified(a).Compare(modified(b)), strings.Compare(a.Name(), b.Name()))
	})
	for _, name := range names {
		if !name.Type().IsRegular() || !strings.HasSuffix(name.Name(), ext) {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, name.Name()), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was the oldest one, just now
		}
		if err != nil {
			return err
		}
		b, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		pick(b, r, at)
	}
	return nil
}

func modified(e fs.DirEntry) time.Time {
	info, err := e.Info()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// pick takes what belongs to the turns out of one file. A torn line costs itself.
func pick(b []byte, r *Recording, at map[string]int) {
	for raw := range bytes.Lines(b) {
		var k struct {
			Kind string `json:"kind"`
			Turn string `json:"turn"`
		}
		if json.Unmarshal(raw, &k) != nil {
			continue
		}
		switch i, ours := at[k.Turn]; {
		case k.Kind == KindComponent:
			var c Component
			if json.Unmarshal(raw, &c) == nil {
				r.known(c)
			}
		case k.Kind == KindGap:
			var g gap
			if json.Unmarshal(raw, &g) == nil {
				r.Gaps += g.Lost
			}
		case ours:
			var e Entry
			if json.Unmarshal(raw, &e) == nil && !r.Turns[i].has(e) {
				r.Turns[i].Entries = append(r.Turns[i].Entries, e)
			}
		}
	}
}

// known adds what a component was made of: the latest one that was there before the last turn began.
func (r *Recording) known(c Component) {
	last := r.Turns[len(r.Turns)-1]
	end := last.At.Add(time.Duration(last.TookMS+1000) * time.Millisecond)
	for i := range r.Components {
		k := &r.Components[i]
		if k.Component != c.Component {
			continue
		}
		if c.At.After(k.At) && !c.At.After(end) || k.At.After(end) && c.At.Before(k.At) {
			*k = c
		}
		return
	}
	r.Components = append(r.Components, c)
}

// involved leaves the components away that had nothing to do with the session.
func (r *Recording) involved() {
	r.Components = slices.DeleteFunc(r.Components, func(c Component) bool {
		return !slices.ContainsFunc(r.Turns, func(t Turn) bool {
			return slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Component == c.Component || e.To == c.Component })
		})
	})
	slices.SortFunc(r.Components, func(a, b Component) int { return strings.Compare(a.Component, b.Component) })
}

// has reports whether a line is there already: a component that was replaced in the middle of a turn wrote it again.
func (t *Turn) has(e Entry) bool {
	for i, o := range t.Entries {
		same := o.Kind == e.Kind && o.Component == e.Component
		if same && e.Kind == KindCall && o.ID == e.ID {
			return true
		}
		if same && e.Kind == KindHop && o.Branch == e.Branch && bytes.Equal(o.Request, e.Request) {
			t.Entries[i] = e // the later run is the one that counted
			return true
		}
	}
	return false
}

// arrange puts the entries of a turn in their order: its hops as they were passed, each with its calls behind it.
func (t *Turn) arrange(s session.Turn) {
	all := t.Entries
	slices.SortStableFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	var out []Entry
	taken := make([]bool, len(all))
	take := func(want func(Entry) bool, most int) (n int) {
		for i, e := range all {
			if !taken[i] && n < most && want(e) {
				taken[i] = true
				out = append(out, e)
				n++
			}
		}
		return n
	}
	for _, h := range s.Hops {
		hop := func(e Entry) bool { return e.Kind == KindHop && e.Component == h.Component }
		if take(hop, 1) == 0 {
			out = append(out, Entry{Kind: KindHop, Turn: t.ID, Component: h.Component, Unrecorded: true})
		}
		last := &out[len(out)-1]
		last.Instance, last.Generation, last.Attempt, last.ServiceMS = h.Instance, h.Generation, h.Attempt, h.ServiceMS
		take(func(e Entry) bool { return e.Kind == KindCall && root(e) == h.Component }, len(all))
	}
	take(func(Entry) bool { return true }, len(all))
	for i := range out {
		out[i].Hop, out[i].Session = i+1, ""
	}
	t.Entries = out
}

// root is the component on the turn's way that a call hangs on.
func root(e Entry) string {
	name, _, _ := strings.Cut(key(e.Turn, e.ID), "/")
	return name
}

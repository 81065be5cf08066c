package recording

import (
	"bufio"
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

// Write writes a recording as JSON lines.
func (r *Recording) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.Head); err != nil {
		return err
	}
	for _, c := range r.Components {
		if err := e.Encode(c); err != nil {
			return err
		}
	}
	for _, t := range r.Turns {
		if err := e.Encode(t); err != nil {
			return err
		}
		for _, en := range t.Entries {
			if err := e.Encode(en); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxLine bounds a line of a recording.
const maxLine = 64 << 20

// Load reads the recording in a file.
func Load(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path)
}

// Read reads what Write wrote. name is what problems call it.
func Read(in io.Reader, name string) (*Recording, error) {
	r := &Recording{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		raw := bytes.TrimSpace(lines.Bytes())
		if len(raw) == 0 {
			continue
		}
		if err := r.line(raw, name, n); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, errLine(name, n+1, err.Error())
	}
	if r.V == 0 {
		return nil, errEmpty(name)
	}
	return r, nil
}

func (r *Recording) line(raw []byte, name string, n int) error {
	var k struct {
		V    int    `json:"v"`
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return errLine(name, n, "no line of a recording: "+err.Error())
	}
	if r.V == 0 {
		switch {
		case k.Kind != KindRecording || k.V <= 0:
			return errEmpty(name)
		case k.V > Version:
			return errVersion(name, k.V)
		}
	}
	var err error
	switch k.Kind {
	case KindRecording:
		err = json.Unmarshal(raw, &r.Head)
	case KindComponent:
		var c Component
		err = json.Unmarshal(raw, &c)
		r.Components = append(r.Components, c)
	case KindTurn:
		var t Turn
		err = json.Unmarshal(raw, &t)
		if err == nil && t.ID == "" {
			return errLine(name, n, "a turn without an id")
		}
		r.Turns = append(r.Turns, t)
	case KindHop, KindCall:
		var e Entry
		if err = json.Unmarshal(raw, &e); err == nil {
			t, _ := r.Turn(e.Turn)
			if t == nil {
				return errLine(name, n, "a "+k.Kind+" of turn "+e.Turn+", which does not stand above it")
			}
			t.Entries = append(t.Entries, e)
		}
	} // what a later ww of this version adds is left out
	if err != nil {
		return errLine(name, n, "no "+k.Kind+" of a recording: "+err.Error())
	}
	return nil
}

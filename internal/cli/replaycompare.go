package cli

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/recording"
)

// cutShort reports whether a turn did not come to an end of its own: what it was about to do is not in a recording. No
// later turn knows of it.
func cutShort(s event.Status) bool {
	return s == event.StatusPending || s == event.StatusCanceled || s == event.StatusTimeout || s == event.StatusDead
}

// add compares a turn with what was recorded.
func (out *replayed) add(t recording.Turn, master string, now played, live bool) {
	r := replayedTurn{
		Turn: t.ID, Text: t.Text, Live: live, Status: now.end.Status, Recorded: t.Answer, Now: now.end.Answer, Error: now.end.Error,
	}
	chain := slices.DeleteFunc(slices.Clone(t.Chain), func(name string) bool { return name == master })
	switch {
	case cutShort(t.Status): // how it would have ended is not known
	case t.Status != now.end.Status:
		r.Field = "status"
	case t.Answer != now.end.Answer:
		r.Field = "answer"
	case !slices.Equal(t.Outputs, now.end.Outputs):
		r.Field = "outputs"
	case !slices.Equal(chain, now.chain):
		r.Field = "chain"
	}
	r.Same = r.Field == ""
	out.Same = out.Same && (r.Same || live && now.end.Status == event.StatusOK)
	out.Turns = append(out.Turns, r)
}

// goneFrom are the components that were asked and are not there any more, each where it was asked first.
func goneFrom(p *project.Project, rec *recording.Recording) []*recording.Mismatch {
	var all []*recording.Mismatch
	seen := map[string]bool{}
	master := masterOf(p, rec)
	for n, t := range rec.Turns {
		for _, e := range t.Entries {
			name := e.Component
			if e.Kind == recording.KindCall {
				name = e.To
			}
			if _, there := p.Component(name); there || seen[name] || name == master {
				continue
			}
			seen[name] = true
			all = append(all, &recording.Mismatch{
				Turn: n + 1, ID: t.ID, Hop: e.Hop, Component: e.Component, To: e.To, Field: "component", Recorded: name, Now: "(nothing)",
			})
		}
	}
	return all
}

// masterOf is the component that handed messages on when they were recorded: whether one does is not compared. Early
// recordings do not say which it was; then it had the name of its kind, unless the app has another component of that name.
func masterOf(p *project.Project, rec *recording.Recording) string {
	const usual = "task_master"
	if name := rec.Master(); name != "" {
		return name
	}
	if _, there := p.Component(usual); there && p.Master() != usual {
		return ""
	}
	return usual
}

// changedSince are the files that are not what they were.
func changedSince(p *project.Project, rec *recording.Recording) []string {
	changed := []string{}
	for _, c := range rec.Components {
		for name, was := range c.Files {
			path := filepath.FromSlash(name)
			if !filepath.IsAbs(path) {
				path = filepath.Join(p.Dir, path)
			}
			b, err := os.ReadFile(path)
			if (err != nil || hashOf(b) != was) && !slices.Contains(changed, name) {
				changed = append(changed, name)
			}
		}
	}
	slices.Sort(changed)
	return changed
}

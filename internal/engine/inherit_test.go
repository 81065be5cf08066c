package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/localbus"
)

func TestWhatBecomesOfARunnerIsDecidedByWhatWasWanted(t *testing.T) {
	t.Parallel()
	d := app.Desired{Generation: 5, Components: []app.Wanted{{
		Name: "a", Replicas: 2, Generation: 4, Out: []app.Out{{Ordinal: 1, Stopped: true}},
	}, {
		Name: "b", Replicas: 1, Generation: 4, Out: []app.Out{{Ordinal: 0, Reason: "crash 5"}},
	}}}
	tests := []struct {
		name string
		rec  localbus.Record
		want fate
	}{
		{"the generation that is wanted", localbus.Record{Component: "a", Generation: 4}, keep},
		{"it stands by, and was decided", localbus.Record{Component: "a", Generation: 4, Standby: true}, keep},
		{"of a reload that was not decided", localbus.Record{Component: "a", Generation: 6, Standby: true}, end},
		{"of a component that was about to be added", localbus.Record{Component: "new", Generation: 6}, end},
		{"an older one", localbus.Record{Component: "a", Generation: 3}, release},
		{"of a component that was removed", localbus.Record{Component: "gone", Generation: 2}, release},
		{"one too many", localbus.Record{Component: "a", Generation: 4, Ordinal: 2}, release},
		{"stopped by hand", localbus.Record{Component: "a", Generation: 4, Ordinal: 1}, release},
		{"it ends anyway", localbus.Record{Component: "a", Generation: 4, State: localbus.StateShuttingDown}, release},
		{"given up on, and alive all the same", localbus.Record{Component: "b", Generation: 4}, keep},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := judge(d, tt.rec); got != tt.want {
				t.Errorf("fate %d, want %d", got, tt.want)
			}
		})
	}
}

func TestUnitsHaveNames(t *testing.T) {
	t.Parallel()
	for want, u := range map[string]unit{
		"agent":         {name: "agent", generation: 1},
		"agent.2":       {name: "agent", ordinal: 2, generation: 1},
		"agent@3":       {name: "agent", generation: 3},
		"agent.1@3~x-1": {name: "agent", ordinal: 1, generation: 3, twin: "x-1"},
	} {
		if got := u.String(); got != want {
			t.Errorf("%+v is %q, want %q", u, got, want)
		}
	}
	for text, want := range map[string]string{"agent": "agent -1", "agent.0": "agent 0", "agent.12": "agent 12", "agent.x": "agent.x -1", "agent.-1": "agent.-1 -1"} {
		name, ordinal := parseUnit(text)
		if got := fmt.Sprint(name, " ", ordinal); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestAFileThatChangesForEverIsLeftAlone(t *testing.T) {
	t.Parallel()
	var f flaps
	now := time.Unix(1_700_000_000, 0)
	out := func() []string { return []string{"/p/out.txt"} }
	said, reloads := 0, 0
	for range flapMost + 20 {
		now = now.Add(200 * time.Millisecond)
		files := f.without(out(), now)
		if len(files) == 0 {
			continue
		}
		reloads++
		if f.add(files, now) != "" {
			said++
		}
	}
	if reloads != flapMost || said != 1 {
		t.Errorf("%d reloads, said %d times; want %d, once", reloads, said, flapMost)
	}
	if left := f.without([]string{"/p/out.txt", "/p/main.ww"}, now); len(left) != 1 {
		t.Errorf("others count too: %q", left)
	}
	if len(f.without(out(), now.Add(flapRest+time.Second))) != 1 {
		t.Error("it has rested and does not count again")
	}
}

func TestCatchingUpReplacesOnlyWhatIsAnother(t *testing.T) {
	t.Parallel()
	c := func(name, script string) project.Component {
		return project.Component{Name: name, Kind: "llm", Type: "scripted", Config: map[string]any{"script": script}}
	}
	old := []project.Component{c("same", "a"), c("other", "a"), c("gone", "a")}
	var d app.Desired
	for _, o := range old {
		d.Components = append(d.Components, wanted(&project.Project{}, o, 1))
	}
	now := &project.Project{Dir: "/p", Components: []project.Component{c("same", "a"), c("other", "b"), c("new", "a")}}
	got := map[string]project.Op{}
	for _, s := range project.Diff(formerly(d, now), now, nil).Steps {
		got[s.Component] = s.Op
	}
	want := map[string]project.Op{"same": project.OpSame, "other": project.OpReplace, "new": project.OpAdd, "gone": project.OpRemove}
	for name, op := range want {
		if got[name] != op {
			t.Errorf("%s: %s, want %s", name, got[name], op)
		}
	}
	if now.Components[1].Config["its declaration"] != nil {
		t.Error("the project that runs was changed")
	}
}

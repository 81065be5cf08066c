package engine

import (
	"fmt"
	"slices"
	"testing"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/localbus"
)

// R9: one file says what is wanted. A supervisor is killed between any two steps of an order; the next one has the file
// and the runners, and nothing else.

// scene is what a killed supervisor leaves of one component.
type scene struct {
	disk    app.Desired
	runners []localbus.Record
	served  map[string]bool // instances that have ever taken a partition
	decided bool            // the file was replaced
}

// act is one step of an order.
type act func(*scene)

func runner(generation, ordinal int) localbus.Record {
	return localbus.Record{
		Component: "a", Instance: fmt.Sprintf("a-%d.%d", generation, ordinal), Generation: generation, Ordinal: ordinal, State: localbus.StateReady,
	}
}

func starts(generation, ordinal int) act {
	return func(s *scene) {
		r := runner(generation, ordinal)
		r.Standby = true
		s.runners = append(s.runners, r)
	}
}

func decides(f func(w *app.Wanted)) act {
	return func(s *scene) {
		d := s.disk.Clone()
		f(&d.Components[0])
		d.Generation = max(d.Generation, d.Components[0].Generation)
		s.disk, s.decided = d, true
	}
}

func serves(generation, ordinal int) act {
	return func(s *scene) {
		for i := range s.runners {
			if r := &s.runners[i]; r.Generation == generation && r.Ordinal == ordinal {
				r.Standby = false
				s.served[r.Instance] = true
			}
		}
	}
}

func kills(generation, ordinal int) act {
	return func(s *scene) {
		s.runners = slices.DeleteFunc(s.runners, func(r localbus.Record) bool { return r.Generation == generation && r.Ordinal == ordinal })
	}
}

// orders are what people ask of an app, as the engine carries them out. Each begins with two instances of generation 1.
func orders() map[string][]act {
	return map[string][]act{
		"reload": {
			starts(2, 0), starts(2, 1), decides(func(w *app.Wanted) { w.Generation = 2 }),
			serves(2, 0), serves(2, 1), kills(1, 0), kills(1, 1),
		},
		"a reload that does not become ready": {starts(2, 0), kills(2, 0)},
		"scale up":                            {starts(1, 2), decides(func(w *app.Wanted) { w.Replicas = 3 }), serves(1, 2)},
		"scale down":                          {decides(func(w *app.Wanted) { w.Replicas = 1 }), kills(1, 1)},
		"stop":                                {decides(func(w *app.Wanted) { out(w, app.Out{Ordinal: 1, Stopped: true}) }), kills(1, 1)},
	}
}

func begin() *scene {
	s := &scene{served: map[string]bool{}, disk: app.Desired{Generation: 1, Components: []app.Wanted{{Name: "a", Replicas: 2, Generation: 1}}}}
	for n := range 2 {
		s.runners = append(s.runners, runner(1, n))
		s.served[s.runners[n].Instance] = true
	}
	return s
}

// judging is how a new supervisor decides: over a runner, and what is to run.
type judging struct {
	fate  func(*scene, localbus.Record) fate
	wants func(*scene) app.Wanted
}

// byTheFile is how it is done.
var byTheFile = judging{
	fate:  func(s *scene, r localbus.Record) fate { return judge(s.disk, r) },
	wants: func(s *scene) app.Wanted { return s.disk.Components[0] },
}

// bySight is R9 switched off: what is seen counts.
var bySight = judging{
	fate: func(s *scene, r localbus.Record) fate {
		w := sighted(s)
		return judge(app.Desired{Generation: w.Generation, Components: []app.Wanted{w}}, r)
	},
	wants: sighted,
}

func sighted(s *scene) app.Wanted {
	w := app.Wanted{Name: "a"}
	for _, r := range s.runners {
		w.Generation, w.Replicas = max(w.Generation, r.Generation), max(w.Replicas, r.Ordinal+1)
	}
	return w
}

// successor is what a new supervisor makes of what it finds: what runs when it is done, or what is wrong with it.
func (s *scene) successor(j judging) (runs []string, wrong string) {
	w := j.wants(s)
	for _, r := range s.runners {
		switch j.fate(s, r) {
		case keep:
			runs = append(runs, r.Instance)
		case end:
			if s.served[r.Instance] {
				return nil, r.Instance + " has served and is ended at once"
			}
		case release:
		}
	}
	for _, n := range w.Ordinals() {
		if name := runner(w.Generation, n).Instance; !slices.Contains(runs, name) {
			runs = append(runs, name)
		}
	}
	slices.Sort(runs)
	return runs, ""
}

// play carries an order out up to its k-th step.
func play(order []act, k int) *scene {
	s := begin()
	for _, step := range order[:k] {
		step(s)
	}
	return s
}

// killedEverywhere kills the supervisor after every step of an order and says what is wrong then.
func killedEverywhere(order []act, j judging) (bad []string) {
	before, _ := begin().successor(byTheFile)
	after, _ := play(order, len(order)).successor(byTheFile)
	for k := range len(order) + 1 {
		s, want := play(order, k), before
		if s.decided {
			want = after
		}
		runs, wrong := s.successor(j)
		switch {
		case wrong != "":
		case !slices.Equal(runs, want):
			wrong = fmt.Sprintf("%v run, want %v", runs, want)
		case !s.decided && (len(s.runners) < 2 || s.runners[0].Instance != "a-1.0" || s.runners[1].Instance != "a-1.1"):
			wrong = "something that served was ended, and nobody had decided that"
		default:
			continue
		}
		bad = append(bad, fmt.Sprintf("killed after step %d: %s", k, wrong))
	}
	return bad
}

func TestASupervisorThatIsKilledAnywhereIsFollowedByOneThatKnowsWhatWasWanted(t *testing.T) {
	for name, order := range orders() {
		for _, bad := range killedEverywhere(order, byTheFile) {
			t.Errorf("%s: %s", name, bad)
		}
	}
}

// TestR9SwitchedOffIsNoticed: the file is not read, or it is written when everything is done.
func TestR9SwitchedOffIsNoticed(t *testing.T) {
	for name, order := range orders() {
		if name != "scale up" && name != "a reload that does not become ready" && len(killedEverywhere(late(order), byTheFile)) == 0 {
			t.Errorf("%s: nobody notices that it is decided after it is done", name)
		}
		if len(killedEverywhere(order, bySight)) == 0 {
			t.Errorf("%s: nobody notices that the file is not read", name)
		}
	}
}

// late moves the decision of an order to its end.
func late(order []act) []act {
	var decision, rest []act
	for _, step := range order {
		s := begin()
		if step(s); s.decided {
			decision = append(decision, step)
		} else {
			rest = append(rest, step)
		}
	}
	return append(rest, decision...)
}

package bus

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTransitionsAreThoseOfTheTable(t *testing.T) {
	allowed := map[State]string{
		StateInitializing: "ready failed shutting_down terminated",
		StateReady:        "active shutting_down failed",
		StateActive:       "ready shutting_down failed",
		StateShuttingDown: "terminated failed",
		StateFailed:       "initializing terminated",
		StateTerminated:   "",
	}
	for _, from := range States() {
		for _, to := range States() {
			want := slices.Contains(strings.Fields(allowed[from]), string(to))
			if got := from.May(to); got != want {
				t.Errorf("from %s to %s: %v, want %v", from, to, got, want)
			}
		}
	}
	if State("").May(StateReady) || StateReady.May("asleep") {
		t.Error("a word that is no state may go somewhere")
	}
}

func TestAveragesForgetSlowly(t *testing.T) {
	v := Vitals{SuccessRate: 1}
	v.Observe(2*time.Second, true, true)
	if v.AvgProcessingTime != 2 || v.SuccessRate != 1 {
		t.Errorf("after the first turn: %+v", v)
	}
	v.Observe(time.Second, false, false)
	if math.Abs(v.AvgProcessingTime-1.9) > 1e-9 || math.Abs(v.SuccessRate-0.9) > 1e-9 {
		t.Errorf("the newest turn counts a tenth: %+v", v)
	}
}

func TestSelectFindsWhoServes(t *testing.T) {
	c := func(id, name string, ordinal, generation int, s State, held ...int) ComponentInfo {
		return ComponentInfo{Identity: Identity{ID: id, Name: name, Ordinal: ordinal, Generation: generation}, State: s, SessionAffinity: held}
	}
	spare := c("b-2", "b", 0, 3, StateReady)
	spare.Standby = true
	list := []ComponentInfo{
		c("a-1", "a", 1, 1, StateReady, 1, 2), c("a-0", "a", 0, 1, StateActive, 0, 3), c("a-old", "a", 0, 0, StateReady),
		c("b-1", "b", 0, 2, StateReady), spare, c("c-1", "c", 0, 1, StateShuttingDown), c("d-1", "d", 0, 1, StateInitializing),
	}
	ids := func(q Query) string {
		var all []string
		for _, c := range q.Select(list) {
			all = append(all, c.ID)
		}
		return strings.Join(all, " ")
	}
	if got := ids(Query{}); got != "a-0 a-1 b-1" {
		t.Errorf("serving: %s", got)
	}
	if got := ids(Query{All: true}); got != "a-0 a-old a-1 b-1 b-2 c-1 d-1" {
		t.Errorf("all: %s", got)
	}
	for n, session := range sessionsOf(t, 0, 1, 2, 3) {
		want := map[int]string{0: "a-0", 1: "a-1", 2: "a-1", 3: "a-0"}[n]
		if got := ids(Query{Name: "a", Session: session}); got != want {
			t.Errorf("partition %d: %s, want %s, who holds it", n, got, want)
		}
	}
	free := sessionsOf(t, 7)[7]
	want := []string{"a-0", "a-1"}[Owner(7, []int{0, 1})]
	if got := ids(Query{Name: "a", Session: free}); got != want {
		t.Errorf("a partition that nobody holds: %s, want %s", got, want)
	}
}

// sessionsOf makes a session for each of some partitions.
func sessionsOf(t *testing.T, partitions ...int) map[int]string {
	t.Helper()
	out := map[int]string{}
	for i := 0; len(out) < len(partitions); i++ {
		s := "s" + time.Duration(i).String()
		if p := PartitionOf(s); slices.Contains(partitions, p) {
			out[p] = s
		}
	}
	return out
}

func TestComponentInfoIsOneFlatObject(t *testing.T) {
	b, err := json.Marshal(ComponentInfo{})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields(`component_id ordinal name component_type type state capabilities input_events output_events
		resource_requirements registered_at last_heartbeat session_affinity process_id container_id endpoint
		avg_processing_time success_rate current_load max_concurrent generation version node`) {
		if _, ok := m[key]; !ok {
			t.Errorf("no %q in %s", key, b)
		}
	}
}

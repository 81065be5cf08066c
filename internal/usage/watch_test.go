package usage

import (
	"os"
	"testing"
	"time"
)

func TestWhoWatchesSeesWorkEveryTimeAndTheRestNowAndThen(t *testing.T) {
	t.Parallel()
	pid := os.Getpid()
	var m Meter
	first := m.Watch(t.Context(), []int{pid})[pid]
	if first.Memory == 0 || first.Threads == 0 {
		t.Fatalf("the first look says %+v", first)
	}
	began, before := m.at, SpentAlone(pid)
	for SpentAlone(pid)-before < fresh { // work, however little of the machine there is for it
	}
	second := m.Watch(t.Context(), []int{pid})[pid]
	if worked := time.Duration(second.CPU * float64(m.at.Sub(began))); worked < fresh-time.Millisecond {
		t.Errorf("%s of work are told as %s: %+v", fresh, worked, second)
	}
	if second.Memory != first.Memory || second.Threads != first.Threads {
		t.Errorf("a glance read memory and threads again: %+v, then %+v", first, second)
	}
	m.glances = everyGlance
	m.at = m.at.Add(-2 * fresh) // who asks again at once gets the same answer
	if m.Watch(t.Context(), []int{pid}); m.glances != 0 {
		t.Error("after glances no whole measurement came")
	}
	if got := m.Watch(t.Context(), []int{pid, os.Getppid()}); len(got) != 2 {
		t.Errorf("a new process was not measured at once: %v", got)
	}
}

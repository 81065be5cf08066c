package engine

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
)

// Timing holds every duration of a run, so that tests run in milliseconds. Zero fields take the defaults.
type Timing struct {
	component.Timing
	Grace     time.Duration // between TERM and KILL
	HangAfter time.Duration // without an answer and without using the processor: hung
	Silent    time.Duration // without an answer, working or not: dead; 0: never
	Lease     time.Duration // the same, as the end of its lease; 0: never
	Stale     time.Duration // at the start of an app, what is left over for longer is set aside
	Ready     time.Duration // a component that is not READY by then has crashed
	Spare     time.Duration // how long an old generation stays beside the new one that replaced it
	Settle    time.Duration // how long files must be quiet before they are read again
}

func (t Timing) withDefaults() Timing {
	d := component.DefaultTiming()
	t.Heartbeat = cmp.Or(t.Heartbeat, d.Heartbeat)
	t.RefuseAfter = cmp.Or(t.RefuseAfter, d.RefuseAfter)
	t.KillAfter = cmp.Or(t.KillAfter, d.KillAfter)
	t.Drain = cmp.Or(t.Drain, d.Drain)
	t.TurnTimeout = cmp.Or(t.TurnTimeout, d.TurnTimeout)
	t.Delivery = cmp.Or(t.Delivery, d.Delivery)
	t.Asking = cmp.Or(t.Asking, d.Asking)
	t.Takeover = cmp.Or(t.Takeover, d.Takeover)
	t.Grace = cmp.Or(t.Grace, 10*time.Second)
	t.HangAfter = cmp.Or(t.HangAfter, 15*time.Second)
	t.Stale = cmp.Or(t.Stale, 10*time.Minute)
	t.Ready = cmp.Or(t.Ready, 30*time.Second)
	t.Spare = cmp.Or(t.Spare, 2*time.Second)
	t.Settle = cmp.Or(t.Settle, 60*time.Millisecond)
	return t
}

// ParseTiming reads "kill=2s,refuse=1s". The names are heartbeat, refuse, kill, drain, turn, grace, hang,
// ready, stale, delivery, asking, takeover, spare and settle.
func ParseTiming(text string) (Timing, error) {
	var t Timing
	names := map[string]*time.Duration{
		"heartbeat": &t.Heartbeat, "refuse": &t.RefuseAfter, "kill": &t.KillAfter, "drain": &t.Drain,
		"turn": &t.TurnTimeout, "grace": &t.Grace, "hang": &t.HangAfter, "ready": &t.Ready, "stale": &t.Stale, "delivery": &t.Delivery,
		"asking": &t.Asking, "takeover": &t.Takeover, "spare": &t.Spare, "settle": &t.Settle,
	}
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		field, ok := names[name]
		if !ok {
			return t, fmt.Errorf("timing %q: no duration is called %q", text, name)
		}
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return t, fmt.Errorf("timing %q: %q is no duration", text, value)
		}
		*field = d
	}
	return t, nil
}

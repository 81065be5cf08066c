package engine

import (
	"context"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/localbus"
)

// Row is one component in the JSON of ww ps.
type Row struct {
	Name           string          `json:"name"`
	Instance       string          `json:"instance"`
	Ordinal        int             `json:"ordinal"` // 0 unless it has replicas
	Kind           string          `json:"kind"`
	Type           string          `json:"type"`
	State          state.Word      `json:"state"`
	NextStartMS    int64           `json:"next_start_ms"`
	PIDs           state.PIDs      `json:"pids"`
	Generation     int             `json:"generation"`
	Restarts       int             `json:"restarts"`
	Load           Load            `json:"load"`
	HeartbeatAgeMS int64           `json:"heartbeat_age_ms"` // -1: none yet
	SuccessRate    float64         `json:"success_rate"`
	CPU            float64         `json:"cpu"`       // share of one core over the last interval, of the runner and all below it
	PSS            int64           `json:"pss_bytes"` // of all of them, shared pages divided among those who share them
	Threads        int             `json:"threads"`
	Files          int             `json:"files"` // open descriptors
	Processes      int             `json:"processes"`
	Breakers       []event.Breaker `json:"breakers"`
	Reason         string          `json:"reason"`
	Exit           state.Exit      `json:"exit"` // of its last process, while it has no other
	LastDeath      string          `json:"last_death"`
}

// Load is how busy an instance is.
type Load struct {
	InFlight int `json:"in_flight"`
	Max      int `json:"max"`
}

// Rows is the picture as ww ps prints it.
func Rows(s state.State, now time.Time) []Row {
	rows := make([]Row, 0, len(s.Components))
	for _, c := range s.Components {
		r := Row{
			Name: c.Name, Instance: c.Instance, Ordinal: c.Ordinal, Kind: c.Kind, Type: c.Type, State: c.State, PIDs: c.PIDs,
			Generation: c.Generation, Restarts: c.Restarts, Load: Load{c.InFlight, c.Max},
			HeartbeatAgeMS: -1, SuccessRate: c.SuccessRate, Breakers: append([]event.Breaker{}, c.Breakers...), Reason: c.Reason, Exit: c.Exit, LastDeath: c.LastDeath,
		}
		if !c.HeartbeatAt.IsZero() {
			r.HeartbeatAgeMS = max(0, now.Sub(c.HeartbeatAt).Milliseconds())
		}
		if c.NextStart.After(now) {
			r.NextStartMS = c.NextStart.Sub(now).Milliseconds()
		}
		r.use(c.Usage)
		rows = append(rows, r)
	}
	return rows
}

// Look asks the components of an app themselves how they are: what ww ps shows when there is no supervisor. What is
// wanted but not there is shown as stopped.
func Look(ctx context.Context, a app.App, dir string, seat *localbus.Peer) (state.State, error) {
	d, err := a.Desired()
	if err != nil {
		return state.State{}, err
	}
	recs, err := localbus.Records(dir)
	if err != nil {
		return state.State{}, err
	}
	s := state.State{App: d.Name, File: d.File, Dir: a.State, Generation: d.Generation}
	for _, w := range d.Components {
		s.Apply(state.ComponentChanged{Component: state.Component{Name: w.Name, Kind: w.Kind, Type: w.Type, State: state.Stopped, Generation: w.Generation, SuccessRate: 1}})
	}
	for _, r := range recs {
		if r.Alive && r.Role == localbus.RoleComponent {
			s.Apply(state.ComponentChanged{Component: fromRecord(r)})
		}
	}
	for _, e := range pingAll(ctx, seat, recs) {
		s.Apply(e)
	}
	return s, nil
}

func fromRecord(r localbus.Record) state.Component {
	words := map[string]state.Word{
		localbus.StateInitializing: state.Starting, localbus.StateReady: state.Ready,
		localbus.StateShuttingDown: state.Draining, localbus.StateFailed: state.Failed,
	}
	word := words[r.State]
	switch {
	case word == state.Ready && r.Standby && len(r.Partitions) > 0:
		word = state.Draining
	case word == state.Ready && r.Standby:
		word = state.Starting
	}
	return state.Component{
		Name: r.Component, Instance: r.Instance, Ordinal: r.Ordinal, Kind: r.Kind, Type: r.Type, State: word,
		PIDs:       state.PIDs{Runner: r.PID, Guard: r.GuardPID, Child: r.ChildPID},
		Generation: r.Generation, Restarts: r.Restarts, Max: r.MaxConcurrent, SuccessRate: 1, Reason: r.Reason,
	}
}

// pingAll asks everybody at once; who does not answer keeps what its record says.
func pingAll(ctx context.Context, seat *localbus.Peer, recs []localbus.Record) []state.Event {
	var mu sync.Mutex
	var beats []state.Event
	var wg sync.WaitGroup
	for _, r := range recs {
		if !r.Alive || r.Role != localbus.RoleComponent {
			continue
		}
		wg.Go(func() {
			h, err := seat.Ping(ctx, r.Instance)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			beats = append(beats, heartbeat(r, h))
		})
	}
	wg.Wait()
	return beats
}

func heartbeat(r localbus.Record, h event.Health) state.Event {
	return state.Heartbeat{Name: r.Component, Instance: r.Instance, At: time.Now(), Health: h}
}

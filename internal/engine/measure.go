package engine

import (
	"context"
	"math"
	"time"

	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/usage"
)

// watchedUsage is how often processes are measured while a person looks at them.
const watchedUsage = 4 * time.Second

// limitCheck is how often is looked at what may not grow.
const limitCheck = 2 * time.Second

// watchUsage measures for as long as somebody wants to know: a person, or a component with limits. Otherwise nobody is
// measured until somebody asks, and nothing wakes.
func (e *Engine) watchUsage(ctx context.Context) {
	t := time.NewTicker(limitCheck)
	defer t.Stop()
	told, limits := time.Now(), limitsOf(e.project())
	for {
		due := t.C
		if len(limits) == 0 && !e.o.Watched {
			due = nil
			t.Stop()
		}
		select {
		case <-ctx.Done():
			return
		case <-e.news:
			limits = limitsOf(e.project())
			t.Reset(limitCheck)
			continue
		case <-due:
		}
		if len(limits) > 0 {
			e.enforce(limits, e.Picture().Components)
		}
		if e.o.Watched && time.Since(told) >= watchedUsage {
			told = time.Now()
			e.tellUsage(ctx, e.Picture().Components)
		}
	}
}

func (e *Engine) tellUsage(ctx context.Context, up []state.Component) {
	measured := e.meter.Watch(ctx, runners(up))
	var news []state.Event
	for _, c := range up {
		if u, ok := measured[c.PIDs.Runner]; ok {
			news = append(news, state.Used{Name: c.Name, Instance: c.Instance, Usage: asState(u)})
		}
	}
	e.hub.emit(news...)
}

func runners(up []state.Component) []int {
	var pids []int
	for _, c := range up {
		if c.PIDs.Runner > 1 {
			pids = append(pids, c.PIDs.Runner)
		}
	}
	return pids
}

func asState(u usage.Usage) state.Usage {
	return state.Usage{
		CPU: math.Round(u.CPU*10000) / 10000, Memory: u.Memory, Threads: u.Threads, Files: u.Files, Processes: u.Processes,
	}
}

// Measured fills in what the processes of the rows use now. It takes as long as it needs to see who works.
func Measured(ctx context.Context, rows []Row) []Row { return measured(ctx, &usage.Meter{}, rows) }

func measured(ctx context.Context, m *usage.Meter, rows []Row) []Row {
	var pids []int
	for _, r := range rows {
		if r.PIDs.Runner > 1 {
			pids = append(pids, r.PIDs.Runner)
		}
	}
	if len(pids) == 0 {
		return rows
	}
	now := m.Trees(ctx, pids)
	for i := range rows {
		if u, ok := now[rows[i].PIDs.Runner]; ok {
			rows[i].use(asState(u))
		}
	}
	return rows
}

func (r *Row) use(u state.Usage) {
	r.CPU, r.PSS, r.Threads, r.Files, r.Processes = u.CPU, u.Memory, u.Threads, u.Files, u.Processes
}

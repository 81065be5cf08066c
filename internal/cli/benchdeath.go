package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
	meter "github.com/woodwork-lang/ww/internal/usage"
	"github.com/woodwork-lang/ww/supervisor"
)

const benchedDeaths = 10

// deathRows: a killed component, as its peers and as people see it, and a killed supervisor.
func deathRows(ctx context.Context, self bench.Self, dir string) ([]bench.Row, error) {
	rows, err := componentDeaths(ctx, self, filepath.Join(dir, "c"))
	if err != nil {
		return nil, err
	}
	more, err := supervisorDeaths(ctx, filepath.Join(dir, "s"))
	return append(rows, more...), err
}

func componentDeaths(ctx context.Context, self bench.Self, dir string) ([]bench.Row, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, dir, chainSource)
	if err != nil {
		return nil, err
	}
	defer b.close() //nolint:errcheck // the figures are there
	var known, back, waits []time.Duration
	for range benchedDeaths {
		k, r, err := b.killModel(ctx)
		if err != nil {
			return nil, err
		}
		known, back = append(known, k), append(back, r)
		w, err := killEmpty(self)
		if err != nil {
			return nil, err
		}
		waits = append(waits, w)
	}
	return []bench.Row{
		bench.Single("kill -9 of a component → a connected peer knows", known, 10*time.Millisecond, 0).Beside("kill -9 of an empty process → its parent knows", waits),
		bench.Single("kill -9 of a component → it is READY again (0.1 s of it is the restart delay)", back, time.Second, 0),
	}, nil
}

// killModel kills the model and measures until a peer that waits for it knows, and until it is ready again.
func (b *benched) killModel(ctx context.Context) (known, back time.Duration, err error) {
	var victim state.Component
	err = b.component(ctx, func(c state.Component) bool {
		victim = c
		return c.Name == "model" && c.State == state.Ready && c.PIDs.Runner > 1
	})
	if err != nil {
		return 0, 0, err
	}
	gone := make(chan time.Time, 1)
	asked := make(chan struct{})
	go func() {
		close(asked)
		m := event.Message{Header: event.Header{Type: event.TypeAdopt}} // a call that is never answered
		_, _ = b.seat.CallInstance(ctx, victim.Instance, m, nil)
		gone <- time.Now()
	}()
	<-asked
	time.Sleep(20 * time.Millisecond) //nolint:forbidigo // the call has most likely arrived; else the dial fails, which is as good
	began := time.Now()
	if err := syscall.Kill(victim.PIDs.Runner, syscall.SIGKILL); err != nil {
		return 0, 0, err
	}
	known = (<-gone).Sub(began)
	err = b.component(ctx, func(c state.Component) bool {
		return c.Name == "model" && c.State == state.Ready && c.Instance != victim.Instance
	})
	return known, time.Since(began), err
}

// killEmpty kills a process that does nothing and waits for it.
func killEmpty(self bench.Self) (time.Duration, error) {
	cmd := self("nop")
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	began := time.Now()
	_ = cmd.Process.Kill() // it has ended already: as good
	_ = cmd.Wait()         // its status is that it was killed
	return time.Since(began), nil
}

// detachedApp is an app in the background, as people start it.
type detachedApp struct{ dir string }

func startDetached(dir string, components int) (detachedApp, error) {
	d := detachedApp{dir}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return d, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.ww"), []byte(echoSource(components)), 0o600); err != nil {
		return d, err
	}
	_, err := d.ww("dev", "-d")
	return d, err
}

func (d detachedApp) ww(args ...string) ([]byte, error) {
	cmd := exec.Command(executable(), args...)
	cmd.Dir = d.dir
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("ww %s: %w", args[0], err)
	}
	return out, nil
}

// supervisor is its pid.
func (d detachedApp) supervisor() (int, error) {
	a, err := app.Identify(filepath.Join(d.dir, app.DefaultFile), app.DefaultInstance, os.LookupEnv)
	if err != nil {
		return 0, err
	}
	owner, _, err := a.Owner()
	return owner.PID, err
}

func (d detachedApp) pids() (map[string]int, error) {
	out, err := d.ww("ps", "--json")
	if err != nil {
		return nil, err
	}
	var rows []engine.Row
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, err
	}
	by := map[string]int{}
	for _, r := range rows {
		by[r.Name] = r.PIDs.Runner
	}
	return by, nil
}

// supervisorDeaths kills the supervisor of twenty components, starts another one, and at last ends the app.
func supervisorDeaths(ctx context.Context, dir string) ([]bench.Row, error) {
	d, err := startDetached(dir, idleApp)
	if err != nil {
		return nil, err
	}
	var adopted, stopped []time.Duration
	for range 5 {
		took, err := d.replaceSupervisor(ctx)
		if err != nil {
			return nil, err
		}
		adopted = append(adopted, took)
	}
	for range 3 {
		began := time.Now()
		if _, err := d.ww("down"); err != nil {
			return nil, err
		}
		stopped = append(stopped, time.Since(began))
		if _, err := d.ww("dev", "-d"); err != nil {
			return nil, err
		}
	}
	_, err = d.ww("down")
	return []bench.Row{
		bench.Single(fmt.Sprintf("kill -9 of the supervisor, ww dev -d → %d components re-attached, no pid changed", idleApp), adopted, time.Second, 0),
		bench.Single(fmt.Sprintf("ww down of %d idle components, whole command", idleApp), stopped, 300*time.Millisecond, 0),
	}, err
}

func (d detachedApp) replaceSupervisor(ctx context.Context) (time.Duration, error) {
	before, err := d.pids()
	if err != nil {
		return 0, err
	}
	pid, err := d.supervisor()
	if err != nil {
		return 0, err
	}
	if err := supervisor.Kill(pid, supervisor.SIGKILL); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		if _, err := supervisor.PidStart(pid); err != nil {
			break
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // the kernel tells nobody but its parent
	}
	began := time.Now()
	if _, err := d.ww("dev", "-d"); err != nil {
		return 0, err
	}
	took := time.Since(began)
	after, err := d.pids()
	for name, pid := range after {
		if before[name] != pid {
			return took, fmt.Errorf("%s has another process after the adoption", name)
		}
	}
	return took, err
}

const idleTime = time.Minute

// idleRows: what an app uses that nobody uses.
func idleRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	d, err := startDetached(filepath.Join(dir, "i"), idleApp)
	if err != nil {
		return nil, err
	}
	pid, err := d.supervisor()
	if err != nil {
		return nil, err
	}
	before, began := meter.Spent(pid), time.Now()
	select {
	case <-time.After(idleTime):
	case <-ctx.Done():
	}
	spent, passed := meter.Spent(pid)-before, time.Since(began)
	if _, err := d.ww("down"); err != nil {
		return nil, err
	}
	share := 100 * float64(spent) / float64(passed)
	ok := share <= 0.3
	return []bench.Row{{
		Name: fmt.Sprintf("%d idle components and their supervisor, %s", idleApp, passed.Round(time.Second)), Unit: "% of a core",
		Value: share, P99: share, Windows: 1, Samples: 1, Goal: "≤ 0.3 %", OK: &ok,
	}}, nil
}

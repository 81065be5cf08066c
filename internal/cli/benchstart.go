package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/creack/pty"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/engine"
)

// The sizes of the apps of the bench "start".
const (
	startedApp = 10
	largeApp   = 100
	idleApp    = 20
)

// echoSource is an app of n components: an input, an output and models that echo between them.
func echoSource(n int) string {
	var b strings.Builder
	b.WriteString("in = input command_line { to: m1 }\nout = output console {}\n")
	for i := 1; i <= n-2; i++ {
		to := "out"
		if i < n-2 {
			to = fmt.Sprintf("m%d", i+1)
		}
		fmt.Fprintf(&b, "m%d = llm echo { to: %s }\n", i, to)
	}
	return b.String()
}

// openStart: what it takes to be there. The time to READY counts from the order to start to the moment in which the last
// component has said that it is ready.
func openStart(ctx context.Context, self bench.Self, dir string) ([]bench.Pair, func() error, error) {
	n := 0
	started := func() (time.Duration, error) {
		n++
		d := filepath.Join(dir, fmt.Sprint("a", n))
		if err := os.Mkdir(d, 0o700); err != nil {
			return 0, err
		}
		b, err := runBenched(ctx, d, echoSource(startedApp))
		if err != nil {
			return 0, err
		}
		return b.took, b.close()
	}
	spawned := func() (time.Duration, error) {
		began := time.Now()
		err := bench.Spawn(ctx, self, startedApp)
		return time.Since(began), err
	}
	pairs := []bench.Pair{{
		Name: fmt.Sprintf("%d components: from the order to all READY", startedApp), Unit: "ms",
		Baseline:  fmt.Sprintf("%d processes of this binary that do nothing, started at once and ended", startedApp),
		OursTimed: started, RawTimed: spawned, Goal: 2, GoalText: "≤ 2 × the empty ones, ≤ 300 ms",
	}}
	if empty, err := buildEmpty(ctx, dir); err == nil {
		pairs = append(pairs, bench.Pair{
			Name: "ww version, whole process", Unit: "ms", Baseline: "an empty Go program, whole process",
			Ours: func() error { return exec.CommandContext(ctx, executable(), "version").Run() },
			Raw:  func() error { return exec.CommandContext(ctx, empty).Run() },
			Goal: 7, GoalText: "≤ 7 × an empty program",
		})
	}
	return pairs, func() error { return nil }, nil
}

func executable() string {
	exe, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return exe
}

// buildEmpty compiles the smallest program there is; without a Go toolchain the row is left out.
func buildEmpty(ctx context.Context, dir string) (string, error) {
	src := filepath.Join(dir, "empty")
	if err := os.Mkdir(src, 0o700); err != nil {
		return "", err
	}
	err := errors.Join(
		os.WriteFile(filepath.Join(src, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o600),
		os.WriteFile(filepath.Join(src, "go.mod"), []byte("module empty\n\ngo 1.26\n"), 0o600),
	)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", "empty", ".")
	cmd.Dir = src
	return filepath.Join(src, "empty"), cmd.Run()
}

// startRows are the figures of being there that have no baseline.
func startRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	mute, err := muteRow(ctx)
	if err != nil {
		return nil, err
	}
	large, err := largeRow(ctx, filepath.Join(dir, "large"))
	if err != nil {
		return nil, err
	}
	d := filepath.Join(dir, "idle")
	if err := os.Mkdir(d, 0o700); err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, d, echoSource(idleApp))
	if err != nil {
		return nil, err
	}
	pss := runnersPSS(b)
	if err := b.close(); err != nil {
		return nil, err
	}
	const goal = 6.0
	worst := 0.0
	sum := 0.0
	for _, v := range pss {
		worst, sum = max(worst, v), sum+v
	}
	ok := len(pss) > 0 && worst <= goal
	return []bench.Row{mute, large, {
		Name: fmt.Sprintf("PSS of a runner, %d idle", len(pss)), Unit: "MiB",
		Value: sum / float64(max(1, len(pss))), P99: worst, Samples: len(pss), Goal: "≤ 6 MiB each (p99 is the largest)", OK: &ok,
	}}, nil
}

// largeRow starts a large app a few times.
func largeRow(ctx context.Context, dir string) (bench.Row, error) {
	var took []time.Duration
	for n := range 3 {
		d := fmt.Sprint(dir, n)
		if err := os.Mkdir(d, 0o700); err != nil {
			return bench.Row{}, err
		}
		b, err := runBenched(ctx, d, echoSource(largeApp))
		if err != nil {
			return bench.Row{}, err
		}
		took = append(took, b.took)
		if err := b.close(); err != nil {
			return bench.Row{}, err
		}
	}
	return bench.Single(fmt.Sprintf("%d components: from the order to all READY", largeApp), took, 1500*time.Millisecond, 0), nil
}

// muteRow runs ww version on a terminal that never answers a question.
func muteRow(ctx context.Context) (bench.Row, error) {
	cmd := exec.CommandContext(ctx, executable(), "version")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	began := time.Now()
	tty, err := pty.Start(cmd)
	if err != nil {
		return bench.Row{}, err
	}
	var said bytes.Buffer
	_, _ = io.Copy(&said, tty) // ends with EIO when the program is gone
	err = cmd.Wait()
	took := float64(time.Since(began).Microseconds()) / 1000
	_ = tty.Close() // nothing was written to it
	ok := err == nil && took <= 200
	return bench.Row{
		Name: "ww version on a terminal that never answers", Unit: "ms", Value: took, P99: took, Samples: 1,
		Goal: "≤ 200 ms", OK: &ok,
	}, err
}

// runnersPSS is the proportional memory of every runner, in MiB; empty where the system does not tell.
func runnersPSS(b *benched) []float64 {
	var out []float64
	rows := engine.Rows(b.engine.Picture(), time.Now())
	for _, r := range engine.Measured(context.Background(), rows) {
		if r.PSS > 0 {
			out = append(out, float64(r.PSS)/(1<<20))
		}
	}
	return out
}

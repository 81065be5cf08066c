package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/turn"
	meter "github.com/woodwork-lang/ww/internal/usage"
)

// The sizes of the bench "logs": so many lines by so many components at once.
const (
	logWriters = 8
	logLines   = 1_000_000
)

// written is what a writer tells of the time that its lines took.
type written struct {
	P50, P999, Max float64 // µs of one write(2)
	TookMS         float64
}

// benchWriterCmd is a component that prints lines: `bench-writer component` by the protocol of custom process,
// `bench-writer raw N` at once, to whatever its stderr is.
func benchWriterCmd(world IO) *cobra.Command {
	return &cobra.Command{
		Use: "bench-writer", Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 && args[0] == "raw" {
				n, err := strconv.Atoi(args[1])
				if err != nil {
					return err
				}
				return writeJSON(world.Out, writeLines(n))
			}
			return serveWriter(world)
		},
	}
}

// serveWriter answers a turn, whose text is a number, after it has printed so many lines.
func serveWriter(world IO) error {
	fmt.Fprintln(world.Out, `{"jsonrpc":"2.0","method":"ready","params":{}}`)
	in := bufio.NewScanner(world.In)
	for in.Scan() {
		var m struct {
			ID     *int   `json:"id"`
			Method string `json:"method"`
			Params struct {
				Data any `json:"data"`
			} `json:"params"`
		}
		if err := json.Unmarshal(in.Bytes(), &m); err != nil || m.ID == nil {
			continue
		}
		var result any = map[string]any{}
		if m.Method == "process" {
			n, _ := strconv.Atoi(fmt.Sprint(m.Params.Data)) // anything else is no line
			text, err := json.Marshal(writeLines(n))
			if err != nil {
				return err
			}
			result = map[string]any{"data": string(text)}
		}
		if err := writeJSON(world.Out, map[string]any{"jsonrpc": "2.0", "id": *m.ID, "result": result}); err != nil {
			return err
		}
	}
	return in.Err()
}

// writeLines prints lines of a hundred bytes, each with one write, as programs without a buffer do.
func writeLines(n int) written {
	pad := strings.Repeat("the quick brown fox jumps over the lazy dog ", 3)[:86]
	took := make([]time.Duration, 0, n)
	began := time.Now()
	line := make([]byte, 0, 128)
	for i := range n {
		line = append(fmt.Appendf(line[:0], "%012d ", i), pad...)
		line = append(line, '\n')
		at := time.Now()
		_, _ = os.Stderr.Write(line) // a lost line is found by who counts them
		took = append(took, time.Since(at))
	}
	all := time.Since(began)
	slices.Sort(took)
	if n == 0 {
		return written{}
	}
	us := func(i int) float64 { return float64(took[min(i, n-1)].Nanoseconds()) / 1000 }
	return written{P50: us(n / 2), P999: us(n * 999 / 1000), Max: us(n - 1), TookMS: float64(all.Microseconds()) / 1000}
}

// writerSource is an app of writers behind one input, which is declared so: a turn has all of them print.
func writerSource(name, input, properties string) string {
	var b strings.Builder
	names := writerNames()
	for _, w := range names {
		fmt.Fprintf(&b, "%s = custom process { command: [%q, \"bench-writer\", \"component\"] }\n", w, executable())
	}
	return b.String() + fmt.Sprintf("%s = input %s { %sto: [%s] }\n", name, input, properties, strings.Join(names, ", "))
}

func writerNames() []string {
	names := make([]string, logWriters)
	for i := range names {
		names[i] = fmt.Sprint("w", i)
	}
	return names
}

func logRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	return floodRows(ctx, dir, logLines)
}

// floodRows has all writers print at once and looks at what became of it.
func floodRows(ctx context.Context, dir string, lines int) ([]bench.Row, error) {
	d := filepath.Join(dir, "logs")
	if err := os.Mkdir(d, 0o700); err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, d, writerSource("in", "command_line", ""))
	if err != nil {
		return nil, err
	}
	before := meter.Own(os.Getpid())
	watch := watchMemory(ctx, os.Getpid())
	ours, took, err := flood(ctx, b, lines/logWriters)
	most := watch()
	logs := b.engine.Logs()
	rows := []bench.Row{}
	if err == nil {
		rows, err = floodFigures(ctx, logs, lines, ours, took, max(before, most), before)
	}
	if err = errors.Join(err, b.close()); err != nil {
		return nil, err
	}
	raw, rawTook, err := rawFlood(ctx, d, lines/logWriters)
	if err != nil {
		return nil, err
	}
	rows[1].Baseline, rows[1].BaselineValue, rows[1].BaselineP99 = "the same writers, each into a pipe that is copied to a file", worst(raw).P50, worst(raw).P999
	rows[2].Baseline, rows[2].BaselineValue = "the same writers into copied pipes", float64(lines)/rawTook.Seconds()
	rows[2].Ratio = rows[2].Value / rows[2].BaselineValue
	return rows, nil
}

// flood has every writer print n lines, all at once.
func flood(ctx context.Context, b *benched, n int) ([]written, time.Duration, error) {
	began := time.Now()
	end, err := b.turns.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: turn.NewSession(), Text: strconv.Itoa(n), To: "in"}, turn.Follow{})
	took := time.Since(began)
	if err != nil {
		return nil, 0, err
	}
	texts := []string{end.Answer}
	for _, o := range end.Outputs {
		texts = append(texts, o.Text)
	}
	var out []written
	for _, text := range texts {
		var w written
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			return nil, 0, fmt.Errorf("a writer answered %q (%s): %w", text, end.Error, err)
		}
		out = append(out, w)
	}
	return out, took, nil
}

// rawFlood is the same without ww: a pipe for each writer, copied into a file.
func rawFlood(ctx context.Context, dir string, n int) ([]written, time.Duration, error) {
	out := make([]written, logWriters)
	errs := make([]error, logWriters)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range logWriters {
		wg.Go(func() { out[i], errs[i] = rawWriter(ctx, filepath.Join(dir, fmt.Sprint("raw", i)), n) })
	}
	wg.Wait()
	return out, time.Since(began), errors.Join(errs...)
}

func rawWriter(ctx context.Context, path string, n int) (w written, err error) {
	f, err := os.Create(path)
	if err != nil {
		return w, err
	}
	defer f.Close()
	cmd := exec.CommandContext(ctx, executable(), "bench-writer", "raw", strconv.Itoa(n))
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return w, err
	}
	copied := make(chan error, 1)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		return w, err
	}
	go func() {
		_, err := io.Copy(f, pipe)
		copied <- err
	}()
	if err := errors.Join(<-copied, cmd.Wait()); err != nil {
		return w, err
	}
	return w, json.Unmarshal([]byte(out.String()), &w)
}

// watchMemory returns the most that a process used of it until it is asked.
func watchMemory(ctx context.Context, pid int) func() int64 {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan int64, 1)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		var most int64
		for {
			select {
			case <-ctx.Done():
				done <- most
				return
			case <-tick.C:
				most = max(most, meter.Own(pid))
			}
		}
	}()
	return func() int64 {
		cancel()
		return <-done
	}
}

func worst(all []written) (w written) {
	for _, o := range all {
		w.P50, w.P999, w.Max, w.TookMS = max(w.P50, o.P50), max(w.P999, o.P999), max(w.Max, o.Max), max(w.TookMS, o.TookMS)
	}
	return w
}

// floodFigures counts what is on disk and measures the search through it.
func floodFigures(ctx context.Context, logs string, lines int, ours []written, took time.Duration, most, before int64) ([]bench.Row, error) {
	kept, disorder := 0, 0
	next := map[string]int{}
	err := logbuf.Each(ctx, logs, logbuf.Query{Stream: streamErr}, func(l logbuf.Line) error {
		head, _, _ := strings.Cut(l.Text, " ")
		n, err := strconv.Atoi(head)
		if err != nil {
			return nil //nolint:nilerr // somebody else's line
		}
		if n != next[l.Component] {
			disorder++
		}
		next[l.Component] = n + 1
		kept++
		return nil
	})
	if err != nil {
		return nil, err
	}
	began, found := time.Now(), 0
	grep := logbuf.Query{Grep: regexp.MustCompile("^0+77777 ")}
	if err := logbuf.Each(ctx, logs, grep, func(logbuf.Line) error { found++; return nil }); err != nil {
		return nil, err
	}
	searched := time.Since(began)
	w := worst(ours)
	yes := func(ok bool) *bool { return &ok }
	perWriter := lines / logWriters * logWriters
	return []bench.Row{
		{
			Name: fmt.Sprintf("%d lines of %d components: lost or out of order", perWriter, logWriters), Unit: "lines",
			Value: float64(perWriter - kept + disorder), Windows: 1, Samples: kept, Goal: "0", OK: yes(kept == perWriter && disorder == 0),
		},
		{
			Name: "write(2) of a line by a component while all write (p99 is p99.9)", Unit: "µs", Value: w.P50, P99: w.P999,
			Windows: 1, Samples: perWriter, Goal: "p99.9 ≤ 100 ms", OK: yes(w.P999 <= 100_000),
		},
		{
			Name: "lines on disk, all components together", Unit: "lines/s", Value: float64(perWriter) / took.Seconds(),
			Windows: 1, Samples: perWriter,
		},
		{
			Name: "PSS of the supervisor at the height of the flood (p99: before it)", Unit: "MiB", Value: float64(most) / (1 << 20),
			P99: float64(before) / (1 << 20), Windows: 1, Samples: 1, Goal: "≤ 40 MiB", OK: yes(most <= 40<<20),
		},
		{
			Name: fmt.Sprintf("a search through these lines, %d found", found), Unit: "ms", Value: float64(searched.Microseconds()) / 1000,
			Windows: 1, Samples: kept,
		},
	}, nil
}

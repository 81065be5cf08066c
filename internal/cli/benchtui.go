package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/turn"
	meter "github.com/woodwork-lang/ww/internal/usage"
)

// The sizes of the bench "tui".
const (
	tuiBursts = 20 // the flood comes in so many, which begin so far apart
	tuiEvery  = 750 * time.Millisecond
	tuiAskers = 50 // each asks a turn that often: a thousand a second
	tuiAsks   = 50 * time.Millisecond
	tuiSettle = 2 * time.Second
	tuiIdle   = 20 * time.Second
	tuiWord   = 10 // letters until the field is emptied
	tuiPause  = 20 * time.Millisecond
	tuiEcho   = 50 * time.Millisecond
	tuiFrame  = 16 * time.Millisecond
	tuiMemory = 40 << 20
	tuiBusy   = 25.0 // % of a core
	tuiAtRest = 1.0
	logsKey   = "\x1b4" // alt+4
)

// tuiRows: what the screen of ww dev is like for a person at a terminal, and what it costs.
func tuiRows(ctx context.Context, _ bench.Self, dir string) ([]bench.Row, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM) // the app in the terminal is ended, too
	defer stop()
	rows, err := floodedScreen(ctx, filepath.Join(dir, "f"))
	if err != nil {
		return nil, err
	}
	logs, err := floodedLogs(ctx, filepath.Join(dir, "l"))
	if err != nil {
		return nil, err
	}
	idle, err := idleScreen(ctx, filepath.Join(dir, "i"))
	return slices.Concat(rows, logs, idle), err
}

// floodedScreen: keys are pressed while components print a million lines and another client asks a thousand turns a second.
func floodedScreen(ctx context.Context, dir string) ([]bench.Row, error) {
	s, err := flooded(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	return s.rows(), nil
}

// floodedLogs: the same while the lines are what is looked at.
func floodedLogs(ctx context.Context, dir string) ([]bench.Row, error) {
	s, err := flooded(ctx, dir, logsKey)
	if err != nil {
		return nil, err
	}
	return s.cost("logs under 1000000 log lines: "), nil
}

// flooded opens a screen, presses a key on it that says what is looked at, and lets it suffer.
func flooded(ctx context.Context, dir, show string) (s suffered, err error) {
	g, err := openGlass(ctx, dir, chainSource+writerSource("flood", "api", "port: 0, "))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	a, err := app.Identify(filepath.Join(dir, app.DefaultFile), app.DefaultInstance, os.LookupEnv)
	if err != nil {
		return s, err
	}
	var b benched
	if err := b.sit(ctx, a); err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, b.seat.Close()) }()
	if _, err := g.tty.WriteString(show); err != nil {
		return s, err
	}
	if s, err = g.suffer(ctx, &b, show == ""); err != nil {
		return s, err
	}
	if s.frames, err = frames(dir); err != nil {
		return s, err
	}
	s.kept, err = keptLines(ctx, filepath.Join(a.State, app.LogsDir))
	return s, err
}

// suffered is what was seen of a screen during a flood.
type suffered struct {
	echoes      []time.Duration
	frames      []time.Duration // took so long to build, the shortest first
	spent, took time.Duration
	memory      int64
	turns       int64
	kept        int
}

// suffer waits until the flood is over, and types meanwhile when it shall.
func (g *glass) suffer(ctx context.Context, b *benched, typing bool) (s suffered, err error) {
	pid := g.cmd.Process.Pid
	flooding, over := context.WithCancel(ctx)
	defer over()
	var all sync.WaitGroup
	var asked, burst error
	all.Go(func() { s.turns, asked = b.stream(flooding) })
	watch := watchMemory(ctx, pid)
	spent, began := meter.SpentAlone(pid), time.Now()
	all.Go(func() {
		defer over()
		burst = b.bursts(ctx)
	})
	if typing {
		s.echoes, err = g.types(flooding)
	}
	<-flooding.Done()
	s.took, s.spent = time.Since(began), meter.SpentAlone(pid)-spent
	s.memory = watch()
	over()
	all.Wait()
	return s, errors.Join(err, asked, burst)
}

// types writes letters, one after the other, until the end of the context, and says how long each took to be seen.
func (g *glass) types(ctx context.Context) ([]time.Duration, error) {
	var all []time.Duration
	for i := 0; ctx.Err() == nil; i++ {
		keys, text := typed(i)
		took, err := g.echo(ctx, keys, text)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return all, err
		}
		all = append(all, took)
		pause := tuiPause + time.Duration(i%17)*time.Millisecond // never in step with the frames
		if rest(ctx, pause) != nil {
			break
		}
	}
	return all, nil //nolint:nilerr // the end of the context is the end of the typing
}

// typed is what is pressed as the i-th letter, and what the text field holds then: words of ten letters, of which the first
// empties the field.
func typed(i int) (keys, text string) {
	letter := i % tuiWord
	text = "abcdefghijklmnopqrstuvwxyz"[:letter+1]
	keys = text[letter:]
	if letter == 0 {
		keys = "\x15" + keys
	}
	return keys, text
}

// bursts have the writers print a million lines together.
func (b *benched) bursts(ctx context.Context) error {
	session := turn.NewSession()
	each := strconv.Itoa(logLines / logWriters / tuiBursts)
	for range tuiBursts {
		next := time.Now().Add(tuiEvery)
		if err := b.well(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: each, To: "flood"}); err != nil {
			return err
		}
		if err := rest(ctx, time.Until(next)); err != nil {
			return err
		}
	}
	return nil
}

// stream asks a thousand turns a second, or as many as are answered, until the end of the context.
func (b *benched) stream(ctx context.Context) (int64, error) {
	var all sync.WaitGroup
	var n atomic.Int64
	errs := make([]error, tuiAskers)
	for i := range tuiAskers {
		session := turn.NewSession()
		all.Go(func() {
			tick := time.NewTicker(tuiAsks)
			defer tick.Stop()
			for ctx.Err() == nil && errs[i] == nil {
				err := b.well(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: "hello", To: "in"})
				if err == nil {
					n.Add(1)
				} else if ctx.Err() == nil {
					errs[i] = err
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	all.Wait()
	return n.Load(), errors.Join(errs...)
}

// well asks a turn that must end well.
func (b *benched) well(ctx context.Context, t turn.Turn) error {
	end, err := b.turns.Ask(ctx, t, turn.Follow{})
	if err == nil && end.Status != event.StatusOK {
		err = fmt.Errorf("a turn ended %s: %s", end.Status, end.Error)
	}
	return err
}

// keptLines counts the lines of the writers on disk.
func keptLines(ctx context.Context, logs string) (n int, err error) {
	err = logbuf.Each(ctx, logs, logbuf.Query{Components: writerNames(), Stream: streamErr}, func(l logbuf.Line) error {
		head, _, _ := strings.Cut(l.Text, " ")
		if _, err := strconv.Atoi(head); err == nil {
			n++
		}
		return nil
	})
	return n, err
}

func (s suffered) rows() []bench.Row {
	echoes := slices.Sorted(slices.Values(s.echoes))
	p99 := quantile(echoes, 0.99)
	quick, whole := len(echoes) > 0 && p99 < tuiEcho, s.kept == logLines
	rate := float64(s.turns) / s.took.Seconds()
	const what = "screen under 1000000 log lines: "
	return append(s.cost(what), []bench.Row{
		{
			Name: what + "a key → the frame that shows it", Unit: "ms", Value: millis(quantile(echoes, 0.5)), P99: millis(p99),
			Windows: 1, Samples: len(echoes), Goal: "p99 < 50 ms", OK: &quick,
		},
		{Name: what + "turns of another client meanwhile", Unit: "/s", Value: rate, P99: rate, Windows: 1, Samples: int(s.turns)},
		{Name: what + "lost on disk", Unit: "lines", Value: float64(logLines - s.kept), Windows: 1, Samples: s.kept, Goal: "0", OK: &whole},
	}...)
}

// cost is what the process of the screen, which is also that of the supervisor, took of the machine.
func (s suffered) cost(what string) []bench.Row {
	memory, busy := float64(s.memory)/(1<<20), 100*float64(s.spent)/float64(s.took)
	small, light := s.memory <= tuiMemory, busy <= tuiBusy
	build := quantile(s.frames, 0.99)
	smooth := len(s.frames) > 0 && build < tuiFrame
	return []bench.Row{
		{Name: what + "PSS of ww dev at the height", Unit: "MiB", Value: memory, P99: memory, Windows: 1, Samples: 1, Goal: "≤ 40 MiB", OK: &small},
		{Name: what + "ww dev, " + s.took.Round(time.Second).String(), Unit: "% of a core", Value: busy, P99: busy, Windows: 1, Samples: 1, Goal: "≤ 25 %", OK: &light},
		{
			Name: what + "building a frame", Unit: "ms", Value: millis(quantile(s.frames, 0.5)), P99: millis(build),
			Windows: 1, Samples: len(s.frames), Goal: "p99 < 16 ms", OK: &smooth,
		},
	}
}

// idleScreen: what an app costs that nobody uses, with its screen on.
func idleScreen(ctx context.Context, dir string) (rows []bench.Row, err error) {
	g, err := openGlass(ctx, dir, echoSource(idleApp))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := rest(ctx, tuiSettle); err != nil {
		return nil, err
	}
	pid := g.cmd.Process.Pid
	all, alone, began := meter.Spent(pid), meter.SpentAlone(pid), time.Now()
	if err := rest(ctx, tuiIdle); err != nil {
		return nil, err
	}
	all, alone = meter.Spent(pid)-all, meter.SpentAlone(pid)-alone
	took := time.Since(began)
	share := func(d time.Duration) float64 { return 100 * float64(d) / float64(took) }
	ok := all > 0 && share(all) <= tuiAtRest
	what := fmt.Sprintf("screen of %d idle components, %s: ", idleApp, took.Round(time.Second))
	return []bench.Row{
		{Name: what + "ww dev and all components", Unit: "% of a core", Value: share(all), P99: share(all), Windows: 1, Samples: 1, Goal: "≤ 1 %", OK: &ok},
		{Name: what + "ww dev alone", Unit: "% of a core", Value: share(alone), P99: share(alone), Windows: 1, Samples: 1},
	}, nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

// chainSource is the app of the bench "chain".
const chainSource = `in = input command_line { to: model }
model = llm echo { to: out }
out = output console {}
`

// chainWindow is long enough for a p99.9.
const chainWindow = 1500 * time.Millisecond

// chainBody is the text of a benched turn.
const chainBody = 1 << 10

// benchAreas are what ww bench measures.
func benchAreas() []bench.Area {
	return append(bench.Areas(),
		bench.Area{Name: "chain", With: "bus", Open: openChain},
		bench.Area{Name: "throughput", With: "chain", Rows: throughputRows},
		bench.Area{Name: "deaths", With: "registry", Open: openDeaths},
		bench.Area{Name: "growth", With: "registry", Rows: growthRows},
		bench.Area{Name: "start", With: "registry", Open: openStart, Rows: startRows},
		bench.Area{Name: "reload", Rows: reloadRows},
		bench.Area{Name: "death", Rows: deathRows},
		bench.Area{Name: "idle", Rows: idleRows},
		bench.Area{Name: "logs", Rows: logRows},
		bench.Area{Name: "tui", Rows: tuiRows},
		bench.Area{Name: "modes", Open: openModes},
		bench.Area{Name: "script", Rows: scriptRows},
	)
}

// benched is an app that runs in this process and its children.
type benched struct {
	engine *engine.Engine
	seat   *localbus.Peer
	turns  *turn.Client
	took   time.Duration // from the order to READY
	cancel context.CancelFunc
	ended  chan error
}

// runBenched runs a source in dir until close; it returns when every component is ready.
func runBenched(ctx context.Context, dir, source string) (*benched, error) {
	file := filepath.Join(dir, "main.ww")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		return nil, err
	}
	p, problems := project.Load(file, os.LookupEnv)
	if problems.HasErrors() {
		return nil, problems.Err()
	}
	a, err := app.Identify(file, app.DefaultInstance, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open(ctx, engine.Options{Project: p, App: a, Env: os.LookupEnv, Environ: os.Environ()})
	if err != nil {
		return nil, err
	}
	b := &benched{engine: e, ended: make(chan error, 1)}
	run, cancel := context.WithCancel(ctx)
	b.cancel = cancel
	_, events := e.Subscribe(run)
	began := time.Now()
	go func() {
		_, err := e.Run(run)
		b.ended <- err
	}()
	for !e.Picture().Ready {
		select {
		case <-events:
		case err := <-b.ended:
			cancel()
			return nil, errors.Join(errors.New("the app ended before it was ready"), err)
		}
	}
	b.took = time.Since(began)
	go func() { // the picture is not looked at any more
		for range events { //nolint:revive // drained
		}
	}()
	return b, b.sit(ctx, a)
}

// sit takes a seat of its own, as a face in another process has it.
func (b *benched) sit(ctx context.Context, a app.App) error {
	a, err := a.Open(os.LookupEnv)
	if err != nil {
		return err
	}
	dir, err := a.RunDir()
	if err != nil {
		return err
	}
	b.seat, err = localbus.Join(ctx, localbus.Options{Dir: dir, App: a.ID, Component: "bench", Role: localbus.RoleClient})
	if err != nil {
		return err
	}
	b.turns = &turn.Client{Bus: b.seat}
	return nil
}

func (b *benched) close() error {
	err := b.seat.Close()
	b.cancel()
	return errors.Join(err, <-b.ended)
}

// ask is one turn, to its END.
func (b *benched) ask(ctx context.Context, session, text string) error {
	return b.askAt(ctx, "in", session, text)
}

func (b *benched) askAt(ctx context.Context, input, session, text string) error {
	end, err := b.turns.Ask(ctx, turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: "in"}, turn.Follow{})
	if err == nil && end.Status != event.StatusOK {
		err = fmt.Errorf("a turn ended %s: %s", end.Status, end.Error)
	}
	return err
}

// openChain: a whole turn, journals, acknowledgements and END included, beside a raw ring of as many processes that
// passes the same bytes.
func openChain(ctx context.Context, self bench.Self, dir string) ([]bench.Pair, func() error, error) {
	once, closeRing, err := bench.RawRing(ctx, self, dir, 3, chainBody+256)
	if err != nil {
		return nil, nil, err
	}
	b, err := runBenched(ctx, dir, chainSource)
	if err != nil {
		return nil, nil, errors.Join(err, closeRing())
	}
	session, text := turn.NewSession(), strings.Repeat("x", chainBody)
	pair := bench.Pair{
		Name:     "turn through input → echo → output, 1 KiB, journaled, acknowledged, ended",
		Baseline: "raw ring client → 1 → 2 → 3 → client of the same bytes",
		Ours:     func() error { return b.ask(ctx, session, text) },
		Raw:      once, Goal: 4, GoalText: "p50 ≤ 4 × raw", Window: chainWindow,
		Tails: []bench.Tail{
			{Q: 0.99, Name: ": p99", Goal: 4, GoalText: "≤ 4 × raw"},
			{Q: 0.999, Name: ": p99.9", Goal: 6, GoalText: "≤ 6 × raw"},
			{Q: 0.99, Name: ": p99, absolutely", Limit: time.Millisecond, RawLimit: 300 * time.Microsecond, GoalText: "≤ 1 ms, where the ring's p99.9 ≤ 0.3 ms"},
		},
	}
	return []bench.Pair{pair}, func() error { return errors.Join(b.close(), closeRing()) }, nil
}

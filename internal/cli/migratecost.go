package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/woodwork-lang/ww/internal/turn"
)

// hopCost is what a hop costs in each mode, in microseconds, the median.
type hopCost struct {
	Distributed float64 `json:"distributed"`
	Centralized float64 `json:"centralized"`
}

// hopTurns is how many turns the cost of a hop is measured with.
const hopTurns = 60

// measureHops runs an echo chain of two hops in both modes.
func measureHops(ctx context.Context) (*hopCost, error) {
	var cost hopCost
	for _, m := range []struct {
		head string
		to   *float64
	}{{"", &cost.Distributed}, {"orchestration_mode = \"centralized\"\n", &cost.Centralized}} {
		dir, err := os.MkdirTemp("", "ww-hop-")
		if err != nil {
			return nil, err
		}
		*m.to, err = hopIn(ctx, dir, m.head+chainSource)
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			return nil, err
		}
	}
	return &cost, nil
}

func hopIn(ctx context.Context, dir, source string) (float64, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return 0, err
	}
	b, err := runBenched(ctx, dir, source)
	if err != nil {
		return 0, err
	}
	s := turn.NewSession()
	var took []time.Duration
	for i := range hopTurns {
		began := time.Now()
		if err := b.ask(ctx, s, "hello"); err != nil {
			return 0, errors.Join(err, b.close())
		}
		if i >= hopTurns/3 { // after the warm-up
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Nanoseconds()) / 1000 / 2, b.close()
}

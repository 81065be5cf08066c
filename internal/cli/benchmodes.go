package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/turn"
)

// openModes: the same turn through the same chain, centralized beside distributed.
func openModes(ctx context.Context, _ bench.Self, dir string) ([]bench.Pair, func() error, error) {
	var apps [2]*benched
	for i, head := range []string{"orchestration_mode = \"centralized\"\n", ""} {
		sub := filepath.Join(dir, []string{"centralized", "distributed"}[i])
		if err := os.Mkdir(sub, 0o700); err != nil {
			return nil, nil, err
		}
		b, err := runBenched(ctx, sub, head+chainSource)
		if err != nil {
			if apps[0] != nil {
				err = errors.Join(err, apps[0].close())
			}
			return nil, nil, err
		}
		apps[i] = b
	}
	s, text := turn.NewSession(), strings.Repeat("x", chainBody)
	pair := bench.Pair{
		Name:     "turn of three hops, two of them by way of the task master",
		Baseline: "the same turn, distributed",
		Ours:     func() error { return apps[0].ask(ctx, s, text) },
		Raw:      func() error { return apps[1].ask(ctx, s, text) },
		Window:   chainWindow,
		Tails:    []bench.Tail{{Q: 0.99, Name: ": p99"}},
	}
	return []bench.Pair{pair}, func() error { return errors.Join(apps[0].close(), apps[1].close()) }, nil
}

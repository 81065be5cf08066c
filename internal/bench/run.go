package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Area is a part of the bench: Open starts what it measures, in an empty directory with a short path.
type Area struct {
	Name string
	With string // the area that this one is a part of: it runs with that one, too. Parts have no parts
	Open func(ctx context.Context, self Self, dir string) (pairs []Pair, done func() error, err error)
	Rows func(ctx context.Context, self Self, dir string) ([]Row, error) // figures that are no pairs; may be nil
}

// Areas are the areas that this package knows. Callers append those that need packages above it.
func Areas() []Area {
	return []Area{
		{Name: "bus", Open: openBus},
		{Name: "journal", Open: openJournal},
		{Name: "registry", Open: openRegistry},
		{Name: "breaker", Open: openBreaker, Rows: breakerRows},
	}
}

// Run measures an area, or all of them when area is empty.
func Run(ctx context.Context, areas []Area, area string, self Self) (Report, error) {
	if area != "" {
		wanted := slices.DeleteFunc(slices.Clone(areas), func(a Area) bool { return a.Name != area && a.With != area })
		if len(wanted) == 0 {
			return Report{}, unknownArea(area, areas)
		}
		areas = wanted
	}
	machine := watchMachine()
	var r Report
	for _, a := range areas {
		rows, err := a.run(ctx, self)
		if err != nil {
			return Report{}, fmt.Errorf("bench %s: %w", a.Name, err)
		}
		r.Rows = append(r.Rows, rows...)
	}
	r.Machine = machine()
	return r, nil
}

func unknownArea(area string, areas []Area) error {
	names := make([]string, len(areas))
	for i, a := range areas {
		names[i] = a.Name
	}
	return fmt.Errorf("no bench %q; there is %s", area, strings.Join(names, ", "))
}

func (a Area) run(ctx context.Context, self Self) (rows []Row, err error) {
	dir, err := os.MkdirTemp("", "wb") // short: socket paths are limited
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if a.Rows != nil {
		rows, err = a.Rows(ctx, self, dir)
	}
	if err != nil || a.Open == nil {
		return rows, err
	}
	pairs, done, err := a.Open(ctx, self, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	for _, p := range pairs {
		more, err := Compare(ctx, p, Windows, Window)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

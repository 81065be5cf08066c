package project_test

import (
	"testing"

	"github.com/woodwork-lang/ww/internal/project"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for in, want := range map[any]int64{
		"512MB": 512 << 20, "512 MiB": 512 << 20, "1.5g": 3 << 29, "64k": 64 << 10, "100": 100, int64(7): 7, 8.0: 8, "2TB": 2 << 40, "9B": 9,
	} {
		if got, ok := project.Bytes(in); got != want || !ok {
			t.Errorf("%v is %d, %v; want %d", in, got, ok, want)
		}
	}
	for _, in := range []any{"", "much", "MB", "-1", int64(0), "0", "1XB", "1e30GB", nil, true} {
		if got, ok := project.Bytes(in); ok {
			t.Errorf("%v is %d", in, got)
		}
	}
}

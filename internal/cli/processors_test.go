package cli

import (
	"runtime"
	"testing"
)

// Not parallel to others: it changes what the whole process has.
func TestARunnerHasOneMoreProcessorUnlessItIsToldHowMany(t *testing.T) {
	had := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(had)
	tests := []struct {
		name      string
		said      string
		has, want int
	}{
		{"two", "", 2, 3},
		{"one: it cannot wait in the kernel", "", 1, 1},
		{"two, by the environment", "2", 2, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GOMAXPROCS", tt.said)
			runtime.GOMAXPROCS(tt.has)
			oneMoreProcessor()
			if got := runtime.GOMAXPROCS(0); got != tt.want {
				t.Errorf("%d processors, want %d", got, tt.want)
			}
		})
	}
}

//go:build !soak && !race

package delivery_test

// schedules is how many schedules the simulator runs.
const schedules = 10_000

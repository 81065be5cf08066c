//go:build race && !soak

package delivery_test

// schedules is how many schedules the simulator runs; the race detector makes each of them ten times as long.
const schedules = 1_000

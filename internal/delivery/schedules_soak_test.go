//go:build soak

package delivery_test

// schedules is how many schedules the simulator runs.
const schedules = 100_000

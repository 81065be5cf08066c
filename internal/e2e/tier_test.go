//go:build !soak

package e2e

// reloads is how often the app is reloaded under load.
const reloads = 40

// everySubset: only single components of the larger examples are centralized.
const everySubset = false

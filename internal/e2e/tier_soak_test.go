//go:build soak

package e2e

// reloads is how often the app is reloaded under load.
const reloads = 1000

// everySubset: every subset of the components of every example is centralized.
const everySubset = true

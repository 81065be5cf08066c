//go:build !soak

package logbuf

// floodBlocks is how many megabytes of noise a log takes in the tests.
const floodBlocks = 24

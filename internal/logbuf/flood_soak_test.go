//go:build soak

package logbuf

// floodBlocks is a gigabyte.
const floodBlocks = 1024

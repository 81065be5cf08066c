//go:build !linux

package localbus

// containerID: no container runs here natively.
func containerID() string { return "" }

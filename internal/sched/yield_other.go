//go:build !linux

package sched

import "runtime"

// Yield lets other goroutines run: here nothing is known of a system call that does more.
func Yield() { runtime.Gosched() }

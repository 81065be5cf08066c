//go:build !linux

package supervisor

import "context"

// waitHandle waits for the end of one process, ours or not.
type waitHandle struct{ pid int }

func newWaiter(pid, _ int) *waitHandle { return &waitHandle{pid: pid} }

func openWaiter(pid int) *waitHandle { return &waitHandle{pid: pid} }

func (w *waitHandle) close() {}

func (w *waitHandle) dead(ctx context.Context) error { return pollDead(ctx, w.pid) }

package supervisor

import (
	"context"
	"time"
)

// pollPause is how often a process is looked at where the kernel cannot tell of its end.
const pollPause = 20 * time.Millisecond

// pollDead returns when the process that runs under pid now is a zombie or gone.
func pollDead(ctx context.Context, pid int) error {
	began, err := PidStart(pid)
	if err != nil {
		return nil //nolint:nilerr // it is gone: that is what was asked
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollPause):
		}
		if now, err := PidStart(pid); err != nil || now != began {
			return nil //nolint:nilerr // it is gone: that is what was asked
		}
	}
}

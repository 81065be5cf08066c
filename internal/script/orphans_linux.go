package script

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// sweepOrphans is a runner's part when its guard was killed: it kills and reaps everything that fell to it. It takes all
// that is below this process for an orphan, but for keep and what is below those.
func sweepOrphans(keep func() []int) (left []int) {
	begin := time.Now()
	for pause := time.Millisecond; time.Since(begin) < sweepLimit; pause = min(2*pause, 50*time.Millisecond) {
		find := func(all []process) []process { return descendants(os.Getpid(), all, keep()) }
		left = killTree(find)
		fallen := find(processes())
		for _, p := range fallen {
			if p.parent == os.Getpid() {
				unix.Wait4(p.pid, nil, unix.WNOHANG, nil) //nolint:errcheck // still dying: the next round
			}
		}
		if len(fallen) == 0 {
			return nil
		}
		<-time.After(pause) // a kill takes its time, and nothing tells of the end of what is not our child
	}
	return left
}

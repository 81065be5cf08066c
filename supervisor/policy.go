package supervisor

import "time"

const (
	exitConfig        = 78  // EX_CONFIG of sysexits
	exitNotExecutable = 126 // what a shell answers
	exitNotFound      = 127
	exitTerminated    = 128 + int(SIGTERM) // what a process answers that caught SIGTERM and ended because of it
)

// death is what is known when a leader has ended and nobody asked for it.
type death struct {
	exit    Exit
	spawn   error         // it did not even start
	blame   string        // why we killed it ourselves; empty when we did not
	served  time.Duration // how long it had been READY
	crashes int           // counted before this one
}

// verdict is what to do about it.
type verdict struct {
	trigger trigger // crash or giveUp
	delay   time.Duration
	crashes int
	reason  string
}

// judge is the whole restart policy. p is filled in.
func (p Policy) judge(d death) verdict {
	crashes := d.crashes
	if d.served >= p.Healthy {
		crashes = 0
	}
	if fix := hopeless(d); fix != "" {
		return verdict{trigger: giveUp, crashes: crashes, reason: fix}
	}
	if p.Never {
		return verdict{trigger: giveUp, crashes: crashes + 1, reason: notAgain(deathReason(d))}
	}
	if outside(d) {
		return verdict{trigger: crash, delay: p.KilledDelay, crashes: crashes, reason: killedOutside(d.exit)}
	}
	crashes++
	reason := deathReason(d)
	if crashes > len(p.Delays) && !p.Always {
		return verdict{trigger: giveUp, crashes: crashes, reason: quarantined(reason, crashes, p.Healthy)}
	}
	return verdict{trigger: crash, delay: p.Delays[min(crashes, len(p.Delays))-1], crashes: crashes, reason: reason}
}

// outside reports a kill by somebody who is neither the kernel nor us.
func outside(d death) bool {
	if d.spawn != nil || d.blame != "" || d.exit.OOM || d.exit.Unknown {
		return false
	}
	return d.exit.Signal == SIGKILL || d.exit.Signal == SIGTERM || d.exit.Code == exitTerminated
}

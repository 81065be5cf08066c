package kit

import (
	"fmt"
	"time"
)

// Age is a duration in at most three columns: 0s to 99s, then 2m, 3h, 4d. A negative age is none at all: two
// clocks were read.
func Age(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 100*time.Second:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 100*time.Minute:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", min(int(d.Hours()/24), 99))
}

// Uptime is a longer duration with two units: 12s, 3m12s, 2h05m, 3d04h.
func Uptime(d time.Duration) string {
	s := int(max(d, 0).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}

// Took is how long something lasted, with at most one decimal: 820 ms, 1.9 s, 3m12s.
func Took(d time.Duration) string {
	switch d = max(d, 0); {
	case d == 0:
		return "0 ms"
	case d < 100*time.Microsecond:
		return "<0.1 ms"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return Uptime(d)
}

package breaker

import "time"

// Settings say when a breaker opens and closes. A zero field means its default.
type Settings struct {
	Name             string        // of the route, in errors and on screens
	FailureThreshold int           // failures in a row that open it; 5
	SuccessThreshold int           // probes in a row that close it; 3
	RecoveryTimeout  time.Duration // how long it is open; 60 s
	Lease            time.Duration // how long a probe may take at most; 30 s
	Timeout          time.Duration // how long a call of Do may be silent; 30 s, negative: for ever
	Rate             Rate

	// Classify judges the error of a call of Do; nil means [Classify].
	Classify func(error) (r Result, retryAfter time.Duration)
	// OnChange hears of every change of state, in order, with no lock held.
	OnChange func(Change)
	// Now is a monotonic clock; nil means that of the process.
	Now func() time.Duration
}

// Rate is the share of failures that opens a breaker, and over what it is taken.
type Rate struct {
	Share    float64       // 0.5; above 1: never
	Calls    int           // the last so many calls count; 20
	MinCalls int           // with fewer there is no rate; 5
	MaxAge   time.Duration // older ones do not count; 120 s
}

func (s Settings) withDefaults() Settings {
	orInt(&s.FailureThreshold, 5)
	orInt(&s.SuccessThreshold, 3)
	orTime(&s.RecoveryTimeout, time.Minute)
	orTime(&s.Lease, 30*time.Second)
	orTime(&s.Rate.MaxAge, 2*time.Minute)
	orInt(&s.Rate.Calls, 20)
	orInt(&s.Rate.MinCalls, 5)
	if s.Rate.Share <= 0 {
		s.Rate.Share = 0.5
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Now == nil {
		start := time.Now()
		s.Now = func() time.Duration { return time.Since(start) }
	}
	return s
}

func orInt(p *int, def int) {
	if *p <= 0 {
		*p = def
	}
}

func orTime(p *time.Duration, def time.Duration) {
	if *p <= 0 {
		*p = def
	}
}

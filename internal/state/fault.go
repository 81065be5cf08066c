package state

import (
	"fmt"
	"time"
)

// Fault is a practice fault that is on.
type Fault struct {
	Do        string        `json:"do"` // hang, slow, drop
	Component string        `json:"component"`
	From      string        `json:"from,omitempty"` // only what this component sends to it
	By        time.Duration `json:"by_ns,omitempty"`
	Until     time.Time     `json:"until"`
}

// String is the fault in a few words: "slow in → brain by 2s".
func (f Fault) String() string {
	s := f.Do + " "
	if f.From != "" {
		s += f.From + " → "
	}
	s += f.Component
	if f.By > 0 {
		s += " by " + f.By.String()
	}
	return s
}

// Left is how long it will last, in whole seconds.
func (f Fault) Left(now time.Time) string {
	return fmt.Sprintf("%d s left", max(0, int((f.Until.Sub(now)+time.Second-1)/time.Second)))
}

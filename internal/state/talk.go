package state

import "time"

// Talk is a session that there is, in a few words.
type Talk struct {
	ID   string
	Last string // what was asked last
	Used time.Time
	// Turns is how many there are; Open, how many of them have no end.
	Turns, Open int
}
